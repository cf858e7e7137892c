import type { Json } from '#core/json.ts'
import type { StepState } from '../state.ts'
import { hasStepEnded } from '../states.ts'
import { addRow, type Draft, failureRuleOf, move, rowOf, stepOf, tell } from './draft.ts'
import { fail, skipCopies, succeed } from './endings.ts'
import { reopen } from './reopen.ts'
import { listOf } from './scope.ts'

/** A run is read and written as a whole; more elements than this belong into one tool call over a list. */
export const COPIES_MAX = 1_000

/** Makes a copy for every element and gives their seqs; none when the list is empty (done at once) or there is none. */
export function openFanOut(draft: Draft, row: StepState): number[] {
  const list = listOf(draft, row.seq)
  if (typeof list === 'string') {
    fail(draft, row.seq, { code: 'bad_input', message: list })
  } else if (list.length > COPIES_MAX) {
    const message = `Step “${row.stepId}” has a list of ${list.length} elements; at most ${COPIES_MAX} are allowed.`
    fail(draft, row.seq, { code: 'limit_exceeded', message })
  } else if (list.length === 0) {
    skipCopies(draft, row.seq)
    succeed(draft, row.seq, { items: [] })
  } else {
    move(draft, row.seq, 'running', { attempt: row.attempt + 1 })
    tell(draft, 'step.started', row.seq, { attempt: 1, items: list.length })
    skipCopies(draft, row.seq, list.length)
    return copiesFor(draft, row, list.length)
  }
  return []
}

/** Those of an earlier round, or of before a retry, are used again, in the order of the list. */
function copiesFor(draft: Draft, row: StepState, length: number): number[] {
  const known = (draft.copies.get(row.seq) ?? []).slice()
  known.splice(length)
  for (const seq of known) if (rowOf(draft, seq).status === 'skipped') reopen(draft, seq, { keepsWords: true })
  while (known.length < length) {
    known.push(addRow(draft, { stepId: row.stepId, parentSeq: row.seq, itemIndex: known.length }))
  }
  return known
}

/** Ends a forEach step once all its copies have ended. With `skip` the copies are siblings: all of them are tried first. */
export function closeFanOut(draft: Draft, row: StepState): void {
  if (row.status !== 'running') return
  // A copy is only skipped when there is no element for it.
  const copies = (draft.copies.get(row.seq) ?? [])
    .map((seq) => rowOf(draft, seq))
    .filter(({ status }) => status !== 'skipped')
  if (!copies.every((copy) => hasStepEnded(copy.status))) return
  const failed = copies.find((copy) => copy.status === 'failed')
  if (failed && failureRuleOf(draft, row) !== 'continue') {
    const message = `Element ${(failed.itemIndex ?? 0) + 1} of ${copies.length} failed: ${failed.error?.message ?? ''}`
    fail(draft, row.seq, { code: failed.error?.code ?? 'internal', message })
  } else {
    const fallback: Json = stepOf(draft, row)?.default ?? null
    succeed(draft, row.seq, { items: copies.map((copy) => copy.output ?? fallback) })
  }
}
