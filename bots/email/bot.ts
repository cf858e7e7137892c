import type { FormDesk, Pace, Receive } from '#core/chat/sender.ts'
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/core.ts'
import type { MailDesk } from '#core/mail/desk.ts'
import type { Mailer } from '#core/outbound/mail.ts'
import type { Channel, InTurn } from '../channel.ts'
import { addressIn } from './headers.ts'
import { type IncomingNeeds, receiveMail } from './incoming.ts'
import { withoutTag } from './loops.ts'
import { postedMail } from './relay.ts'
import { cachedResolver, type Resolve } from './resolver.ts'
import { Sending } from './sending.ts'
import { delayOf } from './stages.ts'

export interface EmailOptions {
  /** Who mail comes from, and is written to: `Muster <bot@example.org>`. */
  from: string
  desk: MailDesk
  mailer: Mailer
  /** With which a relay signs what it brings; without it there is none. */
  relaySecret?: string
  /** In place of the world's names. */
  resolve?: Resolve
  answersPerHour?: number
  againMs?: number
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
    clock,
    log,
  }
  const { answersPerHour = ANSWERS_PER_HOUR, againMs = AGAIN_MS } = options
  const sending = new Sending({ desk, mailer, own, clock, answersPerHour, againMs })
  const underWay = new Set<Promise<unknown>>()

  const take = async (raw: Uint8Array): Promise<void> => {
    if (isStopped) throw new Error('The channel has stopped')
    const taking = receiveMail(needs, raw)
    underWay.add(taking)
    try {
      await taking
    } finally {
      underWay.delete(taking)
    }
  }

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
    },
    async stop() {
      isStopped = true
      await Promise.allSettled(underWay)
    },
    ...(relaySecret
      ? { webhook: (request: Request) => postedMail({ secret: relaySecret, clock, log, take }, request) }
      : {}),
  }
}
