import type { Tx } from '#db/db.ts'
import { addHold } from '#db/runs.ts'
import { isFixed } from '../economy/fixed-limits.ts'
import { type Placed, tryHold } from '../economy/holds.ts'
import type { Shortage } from '../economy/shortage.ts'
import { priceKeyOf, priceUnder, withinCap } from '../jobs/price-key.ts'
import { isModelTool } from '../models/model-tools.ts'
import { boundOfStep } from '../models/step-bound.ts'
import { parseUsd, showUsd } from '../money.ts'
import { quoteOf } from '../tools/price.ts'
import type { StepWork } from './decide.ts'
import { type Failure, isWaitingForFunds, type StepState } from './state.ts'
import { paidRun, type StoredRun } from './stored.ts'

type ToolWork = StepWork & { kind: 'tool' }

/** What steps that are to start may cost is held; or more than the job allows, or there is no money for the last of them. */
export type Funded =
  | { held_micros: bigint; holds: number; toppedUp?: Placed & { amountMicros: bigint } }
  | { refused: { seq: number; error: Failure }[] }
  | { short: { seq: number; shortage: Shortage } }

/**
 * Before steps start: what they may cost at most must be held. Where the quote was too low (a list longer than assumed)
 * the hold is topped up. Nested runs stand under their parent's hold.
 */
export async function ensureFunds(
  tx: Tx,
  run: StoredRun,
  starting: readonly ToolWork[],
  nowMs: number,
): Promise<Funded> {
  const { row } = run
  const unchanged = { held_micros: row.held_micros, holds: row.holds }
  const last = starting.at(-1)
  if (last === undefined) return unchanged
  if (row.depth > 0) return refusedWithin(run, starting) ?? unchanged
  const amountMicros = missingMicros(run)
  if (amountMicros <= 0n) return unchanged
  const tooMuch = overJobLimit(run, row.held_micros + amountMicros)
  if (tooMuch !== undefined) {
    const error = { code: 'insufficient_funds', message: tooMuch }
    return { refused: starting.map(({ seq }) => ({ seq, error })) }
  }
  const held = await tryHold(tx, paidRun(run), { amountMicros, runs: 0, nowMs })
  if ('shortage' in held && isFixed(held.shortage.limit)) {
    // Like the job's own limit: nobody can grant more of it.
    const error = { code: 'limit_reached', message: held.shortage.message }
    return { refused: starting.map(({ seq }) => ({ seq, error })) }
  }
  if ('shortage' in held) return { short: { seq: last.seq, shortage: held.shortage } }
  // A run that is just being made has no row yet: it is written with what is held by then.
  await addHold.run(tx, { id: row.id, amountMicros })
  return { held_micros: row.held_micros + amountMicros, holds: row.holds + 1, toppedUp: { ...held, amountMicros } }
}

/** What an agent starts has its share of what is held for the agent, and nobody adds to that. */
function refusedWithin(run: StoredRun, starting: readonly ToolWork[]): Funded | undefined {
  const { max_micros: shareMicros, held_micros: heldMicros } = run.row
  if (shareMicros === 0n || missingMicros(run) + heldMicros <= shareMicros) return undefined
  const message = `It may cost ${showUsd(shareMicros)} as a part of the run it belongs to, and that is used up.`
  return { refused: starting.map(({ seq }) => ({ seq, error: { code: 'limit_exceeded', message } })) }
}

/** What is not held yet of what executing steps may cost, with those that wait for money when they are asked for too. */
export function missingMicros(run: StoredRun, { withWaiting = false } = {}): bigint {
  const { state, row } = run
  let neededMicros = row.cost_micros
  for (const step of state.steps) {
    const counts = isUnderWay(step) || (withWaiting && isWaitingForFunds(step))
    if (counts && !state.steps.some(({ parentSeq }) => parentSeq === step.seq)) neededMicros += maxCostOf(run, step)
  }
  return neededMicros - row.held_micros
}

/** What a provider works on will be charged as well; so will an agent that waits for people or for a run of its own. */
const isUnderWay = ({ status, waitFor }: StepState): boolean =>
  status === 'running' || (status === 'waiting' && waitFor !== 'timer' && waitFor !== 'funds')

/** What is held for one step while it is under way. */
export function maxCostOf(run: StoredRun, { stepId, seq }: Pick<StepState, 'stepId' | 'seq'>): bigint {
  const { definition, pins, state } = run
  const step = definition.steps.find((candidate) => candidate.stepId === stepId)
  if (!step || !('toolId' in step)) return 0n
  if (isModelTool(step.toolId)) return boundOfStep(run, { stepId, seq })
  const price = priceUnder(priceKeyOf(step, state.inputs), (key) => pins.prices[key])
  return price ? withinCap(step, state.inputs, quoteOf(price)).maxMicros : 0n
}

function overJobLimit({ definition }: StoredRun, neededMicros: bigint): string | undefined {
  const limit = definition.limits?.maxCostUsd
  const limitMicros = limit === undefined ? undefined : parseUsd(limit)
  if (limitMicros === undefined || neededMicros <= limitMicros) return undefined
  return `A run of ${definition.displayName} may cost at most ${showUsd(limitMicros)}.`
}
