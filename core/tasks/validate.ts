import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { Json, JsonObject } from '../json.ts'
import { once } from '../once.ts'
import { taskEvent, taskToChange } from './change.ts'
import { type Check, judge, type Verdict } from './judge.ts'
import { itemsOf, taskView } from './task.ts'

export type Validation = { taskId: string; version: number; isPassed: boolean; verdicts: Verdict[] }

/**
 * Holds what a task has brought against checks of its items, and puts the verdict on record with what was found. It says
 * what is so and changes nothing: whoever approves checks the items, and answers for it. Refused: `bad_input` for checks of
 * items that the task does not have. The same request key again gives the same verdict.
 */
export async function validateTask(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  { id, checks }: { id: string; checks: readonly Check[] },
): Promise<Validation> {
  const nowMs = core.clock.nowMs()
  const input = { id, checks: [...checks] } as Json
  return core.db.write(async function validateTask(tx) {
    const row = await taskToChange(tx, actor, id)
    return once(tx, { actor, operation: 'task.validate', input, nowMs }, async () => {
      const items = itemsOf(row)
      refuseUnknown(checks, new Set(items.map((item) => item.id)))
      const verdicts = judge(taskView(row) as unknown as JsonObject, items, checks)
      const isPassed = verdicts.every(({ verdict }) => verdict === 'passed')
      await appendEvents(tx, nowMs, [taskEvent(row, 'validated', actor.accountId, { isPassed, verdicts })])
      return { taskId: id, version: row.version, isPassed, verdicts }
    })
  })
}

function refuseUnknown(checks: readonly Check[], known: ReadonlySet<string>): void {
  const problems = checks.flatMap(({ itemId }, index) =>
    known.has(itemId) ? [] : [{ path: `checks.${index}.itemId`, message: 'is no item of this task' }],
  )
  if (problems.length === 0) return
  throw new AppError('bad_input', problems.map(({ path, message }) => `${path} ${message}`).join('; '), { problems })
}
