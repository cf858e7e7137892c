import type { Reader } from '#db/db.ts'
import type { RunRow } from '#db/runs.ts'
import { findVariantRow, listVariantsOf } from '#db/variants.ts'
import { type Choice, choiceOf } from './choice.ts'
import { variantIdOf } from './ids.ts'
import { rootRunOf } from './root.ts'

type Run = Pick<RunRow, 'id' | 'status' | 'job_id' | 'definition_json'>

/** Whether a run brought something that is there to be looked at: not what failed, and not what is kept back. */
export const hasVariant = (status: string): boolean => status === 'succeeded' || status === 'partially_completed'

/** One that stands for several nested ones has no result of its own. Only tools by themselves have no job. */
const isSeveral = ({ job_id, definition_json }: Omit<Run, 'id' | 'status'>): boolean =>
  job_id !== null && definition_json !== null

/** What there is to choose from of a run, and what was chosen. Most have brought one thing, and nobody has said anything yet. */
export async function choicesOf(on: Reader, run: Run): Promise<{ variants: string[]; choice: Choice | undefined }> {
  const { id } = run
  if (!(await findVariantRow.first(on, { runId: id, id: variantIdOf(id) })))
    return { variants: ownOf(run), choice: undefined }
  const variants = (await variantIdsOf(on, [run])).get(id) ?? []
  return { variants, choice: await choiceOf(on, await rootRunOf(on, id)) }
}

const ownOf = (run: Run): string[] => (hasVariant(run.status) && !isSeveral(run) ? [variantIdOf(run.id)] : [])

/** The variants of each of these runs: what it brought itself, then the others in the order they were begun. */
export async function variantIdsOf(on: Reader, runs: readonly Run[]): Promise<Map<string, string[]>> {
  const others = await listVariantsOf(
    on,
    runs.map(({ id }) => id),
  )
  const byRun = Map.groupBy(others, ({ run_id }) => run_id)
  return new Map(
    runs.map((run) => {
      // What its wallet did not pay for is kept back with all its parts; others were paid by themselves.
      const isWithheld = run.status === 'payment_failed' && isSeveral(run)
      const rest = isWithheld ? [] : (byRun.get(run.id) ?? []).filter(({ status }) => hasVariant(status))
      return [run.id, [...ownOf(run), ...rest.map(({ id }) => id)]]
    }),
  )
}
