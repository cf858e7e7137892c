import type { Reader } from '#db/db.ts'
import { findRunByKey } from '#db/runs.ts'

/** The run that a request of this person started, if it started one; found by the key that `submitRun` gave it. */
export async function runStartedBy(
  on: Reader,
  { accountId, requestKey }: { accountId: string; requestKey: string },
): Promise<string | undefined> {
  return (await findRunByKey.first(on, { idempotencyKey: `${accountId}/${requestKey}` }))?.id
}
