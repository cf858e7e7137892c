import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import net from 'node:net'
import type { Duplex } from 'node:stream'
import type { Deliveries } from './deliveries.ts'
import { FrameReader, isText, textFrame } from './frames.ts'

interface Envelope {
  type?: string
  envelope_id?: string
  payload?: Record<string, unknown>
}

/** The bot's Socket Mode connections, passed on to local-slack frame by frame: read along, and with frames of our own between. */
export class Sockets {
  readonly #socketPath: () => string
  readonly #deliveries: Deliveries
  readonly #open = new Set<Duplex>()

  constructor(socketPath: () => string, deliveries: Deliveries) {
    this.#socketPath = socketPath
    this.#deliveries = deliveries
  }

  get count(): number {
    return this.#open.size
  }

  accept(request: IncomingMessage, bot: Duplex, head: Buffer): void {
    const slack = net.connect(this.#socketPath())
    const headers = Object.entries(request.headers)
      .filter(([name]) => name !== 'sec-websocket-extensions')
      .map(([name, value]) => `${name}: ${value}\r\n`)
    slack.write(`GET ${request.url} HTTP/1.1\r\n${headers.join('')}\r\n`)
    slack.write(head)
    this.#fromSlack(slack, bot)
    this.#fromBot(bot, slack)
    for (const [one, other] of [
      [slack, bot],
      [bot, slack],
    ] as const) {
      one.on('error', () => other.destroy())
      // Whoever is killed says no more than that there is nothing more to come.
      one.on('end', () => one.destroy())
      one.on('close', () => {
        this.#open.delete(bot)
        other.destroy()
      })
    }
  }

  #fromSlack(slack: net.Socket, bot: Duplex): void {
    const frames = new FrameReader()
    let opening: Buffer | undefined = Buffer.alloc(0)
    slack.on('data', (bytes: Buffer) => {
      let rest = bytes
      if (opening) {
        opening = Buffer.concat([opening, bytes])
        const end = opening.indexOf('\r\n\r\n')
        if (end < 0) return
        bot.write(opening.subarray(0, end + 4))
        this.#open.add(bot)
        rest = opening.subarray(end + 4)
        opening = undefined
      }
      for (const frame of frames.push(rest)) {
        if (isText(frame)) this.#sent(JSON.parse(frame.payload.toString()) as Envelope)
        bot.write(frame.raw)
      }
    })
  }

  #fromBot(bot: Duplex, slack: net.Socket): void {
    const frames = new FrameReader()
    bot.on('data', (bytes: Buffer) => {
      for (const frame of frames.push(bytes)) {
        if (isText(frame)) {
          const { envelope_id, payload } = JSON.parse(frame.payload.toString()) as Envelope
          this.#deliveries.acknowledged(envelope_id, payload)
        }
      }
      slack.write(bytes)
    })
  }

  #sent({ type, envelope_id, payload }: Envelope): void {
    if (type && envelope_id && payload) this.#deliveries.sent(type, payload, envelope_id)
  }

  /** Brings a payload, once more when it is not the first attempt, in an envelope with a new id, as Slack does. */
  bring(kind: string, payload: object, attempt = 0): void {
    const envelope_id = randomUUID()
    this.#deliveries.sent(kind, payload as Record<string, unknown>, envelope_id)
    const retry = attempt > 0 ? { retry_attempt: attempt, retry_reason: 'timeout' } : {}
    this.#write({ envelope_id, type: kind, payload, accepts_response_payload: kind !== 'events_api', ...retry })
  }

  /** What Slack says before it closes a connection to renew it. */
  sayDisconnect(): void {
    this.#write({ type: 'disconnect', reason: 'refresh_requested' })
  }

  cut(): void {
    for (const socket of this.#open) socket.destroy()
  }

  #write(message: object): void {
    const [socket] = this.#open
    if (!socket) throw new Error('The bot has no connection')
    socket.write(textFrame(JSON.stringify(message)))
  }
}
