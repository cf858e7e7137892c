import type { Reader } from '#db/db.ts'
import {
  countAnswer,
  findBounce,
  findCursor,
  findMail,
  findSeen,
  markMailSent,
  moveCursor,
  recordBounce,
} from '#db/mail.ts'
import { findAccountByIdentity, identitySubject } from '../accounts/identities.ts'
import { readArtifact } from '../artifacts/store.ts'
import type { IncomingFile } from '../chat/message.ts'
import { contextKey, personal } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { type LinkKind, linkIn } from './links.ts'
import type { KnownMail, MailPlace, Offers } from './mail.ts'
import { type AddressKind, isOwnMessageId, ownMessageId, REPLY_MS, readTag, threadTag } from './marks.ts'
import { askAboutMail } from './question.ts'
import { type Refusal, refuseMail } from './refuse.ts'
import { passMail, type Taken, takeMail } from './take.ts'
import { addToThread, beginThread, newThreadId, type Thread, threadById, threadOf } from './threads.ts'
import { unsubscribeAddress } from './unsubscribe.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue' | 'settings'>

const HOUR_MS = 3_600_000

/** A mail of ours before it goes out: it is on record, and every try of it has the same id. */
export interface OwnMail {
  messageId: string
  /** The server has taken it, as far as we know. */
  isSent: boolean
  /** Without this message. */
  thread: Thread
  replyTag: string
  bounceTag: string
}

/** What the e-mail channel keeps and asks. */
export interface MailDesk {
  accountOf(address: string): Promise<{ id: string; isDisabled: boolean } | undefined>
  wasSeen(marks: readonly string[]): Promise<boolean>
  isOwn(messageId: string): boolean
  readTag(tag: string): { kind: AddressKind; threadId: string; isExpired: boolean } | undefined
  isThreadOf(threadId: string, address: string): Promise<boolean>
  /** What the newest of our mails among these said that may be answered; only what this address got, and not for ever. */
  offers(address: string, messageIds: readonly string[]): Promise<Offers | undefined>
  /** Whether this address has a thread with one of these, or this one. */
  hasThread(address: string, messageIds: readonly string[], threadId?: string): Promise<boolean>
  take(mail: KnownMail, place?: MailPlace): Promise<Taken>
  /** Does nothing of it, and says why: it was written to a reply address that is too old, or somebody else's. */
  refuse(mail: KnownMail & { accountId: string }, why: Refusal, place?: MailPlace): Promise<'refused' | 'again'>
  ask(mail: KnownMail & { accountId: string }, why: string, place?: MailPlace): Promise<Taken>
  pass(about: { place?: MailPlace | undefined; reason?: string; from?: string }): Promise<void>
  /** An address took a mail of this thread not, for good (`isHard`) or for now. */
  bounced(threadId: string, bounce: { isHard: boolean; reason: string }): Promise<void>
  refusedBy(address: string, reason: string): Promise<void>
  /** Why nothing is sent there any more. */
  bounceOf(address: string): Promise<string | undefined>
  /** False when this address got as many this hour as it may. */
  mayAnswer(address: string, most: number): Promise<boolean>
  /** Puts a mail on record before it goes out. `what` is the same for each try of it. */
  prepare(mail: {
    address: string
    threadId?: string | undefined
    subject: string
    what: string
    domain: string
    offers: Offers
  }): Promise<OwnMail>
  sent(messageId: string): Promise<void>
  /** Where a message leads that is mailed with these hints. */
  linkIn(hints: Record<string, string> | undefined): { kind: LinkKind; url: string; code: string } | undefined
  /** How whoever gets it says that they want no more of them. */
  unsubscribeIn(hints: Record<string, string> | undefined): { url: string; titles: string[] } | undefined
  cursor(mailbox: string): Promise<{ uidValidity: string; uid: number } | undefined>
  /** Takes a mailbox as read up to there: a new one, or one that was numbered anew. */
  baseline(place: MailPlace): Promise<void>
  readFile(file: IncomingFile): Promise<Uint8Array>
}

