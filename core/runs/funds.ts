import type { Tx } from '#db/db.ts'
import { tryTopUp } from '../economy/top-up.ts'
import { priceKeyOf } from '../jobs/price-key.ts'
import { parseUsd, showUsd } from '../money.ts'
import { quoteOf } from '../tools/price.ts'
import type { StepWork } from './decide.ts'
import type { Failure } from './state.ts'
import type { StoredRun } from './stored.ts'

type ToolWork = StepWork & { kind: 'tool' }
type Funded = { held_micros: bigint; holds: number } | { refused: { seq: number; error: Failure }[] }

/**
 * Before steps start: what they may cost at most must be held. Where the quote was too low (a list longer than assumed)
 * the hold is topped up; where that is refused, so are the steps. Nested runs stand under their parent's hold.
 */
export async function ensureFunds(
  tx: Tx,
  run: StoredRun,
  starting: readonly ToolWork[],
  nowMs: number,
): Promise<Funded> {
  const { row } = run
  const unchanged = { held_micros: row.held_micros, holds: row.holds }
  if (starting.length === 0 || row.depth > 0) return unchanged
  const neededMicros = row.cost_micros + executingMaxMicros(run)
  const missingMicros = neededMicros - row.held_micros
  if (missingMicros <= 0n) return unchanged
  const reason = overJobLimit(run, neededMicros) ?? (await topUp(tx, run, missingMicros, nowMs))
  if (reason === undefined) return { held_micros: neededMicros, holds: row.holds + 1 }
  const error = { code: 'insufficient_funds', message: reason }
  return { refused: starting.map(({ seq }) => ({ seq, error })) }
}

/** What everything that is under way, the starting steps and what providers work on among it, may still cost. */
function executingMaxMicros({ state, definition, pins }: StoredRun): bigint {
  let sum = 0n
  for (const { status, stepId, seq, waitFor } of state.steps) {
    const isUnderWay = status === 'running' || (status === 'waiting' && waitFor === 'callback')
    if (!isUnderWay || state.steps.some(({ parentSeq }) => parentSeq === seq)) continue
    const step = definition.steps.find((candidate) => candidate.stepId === stepId)
    const price = step && 'toolId' in step ? pins.prices[priceKeyOf(step, state.inputs)] : undefined
    if (price) sum += quoteOf(price).maxMicros
  }
  return sum
}

function overJobLimit({ definition }: StoredRun, neededMicros: bigint): string | undefined {
  const limit = definition.limits?.maxCostUsd
  const limitMicros = limit === undefined ? undefined : parseUsd(limit)
  if (limitMicros === undefined || neededMicros <= limitMicros) return undefined
  return `A run of ${definition.displayName} may cost at most ${showUsd(limitMicros)}.`
}

const topUp = (tx: Tx, { row, context }: StoredRun, amountMicros: bigint, nowMs: number): Promise<string | undefined> =>
  tryTopUp(tx, { id: row.id, context, accountId: row.account_id, holds: row.holds }, { amountMicros, nowMs })
