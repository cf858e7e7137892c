import { jobOfOffer } from '../../agents/run/offers.ts'
import { whyNotNow } from './allowed.ts'
import type { Effect } from './effects.ts'
import { effectsOf, endedRun, hasDone, whyEnded, withRetried } from './run.ts'
import { wakeWaiting } from './waiting.ts'
import { type AgentTask, isAsRead, keep, moveIn, type Needs, type Next, runFor, stopTask, tellGiver } from './world.ts'

/** After approval: what the result proposes is done from here on. */
export const beginMerging = (core: Needs, task: AgentTask): Promise<Next> =>
  core.db.write(async function beginMerging(tx): Promise<Next> {
    if (!(await isAsRead(tx, task))) return 'again'
    await moveIn(core, tx, task.row, 'merging', { by: task.work.agent_id })
    await keep(tx, { ...task.work, phase: 'merge', run_id: null })
    return 'again'
  })

/**
 * One side effect after the other, each a run of its own under a name of its own: begun twice it is the same run. Those that
 * are done are not done again, also when the task failed in between and was taken up anew.
 */
export async function mergeNext(core: Needs, task: AgentTask): Promise<Next> {
  if (task.work.run_id !== null) return followEffect(core, task)
  const retried = await withRetried(core, effectsOf(task))
  if (retried === 'going') return null
  const effect = retried.find(({ status }) => status === 'open')
  if (!effect) return finish(core, task, retried)
  const why = await whyNotNow(core, task, effect)
  if (why !== undefined) return stopTask(core, task, why, 'failed')
  const { toolId, input, saved = {}, hash } = effect
  const name = `effect:${hash}:${task.work.round}`
  return runFor(core, task, { name, target: targetOf(toolId), inputs: input, saved }, async (tx, runId) => {
    await keep(tx, { ...task.work, run_id: runId, effects_json: withEffect(retried, { ...effect, runId }) })
  })
}

/** A job that the agent may use is known to it as a tool. */
const targetOf = (toolId: string): { job: string } | { tool: string } => {
  const jobKey = jobOfOffer(toolId)
  return jobKey === undefined ? { tool: toolId } : { job: jobKey }
}

async function followEffect(core: Needs, task: AgentTask): Promise<Next> {
  const run = await endedRun(core, task)
  if (!run) return null
  const work = { ...task.work, cost_micros: task.work.cost_micros + run.row.cost_micros }
  const effect = effectsOf(task).find(({ runId }) => runId === run.row.id)
  if (!hasDone(run)) {
    const what = `${effect?.toolId ?? 'What it proposed'} failed: ${whyEnded(run)}`
    return stopTask(core, { row: task.row, work }, what, 'failed')
  }
  return core.db.write(async function keepEffect(tx): Promise<Next> {
    if (!(await isAsRead(tx, task))) return 'again'
    const effects = effect ? withEffect(effectsOf(task), { ...effect, status: 'done' }) : task.work.effects_json
    await keep(tx, { ...work, run_id: null, effects_json: effects })
    return 'again'
  })
}

const withEffect = (effects: readonly Effect[], effect: Effect): string =>
  JSON.stringify(effects.map((one) => (one.hash === effect.hash ? effect : one)))

const finish = (core: Needs, task: AgentTask, effects: readonly Effect[]): Promise<Next> =>
  core.db.write(async function finishTask(tx): Promise<Next> {
    if (!(await isAsRead(tx, task))) return 'again'
    await wakeWaiting(core, tx, await moveIn(core, tx, task.row, 'done', { by: task.work.agent_id }))
    await keep(tx, { ...task.work, run_id: null, error: null, effects_json: JSON.stringify(effects) })
    const done = effects.filter(({ status }) => status === 'done')
    // Without any, the approval was the last there was to hear of.
    if (done.length > 0) await tellGiver(core, tx, task, 'task', `${task.row.title} is done: ${namesOf(done)}.`)
    return null
  })

/** `http.request, chat.send (2)` */
function namesOf(effects: readonly Effect[]): string {
  const byTool = Map.groupBy(effects, ({ toolId }) => toolId)
  return [...byTool].map(([toolId, { length }]) => (length === 1 ? toolId : `${toolId} (${length})`)).join(', ')
}
