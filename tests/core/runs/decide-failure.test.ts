import { describe, expect, test } from 'vitest'
import type { StepDefinition } from '#core/jobs/definition.ts'
import { Driver, idsOf, job, started } from './decide-driver.ts'

const tool = (stepId: string, rest: Partial<StepDefinition> = {}): StepDefinition => ({
  stepId,
  toolId: 'test.tool',
  ...rest,
})
const free = (stepId: string, rest: Partial<StepDefinition> = {}): StepDefinition =>
  tool(stepId, { dependencies: [], ...rest })

describe('halt', () => {
  test('fails the run, aborts what executes, cancels the rest and keeps the outputs there are', () => {
    const outputs = { x: { step: 'a', output: 'v' }, y: { step: 'd', output: 'v' } }
    const [run] = started(job([free('a'), free('b'), free('c'), tool('d', { dependencies: ['c'] })], { outputs }))
    run.succeed('a', { v: 1 })
    const end = run.fail('b')
    expect(run.picture).toBe('a:succeeded b:failed c:cancelled d:cancelled')
    expect(end.abort).toEqual([2])
    expect(end.run).toEqual({
      status: 'failed',
      outputs: { x: 1 },
      error: { code: 'provider_error', message: 'Step “b” failed: The provider said no.' },
    })
    expect(end.events.map((event) => event.type)).toEqual([
      'step.failed',
      'step.cancelled',
      'step.cancelled',
      'run.failed',
    ])
  })

  test('is the rule when none is given, and ends waits and nested jobs too', () => {
    const [run] = started(
      job([
        free('a'),
        { stepId: 'w', dependencies: [], wait: { ms: 500 } },
        { stepId: 'j', dependencies: [], jobId: 'other' },
      ]),
    )
    run.send({ type: 'child_started', seq: 2 })
    const end = run.fail('a')
    expect(run.picture).toBe('a:failed w:cancelled j:cancelled')
    expect(end.abort).toEqual([2])
    expect(end.wakeAtMs).toBeNull()
  })

  test('cancels its dependents: skipped are only steps of a run that goes on', () => {
    const [run] = started(job([tool('a'), tool('b')]))
    run.fail('a')
    expect(run.picture).toBe('a:failed b:cancelled')
  })

  test('by two steps at once is told as the first of them', () => {
    const nested = (stepId: string): StepDefinition => ({ stepId, dependencies: [], jobId: 'other', timeoutMs: 100 })
    const [run] = started(job([nested('a'), nested('b')]))
    run.send({ type: 'child_started', seq: 0 })
    run.send({ type: 'child_started', seq: 1 })
    expect(run.pass(100).run?.error?.message).toContain('“a”')
    expect(run.picture).toBe('a:failed b:failed')
  })

  test('by a step that cannot be prepared starts nothing beside it', () => {
    const [run, first] = started(job([free('a'), free('b', { inputMappings: { x: { step: 'nope', output: 'v' } } })]))
    expect(first.start).toEqual([])
    expect(run.picture).toBe('a:cancelled b:failed')
    expect(run.row('a').starts).toBe(0)
  })
})

describe('skip', () => {
  test('skips the dependents, and theirs; everything else goes on', () => {
    const [run] = started(
      job([
        free('a', { onFailure: 'skip' }),
        tool('b', { dependencies: ['a'] }),
        tool('c', { dependencies: ['b'] }),
        free('d'),
      ]),
    )
    run.fail('a')
    expect(run.picture).toBe('a:failed b:skipped c:skipped d:running')
    expect(run.row('c').error).toEqual({ code: 'dependency_failed', message: 'Skipped because step “b” was skipped.' })
    expect(run.succeed('d').run).toMatchObject({ status: 'partially_completed', error: { code: 'provider_error' } })
  })

  test('a failure weighs more than a condition: a skipped step passes the skipping on', () => {
    const [run] = started(
      job([
        free('a', { onFailure: 'skip' }),
        tool('b', { dependencies: ['a'], condition: 'input.no' }),
        tool('c', { dependencies: ['b'] }),
      ]),
    )
    run.fail('a')
    expect(run.picture).toBe('a:failed b:skipped c:skipped')
  })

  test('when nothing succeeded the run has failed', () => {
    const [run] = started(job([tool('a', { onFailure: 'skip' }), tool('b')]))
    expect(run.fail('a').run?.status).toBe('failed')
  })
})

