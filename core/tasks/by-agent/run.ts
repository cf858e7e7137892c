import type { JsonObject } from '../../json.ts'
import { hasRunEnded } from '../../runs/states.ts'
import { loadRun, type StoredRun } from '../../runs/stored.ts'
import type { Verdict } from '../judge.ts'
import type { Effect } from './effects.ts'
import type { AgentTask, Needs } from './world.ts'

/** The run that is waited for, once it has ended; undefined while it has not. */
export async function endedRun(core: Pick<Needs, 'db'>, { work }: AgentTask): Promise<StoredRun | undefined> {
  const run = await loadRun(core.db, work.run_id ?? '')
  return run && hasRunEnded(run.state.status) ? run : undefined
}

export const isGood = ({ state }: StoredRun): boolean =>
  state.status === 'succeeded' || state.status === 'partially_completed'

/** What it does has been done: also where it could not be paid for, which shall not be done twice. */
export const hasDone = (run: StoredRun): boolean => isGood(run) || run.state.status === 'payment_failed'

export const whyEnded = ({ state }: StoredRun): string =>
  state.error?.message ?? state.steps.find(({ error }) => error)?.error?.message ?? `Its run was ${state.status}.`

/** What a result says in words. */
export const textOf = ({ text, ...rest }: JsonObject): string =>
  typeof text === 'string' ? text : JSON.stringify({ text: text ?? null, ...rest })

export const resultOf = ({ row }: AgentTask): JsonObject => JSON.parse(row.result_json ?? '{}')

export const verdictsOf = ({ work }: Pick<AgentTask, 'work'>): Verdict[] => JSON.parse(work.verdicts_json)

export const effectsOf = ({ work }: Pick<AgentTask, 'work'>): Effect[] => JSON.parse(work.effects_json)

/**
 * The side effects as their runs left them: a run that failed may have been retried by hand since, and what it has done is not
 * done again. `going` while one of them is at it; its end has the task looked at.
 */
export async function withRetried(
  core: Pick<Needs, 'db'>,
  effects: readonly Effect[],
): Promise<readonly Effect[] | 'going'> {
  const left: Effect[] = []
  for (const effect of effects) {
    const { status, runId } = effect
    const run = status === 'done' || runId === null ? undefined : await loadRun(core.db, runId)
    if (run && !hasRunEnded(run.state.status)) return 'going'
    left.push(run && hasDone(run) ? { ...effect, status: 'done', reason: null } : effect)
  }
  return left
}
