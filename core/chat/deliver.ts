import type { Tx } from '#db/db.ts'
import { listWaiting } from '#db/outbox.ts'
import type { Claim } from '#db/queue/queue.ts'
import type { Core } from '../core.ts'
import { Delivery, type RenderCard } from './delivery.ts'
import { addressOf } from './outbox.ts'
import type { Senders } from './sender.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'queue' | 'log'>

const BATCH = 20

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
      await delivery?.marks.flush()
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
  await delivery?.marks.write(tx)
  return core.queue.release(tx, claim, nextAtMs)
}
