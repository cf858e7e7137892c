import type { JsonObject } from '../json.ts'
import type { Happened } from '../runs/decide.ts'
import type { Failure } from '../runs/state.ts'

/** What a decision means to the run that waits for it, as it is kept until its worker looks. */
export type Outcome =
  | { type: 'succeeded'; output: JsonObject }
  | { type: 'failed'; error: Failure }
  | { type: 'changes'; comment: string }

/** The same, said to the engine. */
export function happenedBy(outcome: Outcome, seq: number): Happened {
  switch (outcome.type) {
    case 'succeeded':
      return { type: 'step_succeeded', seq, output: outcome.output }
    case 'failed':
      return { type: 'step_failed', seq, error: outcome.error, retryable: false }
    case 'changes':
      return { type: 'changes_requested', seq, comment: outcome.comment }
  }
}
