import { describe, expect, test } from 'vitest'
import type { StepDefinition } from '#core/jobs/definition.ts'
import { stepInput } from '#core/runs/decide/scope.ts'
import { RESULT_REVIEW } from '#core/runs/state.ts'
import { Driver, idsOf, job, started } from './decide-driver.ts'

const tool = (stepId: string, rest: Partial<StepDefinition> = {}): StepDefinition => ({
  stepId,
  toolId: 'test.tool',
  ...rest,
})

describe('wait steps', () => {
  test('for a duration hold no worker and end with what they waited', () => {
    const [run, first] = started(job([{ stepId: 'w', wait: { ms: 250 } }, tool('a')]))
    expect(first).toMatchObject({ start: [], wakeAtMs: run.nowMs + 250, run: { status: 'waiting' } })
    expect(first.events.map((event) => event.type)).toEqual(['run.started', 'step.waiting', 'run.waiting'])
    expect(run.pass(249).steps).toEqual([])
    expect(idsOf(run.pass(1).start)).toEqual(['a'])
    expect(run.row('w')).toMatchObject({ status: 'succeeded', output: { waitedMs: 250 } })
  })

  test.each([
    ['1970-01-01T00:16:41Z', 1_000],
    ['1970-01-01T00:16:41', 1_000],
    ['1970-01-01T01:16:42.500+01:00', 2_500],
    ['1970-01-02', 86_400_000 - 1_000_000],
  ])('until %s', (until, ms) => {
    const [run, first] = started(job([{ stepId: 'w', wait: { until } }]))
    expect(first.wakeAtMs).toBe(run.nowMs + ms)
    expect(run.pass(ms).run?.status).toBe('succeeded')
    expect(run.row('w').output).toEqual({ waitedMs: ms })
  })

  test('until a time that is over, or for nothing, end at once', () => {
    const [run] = started(
      job([
        { stepId: 'w', wait: { until: '1970-01-01T00:00:00Z' } },
        { stepId: 'v', wait: { ms: 0 } },
      ]),
    )
    expect(run.state.status).toBe('succeeded')
    expect(run.row('w').output).toEqual({ waitedMs: 0 })
  })

  test('until something that is no time fail', () => {
    const [run] = started(job([{ stepId: 'w', wait: { until: 'soon' } }]))
    expect(run.row('w').error?.code).toBe('bad_input')
    expect(run.row('w').error?.message).toContain('“soon”')
  })

  test('a tool may ask to wait; its output counts when the time has come', () => {
    const [run] = started(job([tool('a')]))
    const asked = run.send({ type: 'step_waiting', seq: 0, untilMs: run.nowMs + 70, output: { v: 1 } })
    expect(asked.wakeAtMs).toBe(run.nowMs + 70)
    expect(run.row('a')).toMatchObject({ status: 'waiting', output: null, pendingOutput: { v: 1 } })
    run.pass(70)
    expect(run.row('a')).toMatchObject({ status: 'succeeded', output: { v: 1 }, pendingOutput: null })
  })

  test('the earliest timer of all is told, whatever happened', () => {
    const waits = [900, 300, 600].map((ms): StepDefinition => ({ stepId: `w${ms}`, dependencies: [], wait: { ms } }))
    const [run, first] = started(job([...waits, tool('a', { dependencies: [] })]))
    expect(first.wakeAtMs).toBe(run.nowMs + 300)
    expect(run.succeed('a').wakeAtMs).toBe(run.nowMs + 300)
    expect(run.pass(300).wakeAtMs).toBe(run.nowMs + 300)
  })
})

