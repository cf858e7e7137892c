import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from '#db/db.ts'
import { findNewestEvent, listEventWriters } from '#db/events.ts'
import { AppError } from '../errors.ts'

const LOOK_EVERY_MS = 5
/** A transaction takes milliseconds; one that takes longer than this is a machine that stands still. */
const PATIENCE_MS = 5_000

/**
 * The number up to which the events are as they will ever be: whoever reads that far has missed nothing, and may go on from
 * there. On SQLite it is the newest, since one writes after the other. On Postgres numbers are given out before their rows
 * can be seen, so a lower one may yet appear: what was numbered before we looked is there, or never will be, as soon as
 * everybody who was writing events when we looked has ended. `busy` when one of them does not.
 */
export async function settledEvents(db: Db): Promise<number> {
  const newest = (await findNewestEvent.first(db, {}))?.seq ?? 0
  if (db.dialect === 'sqlite') return newest
  const untilMs = performance.now() + PATIENCE_MS
  for (let left = await writers(db); left.length > 0; left = await stillThere(db, left)) {
    if (performance.now() > untilMs)
      throw new AppError('busy', 'Events are still being written. Try again in a moment.')
    await sleep(LOOK_EVERY_MS)
  }
  return newest
}

/** Transactions have names that are not used again. */
const writers = async (db: Db): Promise<string[]> =>
  (await listEventWriters.all(db, {})).map(({ virtualtransaction }) => virtualtransaction)

async function stillThere(db: Db, before: readonly string[]): Promise<string[]> {
  const now = new Set(await writers(db))
  return before.filter((one) => now.has(one))
}
