import {
  findButton,
  keepButton,
  listWaiting,
  markRetry,
  markSending,
  markSent,
  markUnclear,
  markUndelivered,
  moveOutbox,
  type OutgoingRow as Row,
} from '#db/chat.ts'
import type { Tx } from '#db/db.ts'
import { confirmClaim } from '#db/queue/claims.ts'
import type { Claim } from '#db/queue/queue.ts'
import { moveReviewCards } from '#db/reviews.ts'
import { readArtifact } from '../artifacts/store.ts'
import type { Core } from '../core.ts'
import { sha256 } from '../ids.ts'
import { type CardButton, withCardTokens } from './card-buttons.ts'
import type { ChannelName, Part } from './message.ts'
import { addressOf, outboxKey } from './outbox.ts'
import type { Outgoing, Sender, Senders, SendResult } from './sender.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'queue' | 'log'>

/** Makes what a card says now; undefined when there is nothing to show. */
export type RenderCard = (cardKey: string, channel: ChannelName, isPrivate: boolean) => Promise<Part[] | undefined>

const BATCH = 20
/** §9.6: three tries over a day for what fails without being refused. */
const MAX_TRIES = 3
const RETRY_AFTER_MS = [0, 30_000, 24 * 3_600_000 - 30_000]
const EDIT_RETRY_MS = 30_000
/** Waiting because the platform says so is not a failed try, but it does not go on for ever either. */
const MAX_WAIT_MS = 24 * 3_600_000

/** Delivers what waits in one conversation, in order; a card that waits for its pace holds up nothing. */
export async function deliver(
  core: Needs,
  senders: Senders,
  renderCard: RenderCard,
  claim: Claim,
  signal: AbortSignal,
): Promise<void> {
  const { channel, conversation } = addressOf(claim.key)
  const sender = senders.get(channel)
  const delivery = sender && new Delivery(core, sender, renderCard, claim)
  for (;;) {
    if (signal.aborted) throw signal.reason
    const rows = sender ? await listWaiting.all(core.db, { channel, conversation, limit: BATCH }) : []
    const next = delivery ? await delivery.run(rows, signal) : { again: false, nextAtMs: null }
    if (next.again && rows.length === BATCH && !signal.aborted) {
      // What was sent must be marked so before the rest is looked at.
      await delivery?.flush()
      continue
    }
    if (await core.db.write((tx) => releaseAfter(core, tx, delivery, claim, next.nextAtMs), { together: true })) return
  }
}

async function releaseAfter(
  core: Needs,
  tx: Tx,
  delivery: Delivery | undefined,
  claim: Claim,
  nextAtMs: number | null,
): Promise<boolean> {
  await delivery?.writePending(tx)
  return core.queue.release(tx, claim, nextAtMs)
}

type Write = (tx: Tx) => Promise<unknown>

class Delivery {
  readonly #core: Needs
  readonly #sender: Sender
  readonly #renderCard: RenderCard
  readonly #claim: Claim
  /**
   * Outcomes not yet written: they go with the next write, at the latest with the release. A crash before that leaves
   * their rows `sending`, which is what they are told apart by.
   */
  #pending: Write[] = []

  constructor(core: Needs, sender: Sender, renderCard: RenderCard, claim: Claim) {
    this.#core = core
    this.#sender = sender
    this.#renderCard = renderCard
    this.#claim = claim
  }

  /** `again` when something was done and more may wait; otherwise when to come back. */
  async run(rows: readonly Row[], signal: AbortSignal): Promise<{ again: boolean; nextAtMs: number | null }> {
    let nextAtMs: number | null = null
    let delivered = 0
    for (const row of rows) {
      if (signal.aborted) break
      const waitsUntilMs = row.not_before_ms > this.#core.clock.nowMs() ? row.not_before_ms : await this.#deliver(row)
      if (waitsUntilMs === null) {
        delivered++
        continue
      }
      nextAtMs = Math.min(nextAtMs ?? waitsUntilMs, waitsUntilMs)
      // A message that must wait keeps those behind it waiting: order is kept. An edit in place keeps nobody.
      if (row.message_ref === null) break
    }
    return { again: delivered > 0, nextAtMs }
  }

