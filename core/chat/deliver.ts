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
  unmarkSending,
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

// The release confirms the claim: whoever lost it fails there, and nothing of this stays.
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

/** What can go out next: a message, and what follows it of the same cause where none of it has gone out before. */
function togetherWith(rows: readonly Row[], from: number, nowMs: number): Row[] {
  const [first, ...others] = rows.slice(from)
  if (first === undefined) return []
  const isNext = (row: Row): boolean => isFirst(row) && row.cause === first.cause && row.not_before_ms <= nowMs
  const end = isNext(first) ? others.findIndex((row) => !isNext(row)) : 0
  return [first, ...(end < 0 ? others : others.slice(0, end))]
}

const isFirst = ({ message_ref }: Row): boolean => message_ref === null

/** A message as it is to be shown. */
interface Ready {
  row: Row
  parts: Part[]
  /** Kept before they show, so that whoever presses one is understood. */
  buttons: CardButton[]
  contentHash: string | null
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
    for (let next = 0; next < rows.length && !signal.aborted; ) {
      const nowMs = this.#core.clock.nowMs()
      const group = togetherWith(rows, next, nowMs)
      next += group.length
      const waits = await this.#deliver(group, nowMs)
      delivered += group.length - (waits?.rows ?? 0)
      if (!waits) continue
      nextAtMs = Math.min(nextAtMs ?? waits.untilMs, waits.untilMs)
      // A message that must wait keeps those behind it waiting: order is kept. An edit in place keeps nobody.
      if (group.some(isFirst)) break
    }
    return { again: delivered > 0, nextAtMs }
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
      const untilMs = await this.#settle(one.row, await this.#call(one.row, this.#outgoing(one)), one.contentHash)
      if (untilMs === null) continue
      const behind = ready.slice(place + 1)
      for (const { row } of behind) this.#pending.push((tx) => unmarkSending.run(tx, row))
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
      await this.#settle(row, { outcome: 'refused', reason: 'There is nothing to show any more.' }, null)
      return undefined
    }
    const { parts, buttons } = withCardTokens(row, rendered)
    const contentHash = sha256(JSON.stringify(parts))
    if (isFirst(row) || contentHash !== row.content_hash) return { row, parts, buttons, contentHash }
    this.#unchanged(row)
    return undefined
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
    await this.#write(async (tx) => {
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
  #unchanged(row: Row): void {
    const nowMs = this.#core.clock.nowMs()
    const sent = { seq: row.seq, version: row.version, messageRef: null, contentHash: row.content_hash }
    this.#pending.push((tx) => markSent.run(tx, { ...sent, notBeforeMs: row.not_before_ms, nowMs }))
  }

  async #retry(row: Row, { afterMs, reason }: { afterMs: number; reason: string }): Promise<number | null> {
    const nowMs = this.#core.clock.nowMs()
    const notBeforeMs = nowMs + afterMs
    if (notBeforeMs - row.created_at_ms > MAX_WAIT_MS) return this.#giveUp(row, reason)
    await this.#write((tx) => markRetry.run(tx, { ...row, notBeforeMs, error: reason }))
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

  /** To be called under the claim, as all of it: a worker that lost its lease writes nothing. */
  async writePending(tx: Tx): Promise<void> {
    for (const write of this.#pending) await write(tx)
    tx.afterCommit(() => {
      this.#pending = []
    })
  }

  async flush(): Promise<void> {
    const delivery = this
    await this.#core.db.write(
      async function writeDelivery(tx) {
        await confirmClaim(tx, delivery.#claim)
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
