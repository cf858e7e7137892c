import type { Socket } from 'node:net'
import { connect as secureConnect } from 'node:tls'
import type { buildConnector } from 'undici'
import { bareHost, literalAddress } from './address.ts'
import { type Allowed, isAllowed } from './allow.ts'
import { type MailAnswer, type MailProbe, OutboundError } from './outbound.ts'

const PORTS = { smtps: 465, smtp: 587 }
/** Others only where the operator opened the host. */
const USUAL = new Set([465, 587, 25])
const ANSWER_CHARACTERS_MAX = 8_000

type Connector = buildConnector.connector

/** Rejects with an OutboundError and nothing else. `connect` is the guarded one. */
export async function askMailServer(
  connect: Connector,
  allowed: Allowed,
  { url: text, user, password, timeoutMs }: MailProbe,
): Promise<MailAnswer> {
  const url = new URL(text)
  const isSecure = url.protocol === 'smtps:'
  const port = Number(url.port) || PORTS[isSecure ? 'smtps' : 'smtp']
  const isOpened = isAllowed(allowed, url.hostname, port)
  if (!isOpened && !USUAL.has(port)) {
    throw new OutboundError('refused', `Port ${port} of ${url.hostname} is not called: only 465, 587 and 25 for mail.`)
  }
  const limit = AbortSignal.timeout(timeoutMs)
  const opened: Socket[] = []
  try {
    const first = await open(connect, { hostname: url.hostname, port, isSecure })
    opened.push(first)
    const dialog = new Dialog(first, limit)
    const greeting = await dialog.hear()
    if (greeting.code !== 220) return bad(greeting)
    const offers = await dialog.say('EHLO muster')
    if (offers.code !== 250) return bad(offers)
    const speaking = isSecure
      ? dialog
      : await secured(dialog, offers, { hostname: url.hostname, isOpened, limit, opened })
    if (!speaking) return { outcome: 'tls', said: 'It offers no encryption, so that the password is not sent' }
    const answer = await speaking.say(`AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString('base64')}`)
    if (answer.code !== 235) return bad(answer)
    return { outcome: 'ok', said: greeting.text.replace(/^220[ -]/, '') }
  } catch (error) {
    if (error instanceof OutboundError) throw error
    if (limit.aborted) throw new OutboundError('timeout', `There was no answer within ${timeoutMs / 1000} s.`)
    const code = String((error as { code?: unknown } | null)?.code ?? '')
    throw new OutboundError('network', `The mail server cannot be reached${code === '' ? '' : ` (${code})`}.`, {
      cause: error,
    })
  } finally {
    for (const socket of opened) socket.destroy()
  }
}

/** The same conversation, encrypted. The plain one where the operator opened the host and it offers nothing better. */
async function secured(
  dialog: Dialog,
  offers: Said,
  { hostname, isOpened, limit, opened }: { hostname: string; isOpened: boolean; limit: AbortSignal; opened: Socket[] },
): Promise<Dialog | undefined> {
  if (!/^250[ -]STARTTLS\b/im.test(offers.text)) return isOpened ? dialog : undefined
  if ((await dialog.say('STARTTLS')).code !== 220) return undefined
  const servername = literalAddress(hostname) === undefined ? { servername: bareHost(hostname) } : {}
  const socket = secureConnect({ socket: dialog.leave(), ...servername })
  opened.push(socket)
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve).once('error', reject)
    limit.addEventListener('abort', () => reject(limit.reason), { once: true })
  })
  const again = new Dialog(socket, limit)
  await again.say('EHLO muster')
  return again
}

function bad({ code, text }: Said): MailAnswer {
  if (code === 535 || code === 534 || code === 530) return { outcome: 'auth_failed', said: text }
  return { outcome: code >= 400 ? 'provider_5xx' : 'bad_response', said: text }
}

function open(
  connect: Connector,
  { hostname, port, isSecure }: { hostname: string; port: number; isSecure: boolean },
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const to = { hostname, host: hostname, port: String(port), protocol: isSecure ? 'https:' : 'http:' }
    connect(to as buildConnector.Options, (...[error, socket]) => (socket ? resolve(socket) : reject(error)))
  })
}

interface Said {
  code: number
  text: string
}

/** One side says a line, the other answers with one or several. */
class Dialog {
  readonly #socket: Socket
  readonly #limit: AbortSignal
  #heard = ''

  constructor(socket: Socket, limit: AbortSignal) {
    this.#socket = socket
    this.#limit = limit
  }

  say(line: string): Promise<Said> {
    this.#socket.write(`${line}\r\n`)
    return this.hear()
  }

  /** Hands the connection over to who goes on with it. */
  leave(): Socket {
    this.#socket.removeAllListeners('data')
    return this.#socket
  }

  hear(): Promise<Said> {
    return new Promise((resolve, reject) => {
      const socket = this.#socket
      const done = (action: () => void): void => {
        socket.off('data', take).off('error', fail).off('close', gone)
        this.#limit.removeEventListener('abort', late)
        action()
      }
      const fail = (error: unknown): void => done(() => reject(error))
      const gone = (): void => fail(new OutboundError('network', 'The mail server broke off.'))
      const late = (): void => fail(this.#limit.reason)
      const take = (chunk: Buffer): void => {
        this.#heard = (this.#heard + chunk.toString('utf8')).slice(0, ANSWER_CHARACTERS_MAX)
        const last = /^(\d{3})(?: .*)?\r\n/m.exec(this.#heard)
        if (!last && this.#heard.length < ANSWER_CHARACTERS_MAX) return
        const said = { code: Number(last?.[1] ?? 0), text: this.#heard.trim() }
        this.#heard = ''
        done(() => resolve(said))
      }
      if (this.#limit.aborted) return reject(this.#limit.reason)
      this.#limit.addEventListener('abort', late, { once: true })
      socket.on('data', take).once('error', fail).once('close', gone)
    })
  }
}