  /** Null when it is done with, one way or another; else when to try again. */
  async #deliver(row: Row): Promise<number | null> {
    const rendered = row.card_key
      ? await this.#renderCard(row.card_key, this.#sender.name, this.#sender.isPrivate(row.conversation))
      : (JSON.parse(row.reply_json ?? '[]') as Part[])
    if (!rendered) return this.#settle(row, { outcome: 'refused', reason: 'There is nothing to show any more.' }, null)
    const { parts, buttons } = row.card_key ? withCardTokens(row, rendered) : { parts: rendered, buttons: [] }
    const contentHash = row.card_key ? sha256(JSON.stringify(parts)) : null
    if (row.message_ref !== null && contentHash === row.content_hash) return this.#unchanged(row)
    const isFirst = row.message_ref === null
    // From here on a crash leaves the row `sending`: whoever finds it cannot know whether it went out.
    if (isFirst) {
      await this.#write(async (tx) => {
        await markSending.run(tx, { seq: row.seq })
        await this.#keep(tx, buttons)
      })
    } else await this.#keepNew(buttons)
    const message = this.#outgoing(row, parts)
    const result = await this.#call(row, message)
    return this.#settle(row, result, contentHash)
  }

  async #keep(tx: Tx, buttons: readonly CardButton[]): Promise<void> {
    const nowMs = this.#core.clock.nowMs()
    for (const button of buttons) await keepButton.run(tx, { ...button, nowMs })
  }

  /** A card that goes on showing the same buttons writes none of them again. */
  async #keepNew(buttons: readonly CardButton[]): Promise<void> {
    const fresh: CardButton[] = []
    for (const button of buttons) if (!(await findButton.first(this.#core.db, button))) fresh.push(button)
    if (fresh.length > 0) await this.#write((tx) => this.#keep(tx, fresh))
  }

  /** A channel that throws has a bug; what it did before that nobody knows. The queue goes on either way. */
  async #call({ message_ref, channel }: Row, message: Outgoing): Promise<SendResult> {
    try {
      return message_ref === null ? await this.#sender.send(message) : await this.#sender.edit(message_ref, message)
    } catch (err) {
      this.#core.log.error({ err, channel, message: message.key }, 'A channel failed unexpectedly')
      const reason = 'The channel failed unexpectedly.'
      return message_ref === null
        ? { outcome: 'unclear', reason }
        : { outcome: 'retry', afterMs: EDIT_RETRY_MS, reason }
    }
  }

  #outgoing(row: Row, parts: Part[]): Outgoing {
    return {
      key: `${row.channel}:${row.seq}`,
      conversation: row.conversation,
      parts,
      cause: row.cause,
      maybeDuplicate: row.status === 'sending' && row.message_ref === null,
      ...(row.only_for ? { onlyFor: row.only_for } : {}),
      ...(row.reply_to ? { replyTo: row.reply_to } : {}),
      ...(row.hints_json ? { hints: JSON.parse(row.hints_json) } : {}),
      readFile: async (artifactId) => {
        const file = await readArtifact(this.#core.db, artifactId)
        if (!file) throw new Error(`No file ${artifactId}`)
        return file.bytes
      },
    }
  }

  async #settle(row: Row, result: SendResult, contentHash: string | null): Promise<number | null> {
    switch (result.outcome) {
      case 'sent':
        this.#sent(row, result.messageRef, contentHash)
        return null
      case 'retry':
        return this.#retry(row, result)
      case 'unclear':
        return this.#unclear(row, result.reason)
      case 'moved':
        await this.#moved(row, result.conversation)
        return null
      case 'refused':
        this.#core.log.warn({ channel: row.channel, cause: row.cause, reason: result.reason }, 'A message was refused')
        await this.#write((tx) => markUndelivered.run(tx, { seq: row.seq, error: result.reason }))
        return null
    }
  }

  #sent(row: Row, messageRef: string | null, contentHash: string | null): void {
    const nowMs = this.#core.clock.nowMs()
    const { editPrivateMs, editSharedMs } = this.#sender.pace
    const paceMs = this.#sender.isPrivate(row.conversation) ? editPrivateMs : editSharedMs
    const notBeforeMs = row.card_key ? nowMs + paceMs : 0
    const sent = { seq: row.seq, version: row.version, messageRef, contentHash, notBeforeMs, nowMs }
    this.#pending.push((tx) => markSent.run(tx, sent))
  }

  /** Nothing new to show: the version counts as sent, and no call was made. */
  #unchanged(row: Row): null {
    const nowMs = this.#core.clock.nowMs()
    const sent = { seq: row.seq, version: row.version, messageRef: null, contentHash: row.content_hash }
    this.#pending.push((tx) => markSent.run(tx, { ...sent, notBeforeMs: row.not_before_ms, nowMs }))
    return null
  }

  async #retry(row: Row, { afterMs, reason }: { afterMs: number; reason: string }): Promise<number | null> {
    const nowMs = this.#core.clock.nowMs()
    const notBeforeMs = nowMs + afterMs
    if (notBeforeMs - row.created_at_ms > MAX_WAIT_MS) return this.#giveUp(row, reason)
    await this.#write((tx) => markRetry.run(tx, { seq: row.seq, notBeforeMs, error: reason, tries: row.tries }))
    return notBeforeMs
  }

  async #unclear(row: Row, reason: string): Promise<number | null> {
    const tries = row.tries + 1
    if (tries >= MAX_TRIES) return this.#giveUp(row, reason)
    const notBeforeMs = this.#core.clock.nowMs() + (RETRY_AFTER_MS[tries] ?? MAX_WAIT_MS)
    await this.#write((tx) => markUnclear.run(tx, { seq: row.seq, notBeforeMs, error: reason }))
    return notBeforeMs
  }

  async #giveUp(row: Row, reason: string): Promise<null> {
    await this.#write((tx) => markUndelivered.run(tx, { seq: row.seq, error: reason }))
    return null
  }

  async #moved({ seq, channel, conversation, tries }: Row, to: string): Promise<void> {
    const { queue, clock } = this.#core
    await this.#write(async (tx) => {
      // Nothing was delivered: in its new place it is no duplicate.
      await markRetry.run(tx, { seq, notBeforeMs: 0, error: 'The conversation has moved.', tries })
      await moveOutbox.run(tx, { channel, from: conversation, to })
      await moveReviewCards.run(tx, { channel, from: conversation, to })
      await queue.enqueue(tx, {
        kind: 'outbox',
        key: outboxKey(channel, to),
        runAtMs: clock.nowMs(),
        fairGroup: channel,
      })
      return 0
    })
  }

  /** Under the claim, as all of it: a worker that lost its lease writes nothing. */
  async writePending(tx: Tx): Promise<void> {
    if (this.#pending.length > 0) await confirmClaim(tx, this.#claim)
    for (const write of this.#pending) await write(tx)
    tx.afterCommit(() => {
      this.#pending = []
    })
  }

  async flush(): Promise<void> {
    const delivery = this
    await this.#core.db.write(
      async function writeDelivery(tx) {
        await delivery.writePending(tx)
      },
      { together: true },
    )
  }

  async #write(write: Write): Promise<void> {
    this.#pending.push(write)
    await this.flush()
  }
}
