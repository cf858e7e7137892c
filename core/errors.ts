/** Everything a person or a client can mend has one of these codes; server/problem.ts gives each its HTTP status. */
export type ErrorCode =
  | 'bad_request'
  | 'bad_input'
  | 'bad_definition'
  | 'form_incomplete'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'context_conflict'
  | 'insufficient_funds'
  | 'limit_reached'
  | 'policy_refused'
  | 'price_unknown'
  | 'confirmation_needed'
  | 'idempotency_key_missing'
  | 'idempotency_key_reused'
  | 'in_progress'
  | 'precondition_required'
  | 'precondition_failed'
  | 'expired'
  | 'too_large'
  | 'too_many_requests'
  | 'unsupported_media_type'
  | 'busy'

/** One thing that is wrong and where: `path` is a JSON pointer without the leading slash, dots between (`steps.0.toolId`). */
export interface Problem {
  path: string
  message: string
}

export interface ErrorDetails {
  problems?: Problem[]
  /** Extra facts for clients, safe to show: limit names, amounts, the id of what already exists. */
  facts?: Record<string, string | number | boolean | null>
}

/**
 * What a person can mend. The message is one or two plain sentences and may be shown as it stands.
 * Thrown inside a write body it rolls back that body alone and rejects the write with itself.
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message)
    this.name = 'AppError'
    this.code = code
    this.details = details
  }
}

export const notFound = (what: string): AppError => new AppError('not_found', `There is no ${what} here.`)
