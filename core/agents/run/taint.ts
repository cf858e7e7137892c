import { findTaintedTurn } from '#db/agent-turns.ts'
import type { Reader } from '#db/db.ts'
import { findTask } from '#db/tasks.ts'
import type { Core } from '../../core.ts'
import type { JsonObject } from '../../json.ts'
import { cycleOfKey } from '../../plans/cycle-key.ts'
import { loadRun, type StoredRun } from '../../runs/stored.ts'
import { effectOfTool } from './effect.ts'

/** Where words come from others than the person: letters, web hooks, rules that quote events, programs with models of their own. */
const OUTSIDE: Readonly<Record<string, string>> = {
  email: 'an e-mail',
  webhook: 'a web hook',
  rule: 'an event',
  mcp: 'another program',
}

/** A model wrote it, and what servers answered stood in its question: a goal in it may be theirs. */
const PLANNED = 'a plan that a model made'

/** Which of its words, the turns of that agent say. */
export const ASKED_BY_AGENT = 'the agent that asked it'

/** What from outside may stand in the inputs of an agent's step, in words of our own. */
export async function taintsBefore(
  core: Pick<Core, 'db' | 'tools'>,
  run: StoredRun,
  input: JsonObject,
): Promise<string[]> {
  const taints = new Set<string>()
  if (typeof input.context === 'string' && input.context !== '') taints.add('what it was given to look at')
  if (await isTaskOfOthers(core.db, run, input)) taints.add('a task of somebody else')
  const channel = OUTSIDE[run.row.channel]
  if (channel) taints.add(channel)
  for (const one of await taintsOfRun(core, run)) taints.add(one)
  return [...taints]
}

async function isTaskOfOthers(on: Reader, { row }: StoredRun, { taskId }: JsonObject): Promise<boolean> {
  if (typeof taskId !== 'string') return false
  const task = await findTask.first(on, { id: taskId })
  return task?.context !== row.context || task.created_by !== row.account_id
}

/** Who planned the run, and steps that have ended, may have given it anything, here and in the runs that this one is nested in. */
async function taintsOfRun(core: Pick<Core, 'db' | 'tools'>, run: StoredRun): Promise<string[]> {
  const taints = run.state.steps.flatMap(({ stepId, status }): string[] => {
    const step = run.definition.steps.find((candidate) => candidate.stepId === stepId)
    if (status !== 'succeeded' || !step) return []
    if ('jobId' in step) return [step.jobId]
    if ('review' in step) return ['what people filled in']
    if (!('toolId' in step)) return []
    const tool = core.tools.find(step.toolId)
    return tool && effectOfTool(step.toolId, tool.sideEffect) === 'none' ? [] : [step.toolId]
  })
  if (cycleOfKey(run.pins.follower ?? '') !== undefined) taints.push(PLANNED)
  const parentId = run.row.parent_run_id
  if (parentId === null) return taints
  if (await findTaintedTurn.first(core.db, { runId: parentId })) taints.push(ASKED_BY_AGENT)
  const parent = await loadRun(core.db, parentId)
  return parent ? [...taints, ...(await taintsOfRun(core, parent))] : taints
}
