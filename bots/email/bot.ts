import type { FormDesk, Pace, Receive } from '#core/chat/sender.ts'
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/core.ts'
import type { MailDesk } from '#core/mail/desk.ts'
import type { MailPlace } from '#core/mail/mail.ts'
import type { Mailer } from '#core/outbound/mail.ts'
import type { Channel, InTurn } from '../channel.ts'
import { addressIn } from './headers.ts'
import { receiveMail } from './incoming.ts'
import { withoutTag } from './loops.ts'
import { Mailbox } from './mailbox.ts'
import type { IncomingNeeds } from './meaning.ts'
import { giveBack } from './memory.ts'
import { postedMail } from './relay.ts'
import { cachedResolver, type Resolve } from './resolver.ts'
import { Sending } from './sending.ts'
import { delayOf } from './stages.ts'

export interface EmailOptions {
  /** Who mail comes from, and is written to: `Muster <bot@example.org>`. */
  from: string
  desk: MailDesk
  mailer: Mailer
  /** The mailbox that is read. */
  imapUrl?: string
  /** With which a relay signs what it brings; without it there is none. */
  relaySecret?: string
  /** Domains of forwarders whose seals are believed (ARC). */
  trustedSealers?: readonly string[]
  /** In place of the world's names. */
  resolve?: Resolve
  answersPerHour?: number
  againMs?: number
  /** How often the mailbox is looked at by the clock, and how long its server may be silent. */
  pollMs?: number
  timeoutMs?: number
  clock: Clock
  log: Log
}

/** A mail is never edited; this is how often a card is looked at for news. */
const PACE: Pace = { editPrivateMs: 5_000, editSharedMs: 5_000 }
const ANSWERS_PER_HOUR = 10
const AGAIN_MS = 60_000

/** E-mail as a channel: a relay or a mailbox brings it, the operator's mail server takes it. */
export function createEmailChannel(options: EmailOptions): Channel {
  const { desk, mailer, clock, log, relaySecret } = options
  const own = withoutTag(addressIn(options.from) ?? '')
  if (own === '') throw new Error('EMAIL_FROM holds no address')
  let forms: FormDesk | undefined
  let isStopped = false
  const needs: IncomingNeeds = {
    desk,
    forms: () => forms,
    own,
    resolve: cachedResolver(clock, options.resolve),
    sealers: options.trustedSealers ?? [],
    clock,
    log,
  }
  const { answersPerHour = ANSWERS_PER_HOUR, againMs = AGAIN_MS } = options
  const sending = new Sending({ desk, mailer, own, clock, answersPerHour, againMs })
  const underWay = new Set<Promise<unknown>>()

  const take = async (raw: Uint8Array, place?: MailPlace): Promise<void> => {
    if (isStopped) throw new Error('The channel has stopped')
    const taking = receiveMail(needs, raw, place)
    underWay.add(taking)
    try {
      await taking
    } finally {
      underWay.delete(taking)
      giveBack(raw)
    }
  }

  const stopping = new AbortController()
  const { imapUrl, pollMs, timeoutMs } = options
  const times = { ...(pollMs ? { pollMs } : {}), ...(timeoutMs ? { timeoutMs } : {}) }
  const mailbox = imapUrl ? new Mailbox({ url: imapUrl, desk, take, clock, log, ...times }) : undefined
  let reading: Promise<void> | undefined

  return {
    name: 'email',
    pace: PACE,
    forms: 'inline',
    isPrivate: () => true,
    cardDelayMs: delayOf,
    send: (message) => sending.send(message),
    edit: (messageRef, message) => sending.edit(messageRef, message),
    download: (file) => desk.readFile(file),
    async start(_receive: Receive, help: { inTurn?: InTurn; forms?: FormDesk } = {}) {
      forms = help.forms
      if (!mailbox) return
      const read = (signal: AbortSignal): Promise<void> => mailbox.read(signal)
      reading = help.inTurn ? help.inTurn(stopping.signal, read) : read(stopping.signal)
    },
    trouble: () => mailbox?.trouble(),
    async stop() {
      isStopped = true
      stopping.abort()
      await reading
      await Promise.allSettled(underWay)
    },
    ...(relaySecret
      ? { webhook: (request: Request) => postedMail({ secret: relaySecret, clock, log, take }, request) }
      : {}),
  }
}
