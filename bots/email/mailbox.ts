import type { FetchMessageObject, ImapFlow } from 'imapflow'
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/core.ts'
import type { MailDesk } from '#core/mail/desk.ts'
import type { MailPlace } from '#core/mail/mail.ts'
import { pause } from '#core/pause.ts'
import type { Trouble } from '../channel.ts'
import { connectTo, INBOX, reasonOf } from './connection.ts'
import { MAIL_MAX_BYTES } from './read.ts'

export interface MailboxNeeds {
  url: string
  desk: MailDesk
  /** Resolves when what comes of a mail is stored together with its place. */
  take(raw: Uint8Array, place: MailPlace): Promise<unknown>
  clock: Clock
  log: Log
  /** How often it is looked at beside what the server says by itself. */
  pollMs?: number
  /** How long a server may be silent before the connection counts as dead. */
  timeoutMs?: number
  /** After so many failures on one mail, in a row, it is put aside. */
  triesMost?: number
}

/** With the pauses between them that is three minutes. */
const TRIES_MOST = 10
const POLL_MS = 60_000
const TIMEOUT_MS = 30_000
/** For a word of farewell; who stops does not wait longer. */
const LEAVE_MS = 1_000
const BACKOFF_MS = [500, 1_000, 2_000, 5_000, 15_000, 30_000]

/** Reads a mailbox in order of its numbers, each mail once, over one connection. */
export class Mailbox {
  readonly #needs: MailboxNeeds
  readonly #name: string
  /** Undefined also while it is another process's turn to read: that one tells. */
  #reason: string | undefined
  #wasConnected = false
  #failures = 0
  /** The mail that could not be taken the last time, and how often that was. */
  #stuck = { uid: 0, times: 0 }

  constructor(needs: MailboxNeeds) {
    this.#needs = needs
    const { username, host } = new URL(needs.url)
    this.#name = `${decodeURIComponent(username)}@${host}/${INBOX}`
  }

  trouble(): Trouble | undefined {
    return this.#reason === undefined ? undefined : { reason: this.#reason, wasConnected: this.#wasConnected }
  }

  /** Until its signal ends it; whatever breaks is begun anew after a while. */
  async read(signal: AbortSignal): Promise<void> {
    this.#reason ??= 'Not connected yet.'
    try {
      await this.#readUntil(signal)
    } finally {
      this.#reason = undefined
    }
  }

  async #readUntil(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#session(signal)
      } catch (error) {
        if (signal.aborted) return
        this.#reason = reasonOf(error)
        this.#needs.log.warn({ reason: this.#reason }, 'The mailbox cannot be read and will be tried again')
        const waitMs = BACKOFF_MS[Math.min(this.#failures++, BACKOFF_MS.length - 1)] ?? 0
        await pause(this.#needs.clock, waitMs, signal)
      }
    }
  }

  async #session(signal: AbortSignal): Promise<void> {
    const client = await this.#connect()
    const broken = new AbortController()
    let isResting = false
    const end = (): void => {
      if (!isResting) client.close()
    }
    client.on('close', () => broken.abort())
    // Without somebody who hears it, it would end the process; the call that failed tells the same.
    client.on('error', () => broken.abort())
    signal.addEventListener('abort', end, { once: true })
    try {
      await client.connect()
      await client.mailboxOpen(INBOX, { readOnly: true })
      this.#reason = undefined
      this.#wasConnected = true
      let wake: () => void = () => {}
      client.on('exists', () => wake())
      while (!signal.aborted && client.usable) {
        const woken = new Promise<void>((resolve) => (wake = resolve))
        await this.#readNew(client, signal)
        this.#failures = 0
        isResting = true
        await this.#await(client, woken, AbortSignal.any([signal, broken.signal]))
        isResting = false
      }
      if (signal.aborted && client.usable) await Promise.race([client.logout(), lateAfter(LEAVE_MS)]).catch(() => {})
      if (!signal.aborted) throw new Error('The connection to the mailbox was lost')
    } finally {
      signal.removeEventListener('abort', end)
      client.close()
    }
  }

  /** IDLE says at once what is new, and dies without a word: so the mailbox is also looked at by the clock. */
  async #await(client: ImapFlow, woken: Promise<void>, signal: AbortSignal): Promise<void> {
    const { clock, pollMs = POLL_MS } = this.#needs
    const awake = new AbortController()
    void woken.then(() => awake.abort())
    const idling = client.idle().catch(() => {})
    await pause(clock, pollMs, AbortSignal.any([signal, awake.signal]))
    if (signal.aborted) return
    // Ends IDLE, and a connection that has died without saying so is found out by it.
    await Promise.race([client.noop(), lateAfter(this.#needs.timeoutMs ?? TIMEOUT_MS)])
    await Promise.race([idling, lateAfter(this.#needs.timeoutMs ?? TIMEOUT_MS)])
  }

  async #readNew(client: ImapFlow, signal: AbortSignal): Promise<void> {
    const { desk } = this.#needs
    const box = client.mailbox
    if (!box) throw new Error('The mailbox is not open')
    const uidValidity = String(box.uidValidity)
    const known = await desk.cursor(this.#name)
    if (known?.uidValidity !== uidValidity) {
      const status = await client.status(INBOX, { uidNext: true })
      const next = Number(status ? (status.uidNext ?? box.uidNext) : box.uidNext)
      // What is there already was for whoever read it before: nothing of it is done now.
      return desk.baseline({ mailbox: this.#name, uidValidity, uid: next - 1 })
    }
    const list = (await client.search({ uid: `${known.uid + 1}:*` }, { uid: true })) || []
    for (const uid of list.filter((one) => one > known.uid).sort((one, other) => one - other)) {
      if (signal.aborted) return
      await this.#takeOne(client, { mailbox: this.#name, uidValidity, uid })
    }
  }

  async #takeOne(client: ImapFlow, place: MailPlace): Promise<void> {
    const { desk, take, log } = this.#needs
    const about = await client.fetchOne(String(place.uid), { uid: true, size: true }, { uid: true })
    // Somebody deleted it meanwhile.
    if (!about) return desk.pass({ place })
    if ((about.size ?? 0) > MAIL_MAX_BYTES) return desk.pass({ place, reason: 'it is too large' })
    const whole = (await client.fetchOne(String(place.uid), { uid: true, source: true }, { uid: true })) as
      | FetchMessageObject
      | false
    if (whole === false || !whole.source) throw new Error('The mailbox gave no mail')
    try {
      await take(whole.source, place)
    } catch (error) {
      if (!this.#isHopeless(place)) throw error
      // Nobody's mail may wait behind one that nothing can be made of. Where the database is what fails, this fails as well.
      log.error({ err: error, uid: place.uid }, 'A mail was put aside: each try to take it failed')
      return desk.pass({ place, reason: 'each try to take it failed' })
    }
    log.debug({ uid: place.uid }, 'A mail was read')
  }

  #isHopeless({ uid }: MailPlace): boolean {
    this.#stuck = { uid, times: this.#stuck.uid === uid ? this.#stuck.times + 1 : 1 }
    return this.#stuck.times >= (this.#needs.triesMost ?? TRIES_MOST)
  }

  #connect(): Promise<ImapFlow> {
    const { url, pollMs = POLL_MS, timeoutMs = TIMEOUT_MS } = this.#needs
    return connectTo(url, { timeoutMs, socketTimeoutMs: Math.max(timeoutMs, pollMs * 2) })
  }
}

const lateAfter = (ms: number): Promise<never> =>
  new Promise((_, reject) => {
    setTimeout(() => reject(new Error('The mail server does not answer')), ms).unref()
  })
