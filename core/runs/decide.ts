import assert from 'node:assert'
import type { JobDefinition } from '#core/jobs/definition.ts'
import type { DecideContext, Decision, Happened } from './decide/decision.ts'
import { type Draft, openDraft, tell } from './decide/draft.ts'
import { endEarly, outputsOf, type RunMove, standingOf } from './decide/outcome.ts'
import { settle } from './decide/settle.ts'
import { startReady } from './decide/start.ts'
import { take } from './decide/take.ts'
import type { RunState } from './state.ts'
import { canMoveRun, hasRunEnded } from './states.ts'

export type { DecideContext, Decision, Happened, RunEvent, StepWork } from './decide/decision.ts'
export { retrySteps } from './decide/retry-steps.ts'

/**
 * What a run does next. Pure: the state given is not touched, nothing is remembered but the graph of the definition.
 * A run that has ended, and a result nobody waits for any more, give a decision without content, so an event may arrive
 * twice. Only `recovered` does something each time, because it says that whatever was executing is lost.
 */
export function decide(definition: JobDefinition, state: RunState, happened: Happened, at: DecideContext): Decision {
  const draft = openDraft(definition, state, at)
  if (hasRunEnded(state.status)) return close(draft, state)
  if (happened.type === 'cancel') return finish(draft, { code: 'cancelled', message: happened.reason }, 'cancelled')
  if (!take(draft, happened)) return close(draft, state)
  if (state.status === 'queued') draft.events.unshift({ type: 'run.started' })
  do settle(draft)
  while (!draft.halt && !startReady(draft))
  if (draft.halt) return finish(draft, draft.halt, 'failed')
  tellReady(draft)
  return close(draft, standingOf(draft))
}

/** The state after a decision; the same as the one before when there is nothing in it. */
export function applyDecision(state: RunState, decision: Decision): RunState {
  const steps = state.steps.slice()
  for (const row of decision.steps) steps[row.seq] = row
  return { ...state, ...decision.run, steps }
}

function finish(draft: Draft, error: RunMove['error'], status: 'failed' | 'cancelled'): Decision {
  endEarly(draft)
  return close(draft, { status, error })
}

/** A copy that finds no free place came into being ready; a step that was interrupted was already told of. */
function tellReady(draft: Draft): void {
  for (const seq of draft.changed) {
    const before = draft.before.steps[seq]?.status
    // One that was done again counts its tries on from where it was.
    const isAgain = (draft.rows[seq]?.attempt ?? 0) > (draft.before.steps[seq]?.attempt ?? 0)
    const isNews = before !== undefined && (isAgain || (before !== 'ready' && before !== 'running'))
    if (draft.rows[seq]?.status === 'ready' && isNews) tell(draft, 'step.ready', seq)
  }
}

function close(draft: Draft, standing: RunMove): Decision {
  const { status: before } = draft.before
  const steps: Decision['steps'] = []
  for (const seq of draft.changed) {
    const row = draft.rows[seq]
    if (row) steps.push(row)
  }
  const decision: Decision = {
    steps,
    start: draft.start,
    abort: draft.abort,
    wakeAtMs: earliestTimer(draft),
    events: draft.events,
  }
  if (standing.status === before) return decision
  if (!canMoveRun(before, standing.status)) assert.fail(`a run may not go from ${before} to ${standing.status}`)
  tellRun(draft, standing)
  const outputs = hasRunEnded(standing.status) ? outputsOf(draft) : null
  return { ...decision, run: { status: standing.status, outputs, error: standing.error } }
}

function tellRun(draft: Draft, { status, error }: RunMove): void {
  // A queued run that goes to running was already told of as started.
  if (status === 'running' && draft.before.status === 'queued') return
  const type = status === 'running' ? 'run.resumed' : `run.${status}`
  const waitsFor = draft.rows.flatMap((row) => (row.status === 'waiting' && row.waitFor ? [row.waitFor] : []))
  if (status === 'waiting') draft.events.push({ type, details: { for: [...new Set(waitsFor)] } })
  else draft.events.push(error ? { type, details: { ...error } } : { type })
}

function earliestTimer(draft: Draft): number | null {
  let earliestMs: number | null = null
  for (const row of draft.rows) {
    if (row.wakeAtMs === null) continue
    if (earliestMs === null || row.wakeAtMs < earliestMs) earliestMs = row.wakeAtMs
  }
  return earliestMs
}
