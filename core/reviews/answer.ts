import type { ReviewRow } from '#db/reviews.ts'
import type { ReviewDecisionTable } from '#db/schema.ts'
import { AppError, type Problem } from '../errors.ts'
import { canonicalJson, type JsonObject } from '../json.ts'
import { applyDefaults, checkInputs } from '../schema-check.ts'
import { questionOf } from './deciders.ts'
import { candidatesOf } from './variants.ts'

type DecisionKind = ReviewDecisionTable['decision']

/** A decision as it is given. */
export interface Given {
  decision: DecisionKind
  /** Of what was shown to whoever decides. */
  payloadHash: string
  comment?: string
  variantId?: string
  values?: JsonObject
}

/** A decision that fits its review. */
export interface Answer {
  decision: DecisionKind
  comment: string | null
  /** Approved, chosen or filled in: what several people may have to agree on. */
  isYes: boolean
  /** What the step gives, beside who decided. */
  output: JsonObject
  /** Two people say the same when this is equal. */
  same: string | null
}

const COMMENT_MAX = 4_000
const VALUES_MAX_BYTES = 1024 * 1024

const YES: Record<ReviewRow['kind'], DecisionKind> = { decide: 'approve', choose: 'choose', form: 'submit' }

/** Refused (`conflict`) for another content than the review's, and (`bad_input`) with everything that does not fit. */
export function checkAnswer(review: ReviewRow, given: Given): Answer {
  if (given.payloadHash !== review.payload_hash) {
    const message = 'What is asked about is not what you were shown. Look at it again, then decide.'
    throw new AppError('conflict', message, { facts: { payloadHash: review.payload_hash } })
  }
  const comment = given.comment?.trim() || null
  const problems = [...commentProblems(given.decision, comment), ...kindProblems(review, given)]
  if (problems.length > 0) throw wrong(problems)
  const { decision } = given
  const isYes = decision === YES[review.kind]
  const output = isYes ? outputOf(review, given) : {}
  return { decision, comment, isYes, output, same: isYes && review.kind !== 'decide' ? canonicalJson(output) : null }
}

function commentProblems(decision: DecisionKind, comment: string | null): Problem[] {
  if (comment === null && decision === 'request_changes') {
    return [{ path: 'comment', message: 'is required: say what should be different' }]
  }
  if ((comment?.length ?? 0) <= COMMENT_MAX) return []
  return [{ path: 'comment', message: `must have at most ${COMMENT_MAX} characters` }]
}

function kindProblems(review: ReviewRow, { decision, variantId, values }: Given): Problem[] {
  const yes = YES[review.kind]
  if (decision === 'request_changes' && !questionOf(review).terms.canSendBack) {
    return [
      { path: 'decision', message: 'cannot be request_changes: nothing can be made anew here, or it was often enough' },
    ]
  }
  const isFitting = decision === yes || decision === 'reject' || decision === 'request_changes'
  if (!isFitting)
    return [{ path: 'decision', message: `must be ${yes}, reject or request_changes here, not ${decision}` }]
  const problems: Problem[] = []
  if (variantId !== undefined && decision !== 'choose')
    problems.push({ path: 'variantId', message: 'goes with choose only' })
  if (values !== undefined && decision !== 'submit') problems.push({ path: 'values', message: 'goes with submit only' })
  if (decision === 'choose') problems.push(...variantProblems(review, variantId))
  if (decision === 'submit') problems.push(...valueProblems(review, values))
  return problems
}

function variantProblems({ payload_json }: ReviewRow, variantId: string | undefined): Problem[] {
  const ids = candidatesOf(JSON.parse(payload_json)).map(({ id }) => id)
  if (variantId !== undefined && ids.includes(variantId)) return []
  return [{ path: 'variantId', message: `must be one of ${ids.join(', ')}` }]
}

function valueProblems(review: ReviewRow, values: JsonObject | undefined): Problem[] {
  if (Buffer.byteLength(JSON.stringify(values ?? {})) > VALUES_MAX_BYTES) {
    return [{ path: 'values', message: 'are larger than 1 MiB' }]
  }
  return checkInputs(questionOf(review).terms.schema ?? {}, values ?? {}, 'values')
}

function outputOf(review: ReviewRow, { variantId, values }: Given): JsonObject {
  if (review.kind === 'form') return applyDefaults(questionOf(review).terms.schema ?? {}, values ?? {})
  if (review.kind === 'decide') return {}
  const chosen = candidatesOf(JSON.parse(review.payload_json)).find(({ id }) => id === variantId)
  return { variantId: variantId ?? '', variant: chosen?.value ?? null }
}

function wrong(problems: Problem[]): AppError {
  const list = problems.map(({ path, message }) => `${path} ${message}`).join('; ')
  return new AppError('bad_input', `This answer does not fit: ${list}.`, { problems })
}
