import { deleteOldDeliveries, findDeliveryAt, forgetPayloads, listBusyTriggers } from '#db/trigger-deliveries.ts'
import { deleteEndedSecrets } from '#db/triggers.ts'
import type { Core } from '../core.ts'

/** What came is kept of the last hundred; that it came, for a month, so that the same delivery is known so long. */
const PAYLOADS_KEPT = 100
const KEEP_MS = 30 * 24 * 3_600_000
const BATCH = 200

/** Forgets what is over. Returns how many deliveries were removed; a second time there is nothing left. */
export async function sweepTriggers({ db, clock }: Pick<Core, 'db' | 'clock'>, signal: AbortSignal): Promise<number> {
  const nowMs = clock.nowMs()
  await db.write((tx) => deleteEndedSecrets.run(tx, { nowMs }))
  const sinceMs = nowMs - KEEP_MS
  for (let after = '', size = BATCH; size === BATCH && !signal.aborted; ) {
    const triggers = await listBusyTriggers.all(db, { sinceMs, after, limit: BATCH })
    for (const { id: triggerId } of triggers) {
      const last = await findDeliveryAt.first(db, { triggerId, place: PAYLOADS_KEPT - 1 })
      if (last) await db.write((tx) => forgetPayloads.run(tx, { triggerId, beforeId: last.id }))
    }
    after = triggers.at(-1)?.id ?? after
    size = triggers.length
  }
  let removed = 0
  for (let inBatch = BATCH; inBatch === BATCH && !signal.aborted; removed += inBatch) {
    inBatch = await db.write((tx) => deleteOldDeliveries.run(tx, { beforeMs: sinceMs, most: BATCH }))
  }
  return removed
}
