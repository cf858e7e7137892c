import { readAdvice } from './advice.ts'
import { answerOf } from './ask.ts'
import { moveOn, type Needs, type Scene } from './move.ts'

/** A model was asked when to come next. What it says is one voice among others; without it the rules decide alone. */
export async function afterAdvice(core: Needs, scene: Scene): Promise<void> {
  const { run, memo } = scene
  const answered = answerOf(run)
  const used = { tokens: answered.tokens, isMock: answered.isMock }
  if (answered.value === undefined) {
    const notes = [`The model did not say when to come next: ${answered.why}`]
    return moveOn(core, scene, { to: 'done', memo: { ...memo, model: 'failed' }, notes, ...used })
  }
  const { advice, notes } = readAdvice(answered.value, core.clock.nowMs())
  return moveOn(core, scene, { to: 'done', memo, notes, advice, ...used })
}
