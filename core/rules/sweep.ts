import { deleteRuleAnswers, deleteRuleFire, listOldFires } from '#db/rule-fires.ts'
import type { Core } from '../core.ts'

const KEEP_MS = 30 * 24 * 3_600_000
const BATCH = 200

/** Forgets what rules said a month ago. Returns how many fires; a second time there is nothing left. */
export async function sweepRules({ db, clock }: Pick<Core, 'db' | 'clock'>, signal: AbortSignal): Promise<number> {
  const beforeMs = clock.nowMs() - KEEP_MS
  let removed = 0
  for (let inBatch = BATCH; inBatch === BATCH && !signal.aborted; removed += inBatch) {
    inBatch = await db.write(async function forgetOldFires(tx) {
      const old = await listOldFires.all(tx, { beforeMs, most: BATCH })
      for (const { id } of old) {
        await deleteRuleAnswers.run(tx, { fireId: id })
        await deleteRuleFire.run(tx, { id })
      }
      return old.length
    })
  }
  return removed
}
