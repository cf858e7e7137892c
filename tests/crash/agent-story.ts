import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import { expect } from 'vitest'
import { parseUsd } from '#core/money.ts'
import { AGENT, type AgentStage, ANSWERS, CALLS, EFFECTS, type Traces } from './agent-stage.ts'

/** A busy machine takes a while to start a program again. */
const ENDS_MS = 180_000
const LOOK_MS = 40

/** What the first, unharmed run was like: all others end like it. */
export interface Unharmed {
  turns: object[]
  costMicros: bigint
}

/** Approves what is asked, until the run has ended or `until` has come. True when the run has ended. */
export async function untilOver(stage: AgentStage, runId: string, until?: Promise<unknown>): Promise<boolean> {
  let hasCome = false
  void until?.then(() => {
    hasCome = true
  })
  const lateMs = performance.now() + ENDS_MS
  for (;;) {
    if (await stage.isOver(runId)) return true
    if (hasCome) return false
    if (performance.now() > lateMs)
      throw new Error(`It does not end: ${inspect(await stage.traces(runId), { depth: 5 })}`)
    await stage.approve(runId)
    await sleep(LOOK_MS)
  }
}

export async function unharmed(stage: AgentStage): Promise<Unharmed> {
  const runId = await stage.ask()
  await untilOver(stage, runId)
  const traces = await stage.traces(runId)
  expect(traces.run.status, JSON.stringify(traces.run.error)).toBe('succeeded')
  expect(traces.results).toBe(CALLS)
  expect(traces.calls).toHaveLength(ANSWERS)
  expect(stage.listener.counts()).toEqual(EFFECTS)
  const before = { turns: traces.turns, costMicros: micros(traces) }
  await judge(stage, runId, before, { kills: 0, where: 'nobody was killed' })
  return before
}

/**
 * Asks, and lets the processes that are armed end themselves wherever they come to; then what there is next goes on from there.
 * `next` starts it. False when the run was over before anybody ended.
 */
export async function endedOnce(
  stage: AgentStage,
  before: Unharmed,
  { where, kills, next }: { where: string; kills: number; next(): Promise<void> },
): Promise<boolean> {
  stage.listener.calls.length = 0
  stage.arm()
  const runId = await stage.ask()
  const wasOver = await untilOver(stage, runId, stage.ended())
  const atDeath = await stage.traces(runId)
  const counted = stage.listener.counts()
  await stage.kill()
  await next()
  await untilOver(stage, runId)
  // What a result is on record of is not called again: nothing more came for it.
  const done = doneBy(atDeath)
  const later = stage.listener.counts()
  for (const what of done) expect(later[what], `${where}: ${what} was done`).toBe(counted[what])
  await judge(stage, runId, before, { kills, where })
  return !wasOver
}

/** Calls without end, each another one. */
const ENDLESS = Array.from({ length: 40 }, (_, n) => `mock: call text.template {"template":"${n}","data":{}}`).join(
  '\n',
)

/**
 * A model that never ends, whose process ends at each of those gates in turn: it is stopped at its limit all the same, and
 * what it spent, with every question that was asked in vain, is within what was held.
 */
export async function endless(
  stage: AgentStage,
  { gates, maxCostUsd, why }: { gates: readonly number[]; maxCostUsd: string; why: RegExp },
): Promise<void> {
  let runId: string | undefined
  for (const gate of gates) {
    await stage.start(gate)
    stage.arm()
    runId ??= await stage.ask('agent.run', { agent: AGENT, goal: ENDLESS, maxCostUsd })
    expect(await untilOver(stage, runId, stage.ended()), `it ends at gate ${gate}`).toBe(false)
    await stage.kill()
  }
  await stage.start(undefined)
  await untilOver(stage, runId ?? '')
  await stage.kill()
  const { run, calls, turns, turnsMicros, transfers } = await stage.traces(runId ?? '')
  const where = `${gates.join(', ')} of ${maxCostUsd}`
  expect(run, where).toMatchObject({
    status: 'failed',
    error: { code: 'limit_exceeded', message: expect.stringMatching(why) },
  })
  const answers = turns.filter((turn) => 'kind' in turn && turn.kind === 'model').length
  expect(answers, where).toBeLessThanOrEqual(25)
  expect(calls.length, where).toBeGreaterThanOrEqual(answers)
  expect(calls.length, where).toBeLessThanOrEqual(answers + gates.length)
  const cost = calls.reduce((sum, call) => sum + call.cost, turnsMicros)
  expect(parseUsd(run.costUsd), where).toBe(cost)
  expect(cost, where).toBeLessThanOrEqual(parseUsd(maxCostUsd) ?? 0n)
  expect(transfers.toSorted(), where).toEqual([`pending ${parseUsd(maxCostUsd)}`, `posted ${cost}`])
  expect(await stage.ledger(), where).toEqual({ isSound: true, held: [] })
}

/** The effects whose results were written by then. */
function doneBy({ turns }: Traces): string[] {
  const results = turns.filter((turn) => 'kind' in turn && turn.kind === 'result').map((turn) => JSON.stringify(turn))
  const done = ['one', 'look', 'two'].filter((what) => results.some((one) => one.includes(`done: ${what}`)))
  return results.some((one) => one.includes('job_inner')) ? [...done, 'inner'] : done
}

async function judge(
  stage: AgentStage,
  runId: string,
  before: Unharmed,
  { where, kills }: { kills: number; where: string },
): Promise<void> {
  const traces = await stage.traces(runId)
  const { run, calls, children, reviews, transfers, turnsMicros } = traces
  expect(run.status, `${where}: ${JSON.stringify(run.error)}`).toBe('succeeded')
  expect(traces.turns, where).toEqual(before.turns)
  // The call that was under way is made again, and by its key whoever is called knows it.
  const made = stage.listener.calls
  expect(made.length, where).toBeLessThanOrEqual(Object.keys(EFFECTS).length + kills)
  for (const what of Object.keys(EFFECTS)) {
    expect(new Set(made.filter((call) => call.what === what).map(({ key }) => key)).size, `${where}: ${what}`).toBe(1)
  }
  expect(reviews, where).toBe(2)
  expect(
    children.map(({ status }) => status),
    where,
  ).toEqual(['succeeded'])
  // A question whose answer was lost is asked again and paid for too; each of them once.
  expect(calls.length, where).toBeGreaterThanOrEqual(ANSWERS)
  expect(calls.length, where).toBeLessThanOrEqual(ANSWERS + kills)
  expect(
    calls.every(({ isCharged, status }) => isCharged && status !== 'begun'),
    where,
  ).toBe(true)
  const cost = calls.reduce((sum, call) => sum + call.cost, turnsMicros)
  expect(micros(traces), where).toBe(cost)
  expect(cost, where).toBeGreaterThanOrEqual(before.costMicros)
  expect(cost, where).toBeLessThanOrEqual(parseUsd(run.maxUsd) ?? 0n)
  expect(transfers, where).toEqual(expect.arrayContaining([`posted ${cost}`, `pending ${parseUsd(run.maxUsd)}`]))
  expect(transfers, where).toHaveLength(2)
  expect(await stage.ledger(), where).toEqual({ isSound: true, held: [] })
}

const micros = ({ run }: Traces): bigint => parseUsd(run.costUsd) ?? -1n
