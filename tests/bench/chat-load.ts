import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TelegramStub } from './chat-stub.ts'

export const CHATS = 50
const FIRST_CHAT = 1_000
const DRAIN_MAX_MS = 60_000

/** Where updates are posted. */
export interface Edge {
  url: string
  headers: Record<string, string>
}

let updates = 0

/** People who send commands at a given rate, whether the ones before were answered or not. */
export class Crowd {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 100 })
  readonly #stub: TelegramStub
  readonly #edge: Edge
  /** When what waits for its answer was due, by chat; answers of one chat come in their order. */
  readonly #due = new Map<number, number[]>()
  #waits = new Map<number, number[]>()

  constructor(stub: TelegramStub, edge: Edge) {
    this.#stub = stub
    this.#edge = edge
    stub.onMessage = (chatId) => {
      const dueMs = this.#due.get(chatId)?.shift()
      if (dueMs === undefined) return
      const waits = this.#waits.get(chatId) ?? []
      waits.push(performance.now() - dueMs)
      this.#waits.set(chatId, waits)
    }
  }

  /** From when each should have been sent to when its answer went out, of the chats but one. */
  async lap(command: string, perSecond: number, seconds: number, without?: number): Promise<number[]> {
    this.#waits = new Map()
    const startMs = performance.now()
    const posted: Promise<void>[] = []
    for (let sent = 0; performance.now() - startMs < seconds * 1_000; await sleep(1)) {
      const due = Math.floor(((performance.now() - startMs) / 1_000) * perSecond)
      for (; sent < due; sent++)
        posted.push(this.say(chatAt(sent), command, startMs + ((sent + 1) * 1_000) / perSecond))
    }
    await Promise.all(posted)
    this.#stub.limited = undefined
    await this.drain()
    return [...this.#waits].flatMap(([chatId, waits]) => (chatId === without ? [] : waits))
  }

  /** Everybody says this once. */
  async all(command: string): Promise<void> {
    for (let at = 0; at < CHATS; at++) await this.say(chatAt(at), command, performance.now())
    await this.drain()
  }

  async say(chatId: number, command: string, dueMs: number): Promise<void> {
    const waiting = this.#due.get(chatId) ?? []
    waiting.push(dueMs)
    this.#due.set(chatId, waiting)
    const body = JSON.stringify(updateOf(chatId, command))
    // A connection that was idle may be closed in the very moment in which it is used again; Telegram, too, comes again then.
    let status = await this.#post(body).catch(() => this.#post(body))
    // Who has only just started does not know yet who it is; Telegram comes again.
    for (let again = 0; status === 503 && again < 100; again++) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      status = await this.#post(body)
    }
    if (status !== 200) throw new Error(`An update was answered with ${status}`)
  }

  /** By the plainest client there is: whoever asks should cost little beside whoever answers. */
  #post(body: string): Promise<number> {
    const { url, headers } = this.#edge
    const sent = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers }
    return new Promise((resolve, reject) => {
      const asked = request(url, { method: 'POST', agent: this.#agent, headers: sent }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0))
      })
      asked.once('error', reject).end(body)
    })
  }

  async drain(): Promise<void> {
    const untilMs = performance.now() + DRAIN_MAX_MS
    while ([...this.#due.values()].some((waiting) => waiting.length > 0)) {
      if (performance.now() > untilMs) throw new Error('Not everything was answered')
      await sleep(5)
    }
  }
}

export const chatAt = (index: number): number => FIRST_CHAT + (index % CHATS)

function updateOf(chatId: number, command: string): object {
  const from = { id: chatId, is_bot: false, first_name: `Person ${chatId}` }
  const [name = ''] = command.split(' ')
  return {
    update_id: ++updates,
    message: {
      message_id: updates,
      date: Math.floor(Date.now() / 1_000),
      chat: { id: chatId, type: 'private', first_name: from.first_name },
      from,
      text: command,
      entities: [{ type: 'bot_command', offset: 0, length: name.length }],
    },
  }
}
