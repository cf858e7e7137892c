import { findButton, keepButton } from '#db/buttons.ts'
import { markSending, type OutgoingRow as Row, unmarkSending } from '#db/outbox.ts'
import type { Claim } from '#db/queue/queue.ts'
import { readArtifact } from '../artifacts/store.ts'
import type { Core } from '../core.ts'
import { sha256 } from '../ids.ts'
import { type CardButton, withCardTokens } from './card-buttons.ts'
import { DeliveryMarks } from './delivery-marks.ts'
import { DeliveryOutcomes } from './delivery-outcomes.ts'
import type { ChannelName, Part } from './message.ts'
import type { Outgoing, Sender, SendResult } from './sender.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'queue' | 'log'>

/** Makes what a card says now; undefined when there is nothing to show. */
export type RenderCard = (cardKey: string, channel: ChannelName, isPrivate: boolean) => Promise<Part[] | undefined>

const EDIT_RETRY_MS = 30_000

/** What can go out next: a message, and what follows it of the same cause where none of it has gone out before. */
function togetherWith(rows: readonly Row[], from: number, nowMs: number): Row[] {
  const [first, ...others] = rows.slice(from)
  if (first === undefined) return []
  const isNext = (row: Row): boolean => isFirst(row) && row.cause === first.cause && row.not_before_ms <= nowMs
  const end = isNext(first) ? others.findIndex((row) => !isNext(row)) : 0
  return [first, ...(end < 0 ? others : others.slice(0, end))]
}

const earlier = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other)

const isFirst = ({ message_ref }: Row): boolean => message_ref === null

/** A message as it is to be shown. */
interface Ready {
  row: Row
  parts: Part[]
  /** Kept before they show, so that whoever presses one is understood. */
  buttons: CardButton[]
  contentHash: string | null
}

/** Sends what waits in one conversation, under the claim on it. */
export class Delivery {
  readonly marks: DeliveryMarks
  readonly #core: Needs
  readonly #sender: Sender
  readonly #renderCard: RenderCard
  readonly #outcomes: DeliveryOutcomes
  /** When the first of the cards that are not shown yet is to be looked at again. */
  #laterAtMs: number | null = null
  #putOff = 0

  constructor(core: Needs, sender: Sender, renderCard: RenderCard, claim: Claim) {
    this.#core = core
    this.#sender = sender
    this.#renderCard = renderCard
    this.marks = new DeliveryMarks(core, claim)
    this.#outcomes = new DeliveryOutcomes(core, sender, this.marks)
  }

  /** `again` when something was done and more may wait; otherwise when to come back. */
  async run(rows: readonly Row[], signal: AbortSignal): Promise<{ again: boolean; nextAtMs: number | null }> {
    let nextAtMs: number | null = null
    let delivered = 0
    this.#laterAtMs = null
    this.#putOff = 0
    for (let next = 0; next < rows.length && !signal.aborted; ) {
      const nowMs = this.#core.clock.nowMs()
      const group = togetherWith(rows, next, nowMs)
      next += group.length
      const waits = await this.#deliver(group, nowMs)
      delivered += group.length - (waits?.rows ?? 0)
      if (!waits) continue
      nextAtMs = earlier(nextAtMs, waits.untilMs)
      // A message that must wait keeps those behind it waiting: order is kept. An edit in place keeps nobody.
      if (group.some(isFirst)) break
    }
    return { again: delivered > this.#putOff, nextAtMs: earlier(nextAtMs, this.#laterAtMs) }
  }

  /** How many of them must wait, and until when; undefined when all are done with, one way or another. */
  async #deliver(rows: readonly Row[], nowMs: number): Promise<{ rows: number; untilMs: number } | undefined> {
    const [first] = rows
    if (first && first.not_before_ms > nowMs) return { rows: rows.length, untilMs: first.not_before_ms }
    const ready: Ready[] = []
    for (const row of rows) {
      const one = await this.#prepare(row)
      if (one) ready.push(one)
    }
    await this.#announce(ready)
    for (const [place, one] of ready.entries()) {
      const untilMs = await this.#outcomes.take(
        one.row,
        await this.#call(one.row, this.#outgoing(one)),
        one.contentHash,
      )
      if (untilMs === null) continue
      const behind = ready.slice(place + 1)
      for (const { row } of behind) this.marks.later((tx) => unmarkSending.run(tx, row))
      return { rows: behind.length + 1, untilMs }
    }
    return undefined
  }

  /** Undefined when there is nothing to be sent: it is done with. */
  async #prepare(row: Row): Promise<Ready | undefined> {
    if (!row.card_key) {
      return { row, parts: JSON.parse(row.reply_json ?? '[]') as Part[], buttons: [], contentHash: null }
    }
    const rendered = await this.#renderCard(row.card_key, this.#sender.name, this.#sender.isPrivate(row.conversation))
    if (!rendered) {
      await this.#outcomes.take(row, { outcome: 'refused', reason: 'There is nothing to show any more.' }, null)
      return undefined
    }
    if (isFirst(row) && this.#isPutOff(row, rendered)) return undefined
    const { parts, buttons } = withCardTokens(row, rendered)
    const contentHash = sha256(JSON.stringify(parts))
    if (isFirst(row) || contentHash !== row.content_hash) return { row, parts, buttons, contentHash }
    this.#outcomes.unchanged(row)
    return undefined
  }

  /** Whether a card is not worth a message as it stands: it is looked at again when it changes, or in a while. */
  #isPutOff(row: Row, parts: readonly Part[]): boolean {
    const nowMs = this.#core.clock.nowMs()
    const delayMs = this.#sender.cardDelayMs?.(parts, nowMs - row.created_at_ms) ?? 0
    if (delayMs <= 0) return false
    if (delayMs === Number.POSITIVE_INFINITY) this.#outcomes.unchanged(row)
    else {
      this.#laterAtMs = earlier(this.#laterAtMs, nowMs + delayMs)
      this.#putOff++
    }
    return true
  }

  /**
   * From here on a crash leaves those that go out for the first time `sending`: whoever finds them cannot know whether they
   * went out.
   */
  async #announce(ready: readonly Ready[]): Promise<void> {
    const fresh = ready.filter(({ row }) => isFirst(row))
    const buttons = fresh.flatMap((one) => one.buttons)
    for (const { row, buttons: shown } of ready) if (!isFirst(row)) buttons.push(...(await this.#unknown(shown)))
    if (fresh.length === 0 && buttons.length === 0) return
    const nowMs = this.#core.clock.nowMs()
    await this.marks.now(async (tx) => {
      for (const { row } of fresh) await markSending.run(tx, { seq: row.seq })
      for (const button of buttons) await keepButton.run(tx, { ...button, nowMs })
    })
  }

  /** A card that goes on showing the same buttons writes none of them again. */
  async #unknown(buttons: readonly CardButton[]): Promise<CardButton[]> {
    const unknown: CardButton[] = []
    for (const button of buttons) if (!(await findButton.first(this.#core.db, button))) unknown.push(button)
    return unknown
  }

  /** A channel that throws has a bug; what it did before that nobody knows. The queue goes on either way. */
  async #call({ seq, message_ref, channel }: Row, message: Outgoing): Promise<SendResult> {
    if (message_ref !== null) this.marks.editing(seq)
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

  #outgoing({ row, parts }: Ready): Outgoing {
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
}