describe('continue', () => {
  test('dependents see the default as the output, the step stays failed', () => {
    const b = tool('b', { inputMappings: { x: { step: 'a', output: 'v' } } })
    const definition = job([tool('a', { onFailure: 'continue', default: { v: 'spare' } }), b], {
      outputs: { v: { step: 'a', output: 'v' } },
    })
    const [run] = started(definition)
    expect(run.fail('a').start[0]?.input).toEqual({ x: 'spare' })
    expect(run.picture).toBe('a:failed b:running')
    expect(run.row('a').output).toBeNull()
    expect(run.succeed('b').run).toMatchObject({ status: 'partially_completed', outputs: { v: 'spare' } })
  })

  test('without a default they see nothing and their own defaults apply', () => {
    const b = tool('b', { inputMappings: { x: { step: 'a', output: 'v', default: 'mine' } } })
    const [run] = started(job([tool('a', { onFailure: 'continue' }), b]))
    expect(run.fail('a').start[0]?.input).toEqual({ x: 'mine' })
  })
})

describe('retry', () => {
  const retry = { maxAttempts: 3, backoffMs: 1_000, capMs: 60_000 }

  test('waits longer each time, then fails for good', () => {
    const [run] = started(job([tool('a')]), { retry, random: () => 0.9999999 })
    const again = run.fail('a', true)
    expect(again).toMatchObject({ wakeAtMs: run.nowMs + 1_000, run: { status: 'waiting' } })
    expect(again.events[0]).toMatchObject({ type: 'step.retrying', details: { attempt: 1, delayMs: 1_000 } })
    expect(run.row('a')).toMatchObject({
      status: 'waiting',
      waitFor: 'timer',
      attempt: 1,
      error: { code: 'provider_error' },
    })

    expect(run.pass(999).start).toEqual([])
    const second = run.pass(1)
    expect(second.start).toMatchObject([{ attempt: 2, idempotencySuffix: 'a:1' }])
    expect(second.events.map((event) => event.type)).toEqual(['step.started', 'run.resumed'])
    expect(run.row('a')).toMatchObject({ error: null, wakeAtMs: null, waitFor: null })

    expect(run.fail('a', true).wakeAtMs).toBe(run.nowMs + 2_000)
    run.pass(2_000)
    expect(run.fail('a', true).run?.status).toBe('failed')
    expect(run.row('a')).toMatchObject({ attempt: 3, starts: 3 })
  })

  test('an error that is not retryable stops at once', () => {
    const [run] = started(job([tool('a')]), { retry })
    expect(run.fail('a', false).run?.status).toBe('failed')
  })

  test("the definition's rule is stronger than the tool's", () => {
    const [run] = started(job([tool('a', { retry: { maxAttempts: 2, backoffMs: 10 } })]), {
      retry,
      random: () => 0.9999999,
    })
    expect(run.fail('a', true).wakeAtMs).toBe(run.nowMs + 10)
    run.pass(10)
    expect(run.fail('a', true).run?.status).toBe('failed')
  })

  test('a retry that is due but finds no place is ready', () => {
    const [run] = started(job([free('a'), free('b')]), { retry, maxParallel: 1 })
    expect(idsOf(run.fail('a', true).start)).toEqual(['b'])
    const due = run.pass(10_000)
    expect(due.events).toEqual([{ type: 'step.ready', seq: 0 }])
    expect(run.succeed('b').start).toMatchObject([{ stepId: 'a', attempt: 2 }])
  })

  test('a late answer of an earlier try is not taken for the one under way', () => {
    const [run] = started(job([tool('a')]), { retry, random: () => 0 })
    const error = { code: 'network', message: 'Gone.' }
    run.send({ type: 'step_failed', seq: 0, error, retryable: true, attempt: 1 })
    expect(run.succeed('a', { v: 'while it waits' }).steps).toEqual([])
    run.pass(1)
    expect(run.send({ type: 'step_failed', seq: 0, error, retryable: true, attempt: 1 }).steps).toEqual([])
    expect(run.send({ type: 'step_succeeded', seq: 0, output: {}, attempt: 2 }).run?.status).toBe('succeeded')
  })
})

