import { describe, expect, test } from 'vitest'
import type { StepDefinition } from '#core/jobs/definition.ts'
import { RESULT_REVIEW } from '#core/runs/state.ts'
import { type Driver, idsOf, job, started } from './decide-driver.ts'

const review = { kind: 'decide' } as const
const tool = (stepId: string, rest: Partial<StepDefinition> = {}): StepDefinition => ({
  stepId,
  toolId: 'test.tool',
  ...rest,
})
const ask = (stepId: string, rest: Partial<StepDefinition> = {}): StepDefinition => ({ stepId, review, ...rest })
const reads = (step: string) => ({ x: { step, output: 'v' } })
const sendBack = (run: Driver, stepId: string, comment = 'no') =>
  run.send({ type: 'changes_requested', seq: run.row(stepId).seq, comment })

describe('what is sent back', () => {
  test('is made again under a key of its own, with what was said, and is asked anew', () => {
    const [run] = started(job([tool('a')], { review, outputs: { v: { step: 'a', output: 'v' } } }))
    run.succeed('a', { v: 1 })
    const again = sendBack(run, RESULT_REVIEW, 'shorter')
    expect(again.start).toMatchObject([{ stepId: 'a', attempt: 101, idempotencySuffix: 'a:2', comment: 'shorter' }])
    expect(again.run).toMatchObject({ status: 'running' })
    expect(run.succeed('a', { v: 2 }).run).toMatchObject({ status: 'waiting' })
    const third = sendBack(run, RESULT_REVIEW, 'longer')
    expect(third.start).toMatchObject([{ idempotencySuffix: 'a:3', comment: 'longer' }])
    run.succeed('a', { v: 3 })
    expect(run.succeed(RESULT_REVIEW).run).toEqual({ status: 'succeeded', outputs: { v: 3 }, error: null })
  })

  test('is what the review shows, with all that has seen it, and nothing before it', () => {
    const steps = [tool('a'), tool('b'), tool('c'), ask('ok', { inputMappings: reads('b') }), tool('d')]
    const [run] = started(job(steps))
    for (const id of ['a', 'b', 'c']) run.succeed(id, { v: id })
    expect(idsOf(sendBack(run, 'ok').start)).toEqual(['b'])
    expect(run.picture).toBe('a:succeeded b:running c:pending ok:pending d:pending')
    run.succeed('b', { v: 2 })
    run.succeed('c')
    expect(run.row('ok')).toMatchObject({ status: 'waiting', waitFor: 'review' })
    expect(idsOf(run.succeed('ok').start)).toEqual(['d'])
  })

  test('goes back past reviews and waits to what was made; those who approved before are asked anew', () => {
    const steps = [tool('a'), ask('first'), { stepId: 'pause', wait: { ms: 10 } }, ask('second')]
    const [run] = started(job(steps))
    run.succeed('a', { v: 1 })
    run.succeed('first')
    run.pass(10)
    expect(idsOf(sendBack(run, 'second').start)).toEqual(['a'])
    run.succeed('a', { v: 2 })
    expect(run.row('first').status).toBe('waiting')
    expect(run.row('second').status).toBe('pending')
  })

  test('waits for what of it still executes, and begins nothing more of it meanwhile', () => {
    const branch = (stepId: string, ...dependencies: string[]) => tool(stepId, { dependencies })
    const steps = [branch('a'), ask('ok', { dependencies: ['a'] }), branch('side', 'a'), branch('late', 'side')]
    const [run] = started(job(steps))
    run.succeed('a', { v: 1 })
    expect(run.picture).toBe('a:succeeded ok:waiting side:running late:pending')
    expect(sendBack(run, 'ok')).toMatchObject({ start: [] })
    expect(sendBack(run, 'ok').steps).toEqual([])
    expect(idsOf(run.succeed('side', { v: 1 }).start)).toEqual(['a'])
    expect(run.picture).toBe('a:running ok:pending side:pending late:pending')
  })

  test('tries are counted anew, and a result of the round before is of another try', () => {
    const step = tool('a', { retry: { maxAttempts: 2, backoffMs: 0 } })
    const [run] = started(job([step, ask('ok')]))
    run.fail('a', true)
    run.pass(0)
    run.succeed('a', { v: 1 })
    sendBack(run, 'ok')
    expect(run.send({ type: 'step_succeeded', seq: 0, attempt: 2, output: {} }).steps).toEqual([])
    run.fail('a', true)
    expect(run.pass(0).start).toMatchObject([{ stepId: 'a', attempt: 102 }])
  })

  test('a list that has become shorter leaves the copies out that it has no element for', () => {
    const each = tool('each', { forEach: { step: 'list', output: 'v' }, inputMappings: { x: { item: true } } })
    const [run] = started(job([tool('list'), each, ask('ok', { inputMappings: reads('list') })]))
    run.succeed('list', { v: [1, 2, 3] })
    for (const index of [0, 1, 2]) run.succeed('each', { v: index }, index)
    sendBack(run, 'ok')
    expect(run.succeed('list', { v: [7, 8] }).start).toMatchObject([{ input: { x: 7 } }, { input: { x: 8 } }])
    run.succeed('each', { v: 7 }, 0)
    run.succeed('each', { v: 8 }, 1)
    expect(run.row('each').output).toEqual({ items: [{ v: 7 }, { v: 8 }] })
    expect(run.row('each', 2).status).toBe('skipped')
  })

  test('templates and conditions see the words; before there are any they are empty', () => {
    const steps = [
      tool('a', { inputMappings: { x: { template: '[{{ review.comment }}]' } } }),
      tool('b', { condition: 'review.comment == "more"' }),
    ]
    const [run, first] = started(
      job(steps, { review, outputs: { v: { step: 'a', output: 'v' }, w: { step: 'b', output: 'v' } } }),
    )
    expect(first.start).toMatchObject([{ input: { x: '[]' } }])
    run.succeed('a', { v: 1 })
    expect(run.row('b').status).toBe('skipped')
    expect(sendBack(run, RESULT_REVIEW, 'more').start).toMatchObject([{ input: { x: '[more]' } }])
    expect(idsOf(run.succeed('a', { v: 2 }).start)).toEqual(['b'])
  })

  test('what fails in its new round ends the run as it would have in the first', () => {
    const [run] = started(job([tool('a')], { review, outputs: { v: { step: 'a', output: 'v' } } }))
    run.succeed('a', { v: 1 })
    sendBack(run, RESULT_REVIEW)
    expect(run.fail('a').run).toMatchObject({ status: 'failed', outputs: {} })
  })
})
