import assert from 'node:assert'
import type { StepState } from '../state.ts'
import { canReopenStep } from '../states.ts'
import type { Happened } from './decision.ts'
import { type Draft, isExecuting, rowOf, tell } from './draft.ts'
import { fail, skip } from './endings.ts'
import type { ReviewPlace } from './places.ts'
import { askedOf, attemptOfNextRound, heldIn, isReview, placeOf, ROUNDS_MAX, remembered } from './rounds.ts'

/**
 * Somebody sent a review back. What made the thing that is looked at, and everything that has seen it, is done again as
 * soon as nothing of it executes any more; until then nothing of it begins. What was paid stays paid.
 */
export function takeChanges(draft: Draft, { seq, comment }: Extract<Happened, { type: 'changes_requested' }>): boolean {
  const row = draft.rows[seq]
  const place = row && placeOf(draft.outline, row)
  if (!row || !place || row.status !== 'waiting' || row.waitFor !== 'review') return false
  const { round, isAsking } = askedOf(row)
  if (isAsking) return false
  if (place.makers.size === 0 || round >= ROUNDS_MAX) {
    // Whoever decides is told this before; a run that hears of it nevertheless must not wait for ever.
    const message = 'Changes were asked for, but nothing can be done again here.'
    fail(draft, seq, { code: 'limit_exceeded', message })
    return true
  }
  draft.rows[seq] = { ...row, pendingOutput: remembered({ round: round + 1, comment, isAsking: true }) }
  draft.changed.add(seq)
  tell(draft, 'step.changes_requested', seq, { round: round + 1 })
  for (const held of place.again) draft.held.add(held)
  return true
}

/** Begins the rounds that were waiting for what still executed. */
export function reopenHeld(draft: Draft): void {
  if (draft.held.size === 0) return
  const asking = draft.rows.filter((row) => row.status === 'waiting' && askedOf(row).isAsking)
  const places = asking
    .map((row) => ({ row, place: placeOf(draft.outline, row) }))
    .filter(
      (one): one is { row: StepState; place: ReviewPlace } => one.place !== undefined && isQuiet(draft, one.place),
    )
  if (places.length === 0) return
  const again = new Set(places.flatMap(({ place }) => [...place.again]))
  const asked = new Set(places.map(({ row }) => row.seq))
  for (const row of draft.rows.slice()) {
    const isTouched = again.has(row.parentSeq ?? row.seq) && canReopenStep(row.status)
    // Another review that was sent back and is not quiet yet has its own turn.
    const isOthersTurn = row.status === 'waiting' && askedOf(row).isAsking
    if (!asked.has(row.seq) && (!isTouched || isOthersTurn)) continue
    reopen(draft, row.seq, { keepsWords: asked.has(row.seq) })
    // Whether there is an element for a copy is known when its step is opened again.
    if (row.parentSeq !== null) skip(draft, row.seq, 'Its step is done again.', null)
  }
  draft.inputs.clear()
  draft.scopes.clear()
  draft.lists.clear()
  draft.held = heldIn(draft.outline, draft.rows)
}

const isQuiet = (draft: Draft, { again }: ReviewPlace): boolean =>
  !draft.rows.some((row) => again.has(row.parentSeq ?? row.seq) && isExecuting(draft, row))

/** As if it had not been. Words that were said to an earlier maker are old by then; those of who asks now stand. */
export function reopen(draft: Draft, seq: number, { keepsWords }: { keepsWords: boolean }): void {
  const row = rowOf(draft, seq)
  assert(canReopenStep(row.status), `step ${seq} may not be done again when it is ${row.status}`)
  if (row.status === 'waiting' && (row.waitFor === 'job' || row.waitFor === 'callback')) draft.abort.push(seq)
  const asked = askedOf(row)
  const memory = remembered({ ...asked, isAsking: false, comment: keepsWords ? asked.comment : '' })
  const hasMemory = row.pendingOutput !== null && isReview(draft.outline, row)
  draft.rows[seq] = {
    ...row,
    status: 'pending',
    attempt: attemptOfNextRound(row),
    output: null,
    error: null,
    wakeAtMs: null,
    waitFor: null,
    pendingOutput: hasMemory ? memory : null,
  }
  draft.changed.add(seq)
  tell(draft, 'step.reopened', seq)
}
