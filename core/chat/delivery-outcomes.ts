import { moveOutbox } from '#db/conversation-moves.ts'
import { markRetry, markSent, markUnclear, markUndelivered, type OutgoingRow as Row } from '#db/outbox.ts'
import { moveReviewCards } from '#db/reviews.ts'
import type { Core } from '../core.ts'
import type { DeliveryMarks } from './delivery-marks.ts'
import { outboxKey } from './outbox.ts'
import type { Sender, SendResult } from './sender.ts'

type Needs = Pick<Core, 'clock' | 'queue' | 'log'>
type Retry = Extract<SendResult, { outcome: 'retry' }>

/** §9.6: three tries over a day for what fails without being refused. */
const MAX_TRIES = 3
const RETRY_AFTER_MS = [0, 30_000, 24 * 3_600_000 - 30_000]
/** Waiting because the platform says so is not a failed try, but it does not go on for ever either. */
const MAX_WAIT_MS = 24 * 3_600_000

/** What becomes of a message by what its channel said of it. */
export class DeliveryOutcomes {
  readonly #core: Needs
  readonly #sender: Sender
  readonly #marks: DeliveryMarks

  constructor(core: Needs, sender: Sender, marks: DeliveryMarks) {
    this.#core = core
    this.#sender = sender
    this.#marks = marks
  }

  /** Null when the message is done with, one way or another; else when to try again. */
  async take(row: Row, result: SendResult, contentHash: string | null): Promise<number | null> {
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
        await this.#marks.now((tx) => markUndelivered.run(tx, { seq: row.seq, error: result.reason }))
        return null
    }
  }

  #sent(row: Row, messageRef: string | null, contentHash: string | null): void {
    const nowMs = this.#core.clock.nowMs()
    const { editPrivateMs, editSharedMs } = this.#sender.pace
    const paceMs = this.#sender.isPrivate(row.conversation) ? editPrivateMs : editSharedMs
    const notBeforeMs = row.card_key ? nowMs + paceMs : 0
    const sent = { seq: row.seq, version: row.version, messageRef, contentHash, notBeforeMs, nowMs }
    this.#marks.later((tx) => markSent.run(tx, sent))
  }

  /** Nothing new to show: the version counts as sent, and no call was made. */
  unchanged(row: Row): void {
    const nowMs = this.#core.clock.nowMs()
    const sent = { seq: row.seq, version: row.version, messageRef: null, contentHash: row.content_hash }
    this.#marks.later((tx) => markSent.run(tx, { ...sent, notBeforeMs: row.not_before_ms, nowMs }))
  }

  async #retry(row: Row, { afterMs, reason, isBegun = false }: Retry): Promise<number | null> {
    const nowMs = this.#core.clock.nowMs()
    const notBeforeMs = nowMs + afterMs
    if (notBeforeMs - row.created_at_ms > MAX_WAIT_MS) return this.#giveUp(row, reason)
    const status = isBegun ? 'sending' : row.status
    await this.#marks.now((tx) => markRetry.run(tx, { ...row, status, notBeforeMs, error: reason }))
    return notBeforeMs
  }

  async #unclear(row: Row, reason: string): Promise<number | null> {
    const tries = row.tries + 1
    if (tries >= MAX_TRIES) return this.#giveUp(row, reason)
    const notBeforeMs = this.#core.clock.nowMs() + (RETRY_AFTER_MS[tries] ?? MAX_WAIT_MS)
    await this.#marks.now((tx) => markUnclear.run(tx, { seq: row.seq, notBeforeMs, error: reason }))
    return notBeforeMs
  }

  async #giveUp(row: Row, reason: string): Promise<null> {
    await this.#marks.now((tx) => markUndelivered.run(tx, { seq: row.seq, error: reason }))
    return null
  }

  async #moved({ seq, channel, conversation, tries }: Row, to: string): Promise<void> {
    const { queue, clock } = this.#core
    await this.#marks.now(async (tx) => {
      // Nothing was delivered: in its new place it is no duplicate.
      await markRetry.run(tx, { seq, status: 'new', notBeforeMs: 0, error: 'The conversation has moved.', tries })
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
}
