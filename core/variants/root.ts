import type { Reader } from '#db/db.ts'
import { findVariant } from '#db/variants.ts'
import { variantIdOf } from './ids.ts'

/** The run whose variant a run's result is: its own, unless it was started as one more of another's. */
export async function rootRunOf(on: Reader, runId: string): Promise<string> {
  const row = await findVariant.first(on, { id: variantIdOf(runId) })
  return row?.run_id ?? runId
}
