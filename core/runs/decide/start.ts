import type { StepDefinition } from '#core/jobs/definition.ts'
import type { JsonObject } from '#core/json.ts'
import { isWaitingForFunds, type StepState } from '../state.ts'
import type { StepWork } from './decision.ts'
import { type Draft, isExecuting, move, pausesOf, rowOf, stepOf, tell } from './draft.ts'
import { fail } from './endings.ts'
import { commentFor, roundsOf, triesOf } from './rounds.ts'
import { inputOf } from './scope.ts'

/**
 * Hands out as many ready steps as there are free places, in the order of the plan, copies in list order.
 * False, and nothing is handed out, when the input of one turned out to be impossible and it failed instead: then others
 * may have become ready, or the run may be over.
 */
export function startReady(draft: Draft): boolean {
  const chosen = chooseReady(draft)
  let allCertain = true
  for (const row of chosen) {
    const resolved = inputOf(draft, row)
    if (!('problem' in resolved)) continue
    fail(draft, row.seq, { code: 'bad_input', message: resolved.problem })
    allCertain = false
  }
  if (allCertain) for (const row of chosen) begin(draft, row)
  return allCertain
}

function chooseReady(draft: Draft): StepState[] {
  const chosen: StepState[] = []
  if (draft.rows.some(isWaitingForFunds)) return chosen
  let free = Math.min(draft.at.maxParallel, draft.outline.concurrency)
  for (const row of draft.rows) if (isExecuting(draft, row)) free--
  for (const seq of draft.outline.order) {
    if (free <= 0) return chosen
    if (draft.held.has(seq)) continue
    const row = rowOf(draft, seq)
    const ready = row.status === 'ready' ? [row] : readyCopies(draft, row)
    for (const next of ready.slice(0, free)) chosen.push(next)
    free -= ready.length
  }
  return chosen
}

/** A copy keeps its place of the forEach step's own `concurrency` until it ends, also while it waits for a nested job. */
function readyCopies(draft: Draft, parent: StepState): StepState[] {
  if (parent.status !== 'running') return []
  const copies = (draft.copies.get(parent.seq) ?? []).map((seq) => rowOf(draft, seq))
  const ready = copies.filter((copy) => copy.status === 'ready')
  const concurrency = stepOf(draft, parent)?.forEach?.concurrency
  if (concurrency === undefined) return ready
  const underWay = copies.filter((copy) => copy.status === 'running' || copy.status === 'waiting').length
  return ready.slice(0, Math.max(0, concurrency - underWay))
}

function begin(draft: Draft, row: StepState): void {
  const attempt = row.attempt + 1
  move(draft, row.seq, 'running', { attempt, starts: row.starts + 1, error: null })
  tell(draft, 'step.started', row.seq, { attempt: triesOf({ attempt }) })
  const resolved = inputOf(draft, row)
  if ('input' in resolved) draft.start.push(workOf(draft, row, attempt, resolved.input))
}

/** From 1; one more for each time a step is done again on purpose, by a retry or by a review: a new request to providers. */
const groupOf = (draft: Draft, place: number): number =>
  (draft.at.attemptGroup ?? 1) + roundsOf(draft.outline, draft.rows, place)

function workOf(draft: Draft, row: StepState, attempt: number, input: JsonObject): StepWork {
  const step = stepOf(draft, row) as StepDefinition
  const place = row.parentSeq ?? row.seq
  const copy = row.itemIndex === null ? '' : `[${row.itemIndex}]`
  const common = {
    seq: row.seq,
    stepId: row.stepId,
    input,
    timeoutMs: step.timeoutMs ?? null,
    attempt,
    pauses: pausesOf(row),
    idempotencySuffix: `${row.stepId}${copy}:${groupOf(draft, place)}`,
    comment: commentFor(draft.outline, draft.rows, place).comment,
  }
  if ('toolId' in step) return { ...common, kind: 'tool', toolId: step.toolId }
  if ('jobId' in step) return { ...common, kind: 'job', jobId: step.jobId }
  throw new Error(`step ${row.stepId} has nothing to execute`)
}
