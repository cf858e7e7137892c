import { type Db, executor, type Tx } from '../db.ts'
import { confirmLease, holdItem, keepDirtyItem, putCleanItemBack, removeCleanItem, removeItem } from '../work-items.ts'
import { type Claim, LeaseLostError, type WorkItem } from './queue.ts'

/** To be awaited first in every transaction that writes under a claim: a worker that lost its lease cannot write. */
export async function confirmClaim(tx: Tx, claim: Claim): Promise<void> {
  if (!(await confirmLease.first(tx, claim))) throw new LeaseLostError(claim.key)
}

const unfenced = new WeakMap<Db, Db>()

/** The database as seen from under a claim: each write confirms it first, so that who lost it writes nothing more. */
export function underClaim(db: Db, claim: Claim): Db {
  const fenced: Db = {
    dialect: db.dialect,
    [executor]: db[executor],
    write(body, options) {
      async function fencedBody(tx: Tx) {
        await confirmClaim(tx, claim)
        return body(tx)
      }
      // A body that misbehaves is called by its own name.
      return db.write(Object.defineProperty(fencedBody, 'name', { value: body.name }), options)
    },
    onChange: (listener) => db.onChange(listener),
    close: () => db.close(),
  }
  unfenced.set(fenced, db)
  return fenced
}

/** For what was begun under a claim and goes on under another. */
export const withoutClaim = (db: Db): Db => unfenced.get(db) ?? db

/**
 * Takes an item away for good, whoever has it: under that claim nothing more is written. What its holder had begun to write is
 * waited for; who puts the item in again waits for this transaction, and finds what it did.
 */
export async function takeAway(tx: Tx, item: Omit<WorkItem, 'runAtMs'>): Promise<void> {
  // Written even where there is none: nothing but a row can be waited for.
  await holdItem.run(tx, item)
  await removeItem.run(tx, item)
  tx.enqueued.delete(item.key)
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
