import type { Reader } from '#db/db.ts'
import { findRun, type RunRow } from '#db/runs.ts'

/** What was not paid for is kept back: of the run that owes, and of every run inside it. */
export async function isWithheld(on: Reader, row: Pick<RunRow, 'status' | 'parent_run_id'>): Promise<boolean> {
  let outer: Pick<RunRow, 'status' | 'parent_run_id'> | undefined = row
  while (outer?.parent_run_id) outer = await findRun.first(on, { id: outer.parent_run_id })
  return outer?.status === 'payment_failed'
}
