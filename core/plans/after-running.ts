import { listSteps } from '#db/run-steps.ts'
import { prepareQuestion } from './ask.ts'
import { type Move, moveOn, type Needs, type Scene } from './move.ts'
import { type Outcome, readOutcome } from './outcome.ts'
import { advicePrompt } from './prompt.ts'
import { tryStage } from './try-stage.ts'

/** The calls are made: they are counted, and a model is asked when to come next, where one may be asked. */
export async function afterRunning(core: Needs, scene: Scene): Promise<void> {
  const { cycle, run, knowledge, memo } = scene
  const plan = memo.made ?? { calls: [], strategy: 'sequential', concurrencyLimit: 1, reasoning: '', confidence: 0 }
  const made = readOutcome(plan, run, await listSteps.all(core.db, { runId: run.id }), knowledge.lastOutcome)
  const asked = memo.model === 'asked' ? await askForTime(core, scene, made) : { whyNot: '' }
  if ('run' in asked) {
    const move: Move = { to: 'scheduling', run: asked.run, memo, notes: [], made }
    if (await tryStage(() => moveOn(core, scene, move))) return
  }
  const notes = 'whyNot' in asked && asked.whyNot !== '' ? [asked.whyNot] : []
  await moveOn(core, scene, { to: 'done', memo, notes, made, isMock: cycle.is_mock === 1 })
}

function askForTime(core: Needs, scene: Scene, made: Outcome): ReturnType<typeof prepareQuestion> {
  const { cycle, knowledge, memo, plan, actor } = scene
  return prepareQuestion(core, actor, {
    cycleId: cycle.id,
    stage: 'next',
    prompt: advicePrompt(knowledge, memo.made, made),
    settings: knowledge.settings,
    plan,
    used: { cycle: cycle.tokens, today: knowledge.today.tokens },
  })
}
