import type { Reader } from '#db/db.ts'
import type { RunRow } from '#db/runs.ts'
import { listVariantsOf } from '#db/variants.ts'
import { variantIdOf } from './ids.ts'

type Run = Pick<RunRow, 'id' | 'status' | 'job_id' | 'definition_json'>

/** Whether a run brought something that is there to be looked at: not what failed, and not what is kept back. */
export const hasVariant = (status: string): boolean => status === 'succeeded' || status === 'partially_completed'

/** One that stands for several nested ones has no result of its own. Only tools by themselves have no job. */
const isSeveral = ({ job_id, definition_json }: Omit<Run, 'id' | 'status'>): boolean =>
  job_id !== null && definition_json !== null

/** The variants of each of these runs: what it brought itself, then the others in the order they were begun. */
export async function variantIdsOf(on: Reader, runs: readonly Run[]): Promise<Map<string, string[]>> {
  const others = await listVariantsOf(
    on,
    runs.map(({ id }) => id),
  )
  const byRun = Map.groupBy(others, ({ run_id }) => run_id)
  return new Map(
    runs.map((run) => {
      const own = hasVariant(run.status) && !isSeveral(run) ? [variantIdOf(run.id)] : []
      // What its wallet did not pay for is kept back with all its parts; others were paid by themselves.
      const isWithheld = run.status === 'payment_failed' && isSeveral(run)
      const rest = isWithheld ? [] : (byRun.get(run.id) ?? []).filter(({ status }) => hasVariant(status))
      return [run.id, [...own, ...rest.map(({ id }) => id)]]
    }),
  )
}