describe('after a crash', () => {
  test('what was executing is done again without counting as a try; what waits goes on waiting', () => {
    const [run] = started(job([free('a'), { stepId: 'w', dependencies: [], wait: { ms: 500 } }]))
    const again = run.send({ type: 'recovered' })
    expect(again.start).toMatchObject([{ stepId: 'a', attempt: 1, idempotencySuffix: 'a:1' }])
    expect(again.events.map((event) => event.type)).toEqual(['step.interrupted', 'step.started'])
    expect(run.row('a')).toMatchObject({ status: 'running', attempt: 1, starts: 2 })
    expect(run.row('w').status).toBe('waiting')
  })

  test('a finished step is never executed again', () => {
    const [run] = started(job([tool('a'), tool('b')]))
    run.succeed('a')
    expect(idsOf(run.send({ type: 'recovered' }).start)).toEqual(['b'])
  })

  test('a run whose worker died before it began begins now', () => {
    const run = new Driver(job([tool('a')]))
    const decision = run.send({ type: 'recovered' })
    expect(idsOf(decision.start)).toEqual(['a'])
    expect(decision.events[0]?.type).toBe('run.started')
  })

  test('a step that was cut off again and again waits a while before it is begun once more', () => {
    const [run] = started(job([tool('a')]))
    for (let start = 2; start <= 4; start++) expect(idsOf(run.send({ type: 'recovered' }).start)).toEqual(['a'])
    const apart = run.send({ type: 'recovered' })
    expect(apart.start).toEqual([])
    expect(apart.events).toMatchObject([{ type: 'step.retrying', details: { starts: 4, code: 'interrupted' } }, {}])
    expect(apart.wakeAtMs).toBe(run.nowMs + 2_500)
    expect(idsOf(run.pass(2_500).start)).toEqual(['a'])
    expect(run.row('a')).toMatchObject({ status: 'running', starts: 5, attempt: 1 })
  })

  test('after ten starts the step fails as interrupted and its rule applies', () => {
    const [run] = started(job([tool('a', { onFailure: 'continue' }), tool('b')]))
    for (let crash = 1; crash < 10; crash++) {
      const again = run.send({ type: 'recovered' })
      if (again.wakeAtMs !== null) run.pass(again.wakeAtMs - run.nowMs)
    }
    expect(run.row('a')).toMatchObject({ starts: 10, attempt: 1 })
    expect(idsOf(run.send({ type: 'recovered' }).start)).toEqual(['b'])
    expect(run.row('a')).toMatchObject({ status: 'failed', error: { code: 'interrupted' } })
  })
})

test('a ready step whose input has become impossible fails before anything is started beside it', () => {
  // Only a newer program can get here: inputs are resolved before a step becomes ready.
  const b = free('b', { onFailure: 'continue', inputMappings: { x: { step: 'nope', output: 'v' } } })
  const run = new Driver(job([free('a'), b, tool('c', { dependencies: ['b'] })]))
  const steps = run.state.steps.map((row) => (row.stepId === 'c' ? row : { ...row, status: 'ready' as const }))
  run.state = { ...run.state, status: 'running', steps }
  expect(idsOf(run.send({ type: 'timer' }).start)).toEqual(['a', 'c'])
  expect(run.picture).toBe('a:running b:failed c:running')
})

describe('cancel', () => {
  test('ends everything that has not ended and keeps what there is', () => {
    const definition = job([free('a'), free('b'), tool('c', { dependencies: ['b'] })], {
      outputs: { v: { step: 'a', output: 'v' } },
    })
    const [run] = started(definition)
    run.succeed('a', { v: 1 })
    const end = run.send({ type: 'cancel', reason: 'Stopped by Ada.' })
    expect(run.picture).toBe('a:succeeded b:cancelled c:cancelled')
    expect(end.abort).toEqual([1])
    expect(end.run).toEqual({
      status: 'cancelled',
      outputs: { v: 1 },
      error: { code: 'cancelled', message: 'Stopped by Ada.' },
    })
    expect(run.succeed('b')).toMatchObject({ steps: [], events: [] })
  })

  test('works before the run began', () => {
    const run = new Driver(job([tool('a')]))
    const end = run.send({ type: 'cancel', reason: 'No.' })
    expect(end.abort).toEqual([])
    expect(end.events.map((event) => event.type)).toEqual(['step.cancelled', 'run.cancelled'])
  })
})
