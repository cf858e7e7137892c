import type { Problem } from '../errors.ts'
import { isJsonObject, type Json } from '../json.ts'
import { answerOf, prepareQuestion } from './ask.ts'
import { type CarriedOut, prepareCarryOut, prepareWithoutModel } from './carry-out.ts'
import { checkPlan, salvagePlan } from './check-plan.ts'
import type { Memo } from './memo.ts'
import { type Move, moveOn, type Needs, type Scene } from './move.ts'
import type { Plan } from './plan.ts'
import { repairPrompt } from './prompt.ts'
import { tryStage } from './try-stage.ts'

/**
 * A model was asked for a plan. What is right is carried out; what is wrong is asked for once more, with the problems; what is
 * wrong then is salvaged where the schedule says so. Whatever else comes of it, something that needs no model is done.
 */
export async function afterPlanning(core: Needs, scene: Scene): Promise<void> {
  const { knowledge, cycle, run } = scene
  const answered = answerOf(run)
  const used = { tokens: answered.tokens, isMock: answered.isMock }
  const { value } = answered
  if (value === undefined) return withoutModel(core, scene, 'failed', [`The model gave no plan: ${answered.why}`], used)
  if (answered.isMock && plansNothing(value)) {
    const note = 'No model is connected: the mock answered, and it plans nothing.'
    return withoutModel(core, scene, 'not_asked', [note], used)
  }
  const checked = checkPlan(value, knowledge.sources)
  if (checked.plan) {
    const source = cycle.status === 'repairing' ? 'repaired' : 'model'
    const notes = source === 'repaired' ? ['The plan was repaired: asked once more, the model mended it.'] : []
    return carryOut(core, scene, { plan: checked.plan, source, notes }, used)
  }
  const wrong = `The plan could not be used as it was: ${listed(checked.problems)}.`
  if (cycle.status === 'planning' && (await askAgain(core, scene, value, checked.problems, [wrong], used))) return
  return makeDo(core, scene, value, [wrong], used)
}

type Used = Pick<Move, 'tokens' | 'isMock'>

const plansNothing = (value: Json): boolean =>
  !isJsonObject(value) || !Array.isArray(value.calls) || value.calls.length === 0

/** One more question, with what was wrong; false where none can be asked. */
async function askAgain(
  core: Needs,
  scene: Scene,
  value: Json,
  problems: readonly Problem[],
  notes: string[],
  used: Used,
): Promise<boolean> {
  const { cycle, run, knowledge, plan, actor } = scene
  const { prompt = '' } = JSON.parse(run.inputs_json) as { prompt?: string }
  const spent = cycle.tokens + (used.tokens ?? 0)
  const asked = await prepareQuestion(core, actor, {
    cycleId: cycle.id,
    stage: 'repair',
    prompt: repairPrompt(prompt, value, problems),
    settings: knowledge.settings,
    plan,
    used: { cycle: spent, today: knowledge.today.tokens + (used.tokens ?? 0) },
  })
  if ('whyNot' in asked) return false
  const memo: Memo = { ...scene.memo, answer: value }
  return tryStage(() => moveOn(core, scene, { to: 'repairing', run: asked.run, memo, notes, ...used }))
}

/** What is right of the second answer, or else of the first. */
async function makeDo(core: Needs, scene: Scene, value: Json, notes: string[], used: Used): Promise<void> {
  const { knowledge, memo } = scene
  if (knowledge.settings.lenient) {
    for (const answer of memo.answer === undefined ? [value] : [value, memo.answer]) {
      const salvaged = salvagePlan(answer, knowledge.sources)
      if (!salvaged.plan) continue
      const kept = [...notes, ...salvaged.notes]
      return carryOut(core, scene, { plan: salvaged.plan, source: 'salvaged', notes: kept }, used)
    }
    notes.push('Nothing of it could be kept.')
  }
  return withoutModel(core, scene, 'asked', notes, used)
}

async function carryOut(
  core: Needs,
  scene: Scene,
  { plan, source, notes }: { plan: Plan; source: Memo['source']; notes: string[] },
  used: Used,
): Promise<void> {
  const given = { plan, source, model: 'asked' } as const
  const carried = await prepareCarryOut(core, scene.actor, scene.cycle.id, scene.knowledge, given)
  return goOn(core, scene, carried, notes, used)
}

async function withoutModel(
  core: Needs,
  scene: Scene,
  model: Memo['model'],
  notes: string[],
  used: Used,
): Promise<void> {
  const carried = await prepareWithoutModel(core, scene.actor, scene.cycle.id, scene.knowledge, model)
  return goOn(core, scene, carried, notes, used)
}

/** Runs it; where there is nothing to run, the cycle is over. */
const goOn = (
  core: Needs,
  scene: Scene,
  { memo, run, notes }: CarriedOut,
  before: string[],
  used: Used,
): Promise<void> =>
  moveOn(core, scene, {
    to: run ? 'running' : 'done',
    ...(run ? { run } : {}),
    memo,
    notes: [...before, ...notes],
    ...used,
  })

const PROBLEMS_SHOWN = 5

function listed(problems: readonly Problem[]): string {
  const shown = problems.slice(0, PROBLEMS_SHOWN).map(({ path, message }) => `${path || 'it'} ${message}`)
  const rest = problems.length - shown.length
  return shown.join('; ') + (rest > 0 ? `; and ${rest} more` : '')
}
