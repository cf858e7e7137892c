import type { PlanCycleRow } from '#db/plan-cycles.ts'
import type { StepRow } from '#db/run-steps.ts'
import { cut } from '../cut.ts'
import { sha256 } from '../ids.ts'
import { canonicalJson, type Json, type JsonObject } from '../json.ts'
import type { Plan, PlannedCall } from './plan.ts'

/** How the calls of a cycle went. */
export interface Outcome {
  runStatus: string
  calls: CallOutcome[]
  /** Share of the answers that were others than the last time; null when nothing can be compared. */
  changed: number | null
}

export interface CallOutcome {
  id: string
  endpoint: string
  status: 'succeeded' | 'failed' | 'skipped'
  /** The same for the same call. */
  key: string
  /** Of the answer; null where there was none. */
  digest: string | null
  /** The beginning of the answer. */
  answer: string | null
  error: string | null
  /** Says something about the source: it was asked, and not kept from answering by us. */
  counts: boolean
}

export const outcomeOf = ({ outcome_json }: Pick<PlanCycleRow, 'outcome_json'>): Outcome | null =>
  outcome_json === null ? null : (JSON.parse(outcome_json) as Outcome)

const ANSWER_MAX = 1_500
/** The source was not asked, or not to the end. */
const SAYS_NOTHING: ReadonlySet<string> = new Set([
  'aborted',
  'cancelled',
  'bad_input',
  'refused',
  'limit_exceeded',
  'internal',
])

/** What became of each call of a plan, by the steps of its run. */
export function readOutcome(
  plan: Plan,
  run: { status: string },
  steps: readonly StepRow[],
  before: Outcome | null,
): Outcome {
  const calls = plan.calls.map((call) =>
    callOutcome(
      call,
      steps.find((step) => step.step_id === call.id && step.parent_seq === null),
    ),
  )
  return { runStatus: run.status, calls, changed: changedShare(calls, before) }
}

function callOutcome({ id, endpoint, parameters }: PlannedCall, step: StepRow | undefined): CallOutcome {
  const key = sha256(canonicalJson({ endpoint, parameters })).slice(0, 16)
  const common = { id, endpoint, key, digest: null, answer: null, error: null, counts: false }
  if (step?.status === 'succeeded') {
    const answer = answerOf(JSON.parse(step.output_json ?? '{}') as JsonObject)
    return { ...common, status: 'succeeded', ...answer, counts: true }
  }
  if (step?.status === 'failed') {
    const error = JSON.parse(step.error_json ?? '{}') as { code?: string; message?: string }
    return {
      ...common,
      status: 'failed',
      error: error.message ?? 'It failed.',
      counts: !SAYS_NOTHING.has(error.code ?? ''),
    }
  }
  return { ...common, status: 'skipped' }
}

/** Headers change with every answer and say nothing: of an HTTP call its body counts. */
function answerOf(output: JsonObject): { digest: string; answer: string } {
  const said: Json = 'status' in output && 'body' in output ? (output.body ?? null) : output
  const text = typeof said === 'string' ? said : canonicalJson(said)
  return { digest: sha256(text).slice(0, 16), answer: cut(text, ANSWER_MAX) }
}

function changedShare(calls: readonly CallOutcome[], before: Outcome | null): number | null {
  if (!before) return null
  const known = new Map(before.calls.map(({ key, digest }) => [key, digest]))
  const comparable = calls.filter(({ key, digest }) => digest !== null && typeof known.get(key) === 'string')
  if (comparable.length === 0) return null
  return comparable.filter(({ key, digest }) => known.get(key) !== digest).length / comparable.length
}

/** Much of it went wrong: the run as a whole, or a quarter of the calls that were made. */
export function isTrouble({ runStatus, calls }: Outcome): boolean {
  const made = calls.filter(({ counts }) => counts)
  const failed = made.filter(({ status }) => status === 'failed').length
  return runStatus === 'failed' || runStatus === 'payment_failed' || (made.length > 0 && failed / made.length >= 0.25)
}

/** The same for a cycle that planned the same from the same, and got the same answers. */
export const fingerprintOf = (plan: Plan | null, outcome: Outcome | null, said: readonly string[]): string =>
  sha256(
    canonicalJson({
      calls: (plan?.calls ?? []).map(({ endpoint, parameters, headers }) => ({ endpoint, parameters, headers })),
      answers: (outcome?.calls ?? []).map(({ status, digest }) => ({ status, digest })),
      said: [...said],
    }),
  )
