import type { PlanCycleRow } from '#db/plan-cycles.ts'
import type { Json } from '../json.ts'
import type { Plan } from './plan.ts'

/** What a cycle keeps of its plan while it goes on and afterwards. */
export interface Memo {
  /** Where the plan is from; `none` while there is none. */
  source: 'model' | 'repaired' | 'salvaged' | 'without_model' | 'none'
  plan: Plan | null
  /** The part of it that was carried out: without what may not be called at the moment. */
  made: Plan | null
  /** No model is asked any more in this cycle, because one failed or none may be asked. */
  model: 'asked' | 'failed' | 'not_asked'
  /** What a model has answered that could not be used as it was; only while it is asked once more. */
  answer?: Json
}

export const NO_MEMO: Memo = { source: 'none', plan: null, made: null, model: 'not_asked' }

export const memoOf = ({ plan_json }: Pick<PlanCycleRow, 'plan_json'>): Memo =>
  plan_json === null ? NO_MEMO : (JSON.parse(plan_json) as Memo)

export const notesOf = ({ notes_json }: Pick<PlanCycleRow, 'notes_json'>): string[] =>
  JSON.parse(notes_json) as string[]
