import type { Reader } from '#db/db.ts'
import { findFundsWait } from '#db/funds-waits.ts'
import { listChildren } from '#db/runs.ts'
import { arrivedCallbacks } from '../callbacks/arrived.ts'
import { isToolStep } from '../jobs/definition.ts'
import type { JsonObject } from '../json.ts'
import { decidedReviews } from '../reviews/arrivals.ts'
import type { Arrival } from './arrival.ts'
import type { StepState, WaitFor } from './state.ts'
import type { StoredRun } from './stored.ts'

/** Reads what has come for steps that wait; they are given, so that a run which waits for nothing asks nothing. */
type Look = (on: Reader, run: StoredRun, waiting: readonly StepState[]) => Promise<Arrival[]>

/**
 * Where each kind of wait is ended from: whoever ends one stores it, and puts the run's key into the queue in the same
 * transaction. The worker that holds the run looks here then; nobody else tells the engine anything.
 */
const LOOKS: Partial<Record<WaitFor, Look>> = {
  job: endedChildren,
  callback: arrivedCallbacks,
  funds: heldMoney,
  review: (on, run, waiting) => decidedReviews(on, run, waiting),
}

/** What has come meanwhile for the steps that wait, in the order of the steps. Telling it twice changes nothing. */
export async function arrivalsFor(on: Reader, run: StoredRun): Promise<Arrival[]> {
  const found: Arrival[] = []
  for (const [what, look] of Object.entries(LOOKS)) {
    const waiting = run.state.steps.filter((step) => step.status === 'waiting' && step.waitFor === what)
    if (waiting.length > 0) found.push(...(await look(on, run, waiting)))
  }
  return found
}

/** Money that was set aside from outside; taking it over is part of telling. */
async function heldMoney(on: Reader, run: StoredRun): Promise<Arrival[]> {
  const wait = await findFundsWait.first(on, { runId: run.row.id })
  return wait?.state === 'funded' ? [{ happened: { type: 'funded' }, costMicros: 0n }] : []
}

/** Nested runs that have ended since. */
async function endedChildren(on: Reader, run: StoredRun, waiting: readonly StepState[]): Promise<Arrival[]> {
  const children = await listChildren.all(on, { parentRunId: run.row.id })
  return waiting.flatMap(({ seq, stepId }): Arrival[] => {
    const child = children.find(({ id }) => id === run.facts.get(seq)?.childRunId)
    if (!child?.finished_at_ms) return []
    // An agent looks at it itself, and has it among its costs.
    if (isToolStep(run.definition, stepId)) return [{ happened: { type: 'step_resumed', seq }, costMicros: 0n }]
    const costMicros = child.cost_micros
    if (child.status === 'succeeded' || child.status === 'partially_completed') {
      const output = JSON.parse(child.outputs_json ?? '{}') as JsonObject
      return [{ happened: { type: 'step_succeeded', seq, output }, costMicros }]
    }
    const error = child.error_json
      ? (JSON.parse(child.error_json) as { code: string; message: string })
      : { code: child.status, message: `The nested run ended as ${child.status}.` }
    return [{ happened: { type: 'step_failed', seq, error, retryable: false }, costMicros }]
  })
}