describe('nested jobs', () => {
  const nested = (rest: Partial<StepDefinition> = {}): StepDefinition => ({ stepId: 'j', jobId: 'other-job', ...rest })

  test('are work of their own kind, then the step waits for their end', () => {
    const [run, first] = started(job([nested({ inputMappings: { x: { value: 1 } } }), tool('a')]))
    expect(first.start).toEqual([
      {
        kind: 'job',
        jobId: 'other-job',
        seq: 0,
        stepId: 'j',
        input: { x: 1 },
        timeoutMs: null,
        attempt: 1,
        idempotencySuffix: 'j:1',
        comment: '',
        pauses: 0,
      },
    ])
    const waiting = run.send({ type: 'child_started', seq: 0 })
    expect(waiting).toMatchObject({ wakeAtMs: null, run: { status: 'waiting' } })
    expect(run.row('j')).toMatchObject({ status: 'waiting', waitFor: 'job' })
    expect(run.send({ type: 'child_started', seq: 0 }).steps).toEqual([])
    expect(idsOf(run.succeed('j', { done: true }).start)).toEqual(['a'])
  })

  test('are not begun again by a crash once they exist', () => {
    const [run] = started(job([nested()]))
    run.send({ type: 'child_started', seq: 0 })
    expect(run.send({ type: 'recovered' }).start).toEqual([])
  })

  test('that take longer than the step may fail it and are to be aborted', () => {
    const [run] = started(job([nested({ timeoutMs: 400 })]))
    expect(run.send({ type: 'child_started', seq: 0 }).wakeAtMs).toBe(run.nowMs + 400)
    const end = run.pass(400)
    expect(end.abort).toEqual([0])
    expect(end.run).toMatchObject({ status: 'failed', error: { code: 'timeout' } })
  })

  test('that fail fail the step', () => {
    const [run] = started(job([nested()]))
    run.send({ type: 'child_started', seq: 0 })
    expect(run.fail('j', true).run?.status).toBe('failed')
  })
})

describe('reviews', () => {
  const review = { kind: 'decide' } as const

  test('a review step waits for people and ends with their answer', () => {
    const ask: StepDefinition = { stepId: 'ask', review, inputMappings: { text: { step: 'a', output: 'v' } } }
    const definition = job([tool('a'), ask, tool('b')])
    const [run] = started(definition)
    const asked = run.succeed('a', { v: 'hello' })
    expect(asked.run?.status).toBe('waiting')
    expect(asked.events.at(-1)).toEqual({ type: 'run.waiting', details: { for: ['review'] } })
    expect(stepInput(definition, run.state, 1)).toEqual({ input: { text: 'hello' } })
    expect(idsOf(run.succeed('ask', { decision: 'approve' }).start)).toEqual(['b'])
  })

  test('one that is refused fails by its rule and is not asked again', () => {
    const [run] = started(job([{ stepId: 'ask', review }]))
    expect(run.fail('ask', true).run?.status).toBe('failed')
  })

  test('of the result: the run waits with everything done, and ends as it would have', () => {
    const [run] = started(job([tool('a')], { review, outputs: { v: { step: 'a', output: 'v' } } }))
    const asked = run.succeed('a', { v: 1 })
    expect(asked.run).toEqual({ status: 'waiting', outputs: null, error: null })
    expect(run.row(RESULT_REVIEW)).toMatchObject({ seq: 1, status: 'waiting', waitFor: 'review' })
    expect(run.pass(1e9).steps).toEqual([])
    expect(run.send({ type: 'recovered' }).steps).toEqual([])
    expect(run.succeed(RESULT_REVIEW).run).toEqual({ status: 'succeeded', outputs: { v: 1 }, error: null })
  })

  test('of the result: refused, the run fails with the reason and keeps its outputs', () => {
    const [run] = started(job([tool('a')], { review, outputs: { v: { step: 'a', output: 'v' } } }))
    run.succeed('a', { v: 1 })
    const error = { code: 'rejected', message: 'Ada rejected the result: too long.' }
    const end = run.send({ type: 'step_failed', seq: 1, error, retryable: false })
    expect(end.run).toEqual({ status: 'failed', outputs: { v: 1 }, error })
  })

  test('of the result: nobody is asked about a run that failed', () => {
    const [run] = started(job([tool('a', { onFailure: 'skip' })], { review }))
    run.fail('a')
    expect(run.picture).toBe('a:failed')
    expect(run.state.status).toBe('failed')
  })

  test('of the result: cancelled with the run', () => {
    const [run] = started(job([tool('a')], { review }))
    run.succeed('a')
    run.send({ type: 'cancel', reason: 'No.' })
    expect(run.row(RESULT_REVIEW).status).toBe('cancelled')
  })
})

test('a run is running while anything executes or is ready, and waiting when only waits are left', () => {
  const run = new Driver(job([tool('a', { dependencies: [] }), { stepId: 'w', dependencies: [], wait: { ms: 10 } }]))
  run.send({ type: 'started' })
  expect(run.state.status).toBe('running')
  run.succeed('a')
  expect(run.state.status).toBe('waiting')
})
