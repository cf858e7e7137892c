import { agentIn } from '../../agents/agent.ts'
import { saveTask } from '../change.ts'
import { itemsOf } from '../task.ts'
import { proposedEffects } from './effects.ts'
import { askForReview } from './review.ts'
import { effectsOf, endedRun, isGood, resultOf, textOf, verdictsOf, whyEnded } from './run.ts'
import { modelVerdicts, ruleVerdicts, unjudged, verdictInputs } from './verdicts.ts'
import { type AgentTask, isAsRead, keep, type Needs, type Next, runFor, stopTask } from './world.ts'

/** What came of the work: kept with the task, with what the rules say of it. The rest is for `checkResult`. */
export async function followWork(core: Needs, task: AgentTask): Promise<Next> {
  const run = await endedRun(core, task)
  if (!run) return null
  const { row } = task
  const work = { ...task.work, cost_micros: task.work.cost_micros + run.row.cost_micros }
  if (!isGood(run)) return stopTask(core, { row, work }, whyEnded(run), 'failed')
  const outputs = run.state.outputs ?? {}
  const agent = await agentIn(core.db, row.context, work.agent_id)
  if (!agent) return stopTask(core, { row, work }, 'Its agent is not there any more.', 'failed')
  const effects = proposedEffects(outputs, effectsOf(task))
  const items = itemsOf(row)
  const byRule = ruleVerdicts(textOf(outputs), items)
  const verdicts = items.map((item, index) => byRule[index] ?? unjudged(item))
  return core.db.write(async function keepResult(tx): Promise<Next> {
    if (!(await isAsRead(tx, task))) return 'again'
    const result = { ...outputs, runId: run.row.id, agent: agent.name }
    await saveTask(tx, { ...row, result_json: JSON.stringify(result), updated_at_ms: core.clock.nowMs() })
    const found = { verdicts_json: JSON.stringify(verdicts), effects_json: JSON.stringify(effects) }
    await keep(tx, { ...work, ...found, phase: 'check', run_id: null })
    return 'again'
  })
}

/** The rules have said what they can; a model is asked about the rest, where there is one to ask. */
export async function checkResult(core: Needs, task: AgentTask): Promise<Next> {
  const { row, work } = task
  const open = openItems(task)
  if (open.length === 0 || core.tools.find('llm.extract') === undefined) return askForReview(core, task, work)
  const inputs = verdictInputs(textOf(resultOf(task)), open, core.ids.newSecret())
  // Stopped and taken up again it is asked anew in the same round; the task was moved in between.
  const name = `check:${work.round}:${row.version}`
  return runFor(core, task, { name, target: { tool: 'llm.extract' }, inputs }, async (tx, runId) => {
    await keep(tx, { ...work, run_id: runId })
  })
}

/** What the model said, as far as its quotes hold. Where it could not be asked, people see that nobody has looked. */
export async function followCheck(core: Needs, task: AgentTask): Promise<Next> {
  const run = await endedRun(core, task)
  if (!run) return null
  const { work } = task
  const said = isGood(run) ? modelVerdicts(run.state.outputs?.value, textOf(resultOf(task)), openItems(task)) : []
  const verdicts = verdictsOf(task).map((one) => said.find(({ itemId }) => itemId === one.itemId) ?? one)
  const cost_micros = work.cost_micros + run.row.cost_micros
  return askForReview(core, task, { ...work, cost_micros, verdicts_json: JSON.stringify(verdicts) })
}

const openItems = (task: AgentTask) => {
  const open = new Set(verdictsOf(task).flatMap(({ itemId, verdict }) => (verdict === 'unknown' ? [itemId] : [])))
  return itemsOf(task.row).filter(({ id }) => open.has(id))
}
