import type { Tx } from '#db/db.ts'
import { listWaiting, showCardAgain } from '#db/outbox.ts'
import { withoutClaim } from '#db/queue/claims.ts'
import { type Claim, LeaseLostError } from '#db/queue/queue.ts'
import type { Core } from '../core.ts'
import { Delivery, type RenderCard } from './delivery.ts'
import { addressOf, wakeOutbox } from './outbox.ts'
import type { Senders } from './sender.ts'

type Needs = Pick<Core, 'db' | 'ids' | 'clock' | 'queue' | 'log'>

const BATCH = 20

/** Delivers what waits in one conversation, in order; a card that waits for its pace holds up nothing. */
export async function deliver(
  core: Needs,
  senders: Senders,
  renderCard: RenderCard,
  claim: Claim,
  signal: AbortSignal,
): Promise<void> {
  const sender = senders.get(addressOf(claim.key).channel)
  const delivery = sender && new Delivery(core, sender, renderCard, claim)
  try {
    await deliverWaiting(core, delivery, claim, signal)
  } catch (error) {
    if (delivery && error instanceof LeaseLostError) await mendCards(core, claim, delivery.marks.unrecorded)
    throw error
  }
}

async function deliverWaiting(
  core: Needs,
  delivery: Delivery | undefined,
  claim: Claim,
  signal: AbortSignal,
): Promise<void> {
  const { channel, conversation } = addressOf(claim.key)
  for (;;) {
    if (signal.aborted) throw signal.reason
    const rows = delivery ? await listWaiting.all(core.db, { channel, conversation, limit: BATCH }) : []
    const next = delivery ? await delivery.run(rows, signal) : { again: false, nextAtMs: null }
    if (next.again && rows.length === BATCH && !signal.aborted) {
      // What was sent must be marked so before the rest is looked at.
      await delivery?.marks.flush()
      continue
    }
    if (await core.db.write((tx) => releaseAfter(core, tx, delivery, claim, next.nextAtMs), { together: true })) return
  }
}

/**
 * No platform knows leases: an edit that a process had begun before it stood still arrives when it goes on, and may arrive
 * after that of whoever took over. So those cards are shown once more, by who has the conversation now.
 */
async function mendCards(core: Needs, { key }: Claim, seqs: readonly number[]): Promise<void> {
  if (seqs.length === 0) return
  const { channel, conversation } = addressOf(key)
  await withoutClaim(core.db).write(async function mendCards(tx) {
    for (const seq of seqs) await showCardAgain.run(tx, { seq })
    await wakeOutbox(core, tx, channel, conversation, core.clock.nowMs())
  })
}

// The release confirms the claim: whoever lost it fails there, and nothing of this stays.
async function releaseAfter(
  core: Needs,
  tx: Tx,
  delivery: Delivery | undefined,
  claim: Claim,
  nextAtMs: number | null,
): Promise<boolean> {
  await delivery?.marks.write(tx)
  return core.queue.release(tx, claim, nextAtMs)
}
