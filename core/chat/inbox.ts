import { moveLinkedChat, moveOutbox, moveRuns } from '#db/conversation-moves.ts'
import { DatabaseGoneError, type Db, type Tx } from '#db/db.ts'
import { countIncomingTry, insertIncoming, markIncoming, nextIncoming } from '#db/inbox.ts'
import { underClaim } from '#db/queue/claims.ts'
import { type Claim, LeaseLostError } from '#db/queue/queue.ts'
import { moveReviewCards } from '#db/reviews.ts'
import type { Core } from '../core.ts'
import { createFormDesk } from '../forms/desk.ts'
import { showFormById } from '../forms/show.ts'
import { causedBy } from '../rules/cause.ts'
import { type ChannelName, type Incoming, privately, type Reply, reply } from './message.ts'
import { addressOf, outboxKey, putMessage } from './outbox.ts'
import type { Sender, Senders } from './sender.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue' | 'log' | 'tools' | 'settings'>

/** What a message led to. It may be asked again for the same message: its operations answer the same then. */
export interface Handled {
  replies: Reply[]
  /** Shown as a toast to whoever pressed a button. */
  notice?: string
}

/**
 * The way into the commands; `requestKey` is the same each time the same delivery is handled. All is written through
 * `db`, which refuses once another process has taken over the conversation.
 */
export type Handle = (incoming: Incoming, requestKey: string, db?: Db) => Promise<Handled>

/**
 * After this many crashes on one message it is put aside, so that the conversation goes on. Many, because a crash hits
 * every message that is being handled, and all but one of them had nothing to do with it.
 */
const MAX_TRIES = 10

/** One conversation's messages are one item of work: handled in the order in which they were stored, one at a time. */
export const inboxKey = (channel: string, conversation: string): string => `in:${channel}:${conversation}`

/** What the operations of a delivery are known by; the same each time it is handled. */
export const requestKeyOn = (channel: ChannelName, deliveryId: string): string => `${channel}:${deliveryId}`

/** Stores an update; resolves when it is safe to acknowledge it. A delivery that is there already changes nothing. */
export async function receive(core: Needs, incoming: Incoming): Promise<{ seq: number } | undefined> {
  return core.db.write(async function storeIncoming(tx) {
    return putIncoming(core, tx, incoming)
  })
}

/** The same in the transaction of what brings it about. */
export async function putIncoming(
  core: Pick<Core, 'clock' | 'queue'>,
  tx: Tx,
  incoming: Incoming,
): Promise<{ seq: number } | undefined> {
  const nowMs = core.clock.nowMs()
  const { channel, conversation, deliveryId } = incoming
  const payloadJson = JSON.stringify(incoming)
  const stored = await insertIncoming.first(tx, { channel, deliveryId, conversation, payloadJson, nowMs })
  if (!stored) return undefined
  const key = inboxKey(channel, conversation)
  await core.queue.enqueueNow(tx, { kind: 'inbox', key, runAtMs: nowMs, fairGroup: channel })
  return stored
}

/** Handles what waits in one conversation. Answers and the mark that it is done are written together. */
export async function handleInbox(
  unfenced: Needs,
  senders: Senders,
  handle: Handle,
  claim: Claim,
  signal: AbortSignal,
): Promise<void> {
  const { channel, conversation } = addressOf(claim.key)
  const core = { ...unfenced, db: underClaim(unfenced.db, claim) }
  for (;;) {
    const row = await nextIncoming.first(core.db, { channel, conversation })
    if (!row) {
      if (await core.db.write((tx) => core.queue.release(tx, claim, null))) return
      continue
    }
    if (signal.aborted) throw signal.reason
    const incoming = JSON.parse(row.payload_json) as Incoming
    const handled = incoming.movedTo
      ? await moveConversation(core, incoming, incoming.movedTo)
      : await handleSafely(withCause(unfenced, core, claim, incoming), handle, incoming, row.seq)
    const opened = await openForms(core, senders.get(channel), incoming, handled)
    await finish(core, incoming, row.seq, handled, opened)
    if (incoming.button?.answerRef) {
      // The waiting state on the platform ends by itself after a while; nothing is lost when this fails.
      const answered = senders.get(channel)?.answerPress?.(incoming.button.answerRef, handled.notice)
      void answered?.catch((error) => core.log.debug({ err: error }, 'A button press could not be answered'))
    }
  }
}

