import { describe, expect, test } from 'vitest'
import type { StepDefinition } from '#core/jobs/definition.ts'
import { type Driver, idsOf, job, started } from './decide-driver.ts'

const tool = (stepId: string, rest: Partial<StepDefinition> = {}): StepDefinition =>
  ({ stepId, toolId: 'test.tool', inputMappings: {}, ...rest }) as StepDefinition

const short = (run: Driver, stepId: string, ms = 1_000) =>
  run.send({ type: 'funds_missing', seq: run.row(stepId).seq, untilMs: run.nowMs + ms })

describe('a step for which there is no money', () => {
  test('waits without having been tried, and begins when money is there', () => {
    const [run] = started(job([tool('a')]))
    const held = short(run, 'a')
    expect(held.run).toEqual({ status: 'waiting', outputs: null, error: null })
    expect(run.row('a')).toMatchObject({ status: 'waiting', waitFor: 'funds', attempt: 0, starts: 0 })
    const funded = run.send({ type: 'funded' })
    expect(idsOf(funded.start)).toEqual(['a'])
    expect(run.row('a')).toMatchObject({ status: 'running', attempt: 1, starts: 1, wakeAtMs: null })
    run.succeed('a')
    expect(run.state.status).toBe('succeeded')
  })

  test('keeps others from being begun, not from ending', () => {
    const steps = [tool('a', { dependencies: [] }), tool('b', { dependencies: [] }), tool('c', { dependencies: ['a'] })]
    const [run] = started(job(steps))
    short(run, 'b')
    const after = run.succeed('a')
    expect(after.start).toEqual([])
    expect(run.picture).toBe('a:succeeded b:waiting c:ready')
    expect(run.state.status).toBe('waiting')
    expect(idsOf(run.send({ type: 'funded' }).start)).toEqual(['b', 'c'])
  })

  test('fails when none comes in time, by its own rule', () => {
    const [run] = started(job([tool('a', { onFailure: 'continue', default: {} })]))
    short(run, 'a', 500)
    run.pass(499)
    expect(run.row('a').status).toBe('waiting')
    run.pass(1)
    expect(run.row('a')).toMatchObject({ status: 'failed', error: { code: 'insufficient_funds' } })
  })

  test('is told twice, too late or of nothing without harm', () => {
    const [run] = started(job([tool('a')]))
    expect(run.send({ type: 'funded' })).toMatchObject({ steps: [], start: [], events: [] })
    short(run, 'a')
    expect(short(run, 'a').steps).toEqual([])
    expect(run.succeed('a').steps).toEqual([])
    run.send({ type: 'funded' })
    expect(run.send({ type: 'funded' }).steps).toEqual([])
    expect(run.executing).toBe(1)
  })

  test('is cancelled with the run, and survives the death of a worker', () => {
    const [run] = started(job([tool('a')]))
    short(run, 'a')
    expect(run.send({ type: 'recovered' }).start).toEqual([])
    expect(run.row('a')).toMatchObject({ status: 'waiting', waitFor: 'funds' })
    run.send({ type: 'cancel', reason: 'Stopped.' })
    expect(run.picture).toBe('a:cancelled')
  })
})
