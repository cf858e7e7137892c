import type { Tx } from '../db.ts'
import { confirmLease, keepDirtyItem, putCleanItemBack, removeCleanItem } from '../work-items.ts'
import { type Claim, LeaseLostError } from './queue.ts'

/** To be awaited first in every transaction that writes under a claim: a worker that lost its lease cannot write. */
export async function confirmClaim(tx: Tx, claim: Claim): Promise<void> {
  if (!(await confirmLease.first(tx, claim))) throw new LeaseLostError(claim.key)
}

/** See WorkStore.release: the part that is the same on both databases. */
export async function releaseItem(tx: Tx, claim: Claim, nextAtMs: number | null): Promise<boolean> {
  const released =
    nextAtMs === null
      ? await removeCleanItem.run(tx, claim)
      : await putCleanItemBack.run(tx, { ...claim, runAtMs: nextAtMs })
  if (released > 0) return true
  if ((await keepDirtyItem.run(tx, claim)) === 0) throw new LeaseLostError(claim.key)
  return false
}
