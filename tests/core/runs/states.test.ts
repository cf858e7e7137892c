import { describe, expect, test } from 'vitest'
import { backoffDelayMs, retryPolicyOf } from '#core/runs/backoff.ts'
import { initialState } from '#core/runs/state.ts'
import {
  canMoveRun,
  canMoveStep,
  hasRunEnded,
  hasStepEnded,
  RUN_MOVES,
  type RunStatus,
  STEP_MOVES,
  type StepStatus,
} from '#core/runs/states.ts'
import { DEFAULT_RETRY } from '#core/tools/tool.ts'
import { job } from './decide-driver.ts'

describe('moves of a run', () => {
  test('go back and forth between running and waiting and then to an end', () => {
    expect(canMoveRun('queued', 'running')).toBe(true)
    expect(canMoveRun('running', 'waiting')).toBe(true)
    expect(canMoveRun('waiting', 'running')).toBe(true)
    for (const end of ['succeeded', 'partially_completed', 'failed', 'cancelled', 'payment_failed'] as const) {
      expect(canMoveRun('running', end)).toBe(true)
      expect(hasRunEnded(end)).toBe(true)
    }
  })

  test('never leave an end, except that a withheld result is released', () => {
    for (const from of ['succeeded', 'partially_completed', 'failed', 'cancelled'] as const)
      expect(RUN_MOVES[from]).toEqual([])
    expect(RUN_MOVES.payment_failed).toEqual(['succeeded', 'partially_completed'])
    expect(canMoveRun('payment_failed', 'running')).toBe(false)
  })

  test('never go back to queued, and staying is no move', () => {
    for (const from of Object.keys(RUN_MOVES) as RunStatus[]) {
      expect(canMoveRun(from, 'queued')).toBe(false)
      expect(canMoveRun(from, from)).toBe(false)
    }
  })
})

describe('moves of a step', () => {
  test('never leave an end and never go back to pending', () => {
    for (const from of Object.keys(STEP_MOVES) as StepStatus[]) {
      expect(canMoveStep(from, 'pending')).toBe(false)
      expect(canMoveStep(from, from)).toBe(from === 'running' || from === 'waiting')
      if (hasStepEnded(from)) expect(STEP_MOVES[from]).toEqual([])
    }
    expect((Object.keys(STEP_MOVES) as StepStatus[]).filter(hasStepEnded)).toEqual([
      'succeeded',
      'failed',
      'skipped',
      'cancelled',
    ])
  })

  test('skip only what has not begun', () => {
    expect((Object.keys(STEP_MOVES) as StepStatus[]).filter((from) => canMoveStep(from, 'skipped'))).toEqual([
      'pending',
    ])
  })
})

test('a new run is queued and has a pending row for each step, in the order of the definition', () => {
  const state = initialState(
    job([
      { stepId: 'b', toolId: 't' },
      { stepId: 'a', toolId: 't' },
    ]),
    { x: 1 },
  )
  expect(state).toMatchObject({ status: 'queued', inputs: { x: 1 }, outputs: null, error: null })
  expect(state.steps.map((row) => [row.seq, row.stepId, row.status, row.attempt, row.starts])).toEqual([
    [0, 'b', 'pending', 0, 0],
    [1, 'a', 'pending', 0, 0],
  ])
})

describe('backoff', () => {
  test('doubles up to the cap and uses the whole range from zero', () => {
    const policy = { maxAttempts: 9, backoffMs: 1_000, capMs: 60_000 }
    const most = (attempt: number) => backoffDelayMs(policy, attempt, () => 0.9999999999)
    expect([1, 2, 3, 4, 5, 6, 7, 8, 2_000].map(most)).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000,
    ])
    expect(backoffDelayMs(policy, 3, () => 0)).toBe(0)
    expect(backoffDelayMs(policy, 3, () => 0.5)).toBe(2_000)
  })

  test('the definition is asked first, then the tool; a nested job is not repeated unless the definition says so', () => {
    const toolsOwn = () => ({ maxAttempts: 5, backoffMs: 200, capMs: 900 })
    expect(retryPolicyOf({ stepId: 'a', toolId: 't' }, toolsOwn)).toEqual(toolsOwn())
    expect(retryPolicyOf({ stepId: 'a', toolId: 't', retry: { maxAttempts: 2 } }, toolsOwn)).toEqual({
      maxAttempts: 2,
      backoffMs: 200,
      capMs: 900,
    })
    expect(retryPolicyOf({ stepId: 'a', jobId: 'j' }, toolsOwn)).toEqual({ ...DEFAULT_RETRY, maxAttempts: 1 })
    expect(retryPolicyOf({ stepId: 'a', jobId: 'j', retry: { maxAttempts: 2, backoffMs: 5 } }, toolsOwn)).toEqual({
      maxAttempts: 2,
      backoffMs: 5,
      capMs: 60_000,
    })
  })
})