export function createMailDesk(core: Needs): MailDesk {
  const { db, clock, settings } = core
  return {
    accountOf: (address) => findAccountByIdentity(db, 'email', address),
    async wasSeen(marks) {
      for (const mark of marks) if (await findSeen.first(db, { mark })) return true
      return false
    },
    isOwn: (messageId) => isOwnMessageId(settings.authSecret, messageId),
    readTag: (tag) => readTag(settings.authSecret, tag, clock.nowMs()),
    isThreadOf: async (threadId, address) => (await threadById(db, threadId))?.address === address,
    offers: (address, messageIds) => offersIn(db, { address, messageIds, nowMs: clock.nowMs() }),
    hasThread: async (address, references, threadId) =>
      (await threadOf(db, { address, references, threadId })) !== undefined,
    take: (mail, place) => takeMail(core, mail, place),
    refuse: (mail, why, place) => refuseMail(core, mail, { why, place }),
    ask: (mail, why, place) => askAboutMail(core, mail, { why, place }),
    pass: (about) => passMail(core, about),
    async bounced(threadId, bounce) {
      const thread = await threadById(db, threadId)
      if (thread) await putBounce(core, thread.address, bounce)
    },
    refusedBy: (address, reason) => putBounce(core, address, { isHard: true, reason }),
    async bounceOf(address) {
      const bounce = await findBounce.first(db, { address })
      return bounce?.is_hard === 1 ? bounce.reason : undefined
    },
    mayAnswer: (address, most) => {
      const hour = Math.floor(clock.nowMs() / HOUR_MS)
      return db.write(async function countMailAnswer(tx) {
        return (await countAnswer.run(tx, { address, hour, most })) > 0
      })
    },
    prepare: (mail) => prepareMail(core, mail),
    sent: async (messageId) => {
      await db.write(async function mailWasSent(tx) {
        await markMailSent.run(tx, { messageId })
      })
    },
    linkIn: (hints) => linkIn(settings, hints),
    unsubscribeIn: (hints) => unsubscribeAddress(settings, hints),
    async cursor(mailbox) {
      const row = await findCursor.first(db, { mailbox })
      return row && { uidValidity: row.uid_validity, uid: row.uid }
    },
    async baseline(place) {
      const nowMs = clock.nowMs()
      await db.write(async function takeMailboxAsRead(tx) {
        if ((await moveCursor.run(tx, { ...place, nowMs })) === 0) return
        const { mailbox: subject, uidValidity, uid } = place
        await appendEvents(tx, nowMs, [
          { type: 'mail.baseline', actor: 'system', context: null, subject, details: { uidValidity, uid } },
        ])
      })
    },
    async readFile({ fetchRef }) {
      const file = await readArtifact(db, fetchRef)
      if (!file) throw new AppError('not_found', 'That file is not there any more.')
      return file.bytes
    },
  }
}

async function offersIn(
  on: Reader,
  { address, messageIds, nowMs }: { address: string; messageIds: readonly string[]; nowMs: number },
): Promise<Offers | undefined> {
  for (const messageId of messageIds.toReversed()) {
    const mail = await findMail.first(on, { messageId })
    if (!mail?.offers_json || mail.address !== address) continue
    return nowMs - mail.at_ms > REPLY_MS ? undefined : (JSON.parse(mail.offers_json) as Offers)
  }
  return undefined
}

async function putBounce(core: Needs, address: string, { isHard, reason }: { isHard: boolean; reason: string }) {
  const nowMs = core.clock.nowMs()
  await core.db.write(async function recordMailBounce(tx) {
    const owner = await findAccountByIdentity(tx, 'email', address)
    await recordBounce.run(tx, { address, isHard: isHard ? 1 : 0, reason, nowMs })
    await appendEvents(tx, nowMs, [
      {
        type: 'mail.bounced',
        actor: 'system',
        // So that whoever it is finds it among what happened to them.
        context: owner ? contextKey(personal(owner.id)) : null,
        subject: identitySubject('email', address),
        details: { isHard, reason },
      },
    ])
  })
}

async function prepareMail(core: Needs, mail: Parameters<MailDesk['prepare']>[0]): Promise<OwnMail> {
  const nowMs = core.clock.nowMs()
  const { authSecret } = core.settings
  const { address, subject, what, domain, offers } = mail
  const messageId = ownMessageId(authSecret, what, domain)
  return core.db.write(async function prepareMail(tx) {
    const known = await findMail.first(tx, { messageId })
    // A message that begins a thread finds it again when it is tried again.
    const threadId = known?.thread_id ?? mail.threadId ?? newThreadId(messageId)
    const thread =
      (await threadById(tx, threadId)) ?? (await beginThread(tx, { id: threadId, address, subject, nowMs }))
    await addToThread(tx, thread, {
      messageId,
      isOurs: true,
      offers: { ...offers, ref: offers.ref || messageId },
      nowMs,
    })
    return {
      messageId,
      isSent: known?.is_sent === 1,
      thread: { ...thread, references: thread.references.filter((one) => one !== messageId) },
      replyTag: threadTag(authSecret, 'reply', threadId, nowMs),
      bounceTag: threadTag(authSecret, 'bounce', threadId, nowMs),
    }
  })
}