/** What is written because of what a rule says knows that; the claim stands around it, as around everything. */
const withCause = (unfenced: Needs, fenced: Needs, claim: Claim, { cause }: Incoming): Needs =>
  cause ? { ...fenced, db: underClaim(causedBy(unfenced.db, cause), claim) } : fenced

async function handleSafely(core: Needs, handle: Handle, incoming: Incoming, seq: number): Promise<Handled> {
  const { tries } = (await core.db.write((tx) => countIncomingTry.first(tx, { seq }))) ?? { tries: 1 }
  const reference = `${incoming.channel}-${seq}`
  const sorry = (known: string): Handled => ({
    replies: [privately(reply(`Something went wrong on my side (reference ${reference}). ${known}`))],
  })
  if (tries > MAX_TRIES) {
    core.log.error({ reference }, 'A message was put aside: each try to handle it ended in a crash')
    return sorry('I do not know how much of it was done: please look before you send it again.')
  }
  try {
    return await handle(incoming, requestKeyOn(incoming.channel, incoming.deliveryId), core.db)
  } catch (error) {
    // Nothing is known to be wrong with the message: it is handled again, here or elsewhere.
    if (error instanceof LeaseLostError || error instanceof DatabaseGoneError) throw error
    core.log.error({ err: error, reference }, 'A message could not be handled')
    return sorry('Nothing was changed.')
  }
}

/**
 * Opens the forms of an answer where the channel can do so at once, for whoever asked. Nothing is lost when the process dies
 * here: handled again, a form that cannot be opened any more is shown as its card.
 */
async function openForms(
  core: Needs,
  sender: Sender | undefined,
  incoming: Incoming,
  { replies }: Handled,
): Promise<ReadonlySet<string>> {
  const opened = new Set<string>()
  if (!sender?.openForm) return opened
  for (const { formId } of replies) {
    if (formId === undefined) continue
    const form = await createFormDesk(core).find(formId, { ...incoming, externalId: incoming.sender.externalId })
    const isOpen = form && (await sender.openForm(incoming, form).catch(() => false))
    if (isOpen) opened.add(formId)
  }
  return opened
}

async function finish(
  core: Needs,
  incoming: Incoming,
  seq: number,
  handled: Handled,
  opened: ReadonlySet<string>,
): Promise<void> {
  await core.db.write(async function answerIncoming(tx) {
    if ((await markIncoming.run(tx, { seq, status: 'done', nowMs: core.clock.nowMs() })) === 0) return
    for (const answer of handled.replies) {
      if (answer.formId !== undefined && !opened.has(answer.formId)) await showFormById(core, tx, answer.formId)
      if (answer.parts.length === 0) continue
      await putMessage(core, tx, {
        channel: incoming.channel,
        conversation: incoming.conversation,
        reply: answer,
        cause: `in:${seq}`,
        ...(answer.isPrivate && !incoming.isPrivate ? { onlyFor: incoming.sender.externalId } : {}),
        ...(incoming.hints ? { hints: incoming.hints } : {}),
        isAwaited: true,
      })
    }
  })
}

async function moveConversation(core: Needs, { channel, conversation }: Incoming, to: string): Promise<Handled> {
  await core.db.write(async function moveConversation(tx) {
    const move = { channel, from: conversation, to }
    await moveLinkedChat.run(tx, move)
    await moveRuns.run(tx, move)
    await moveReviewCards.run(tx, move)
    await moveOutbox.run(tx, move)
    // What waited there waits here now, and nobody else would look.
    const runAtMs = core.clock.nowMs()
    await core.queue.enqueue(tx, { kind: 'outbox', key: outboxKey(channel, to), runAtMs, fairGroup: channel })
  })
  return { replies: [] }
}
