import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Logger } from 'pino'
import { AppError, type ErrorCode } from '#core/errors.ts'
import { DatabaseBusyError } from '#db/db.ts'
import type { Env } from './env.ts'

/** A new code does not compile until it has its status here. */
export const STATUS = {
  bad_request: 400,
  bad_input: 400,
  bad_definition: 422,
  form_incomplete: 422,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  context_conflict: 400,
  insufficient_funds: 402,
  limit_reached: 402,
  policy_refused: 403,
  price_unknown: 409,
  confirmation_needed: 409,
  idempotency_key_missing: 400,
  idempotency_key_reused: 422,
  in_progress: 409,
  precondition_required: 428,
  precondition_failed: 412,
  expired: 410,
  too_large: 413,
  too_many_requests: 429,
  unsupported_media_type: 415,
  busy: 503,
} as const satisfies Record<ErrorCode, ContentfulStatusCode>

export const TITLES: Record<number, string> = {
  400: 'The request is wrong',
  401: 'Sign in first',
  402: 'There is not enough money, or a limit is reached',
  403: 'You may not do this',
  404: 'Not found',
  405: 'Not possible here',
  409: 'It does not fit what is there now',
  410: 'It is over',
  412: 'It is not what you read any more',
  413: 'Too large',
  415: 'This kind of content is not taken',
  422: 'It cannot be used as it is',
  428: 'Say which version you have read',
  429: 'Too many requests',
  500: 'Something went wrong on our side',
  503: 'Too busy at the moment',
}

/** Every error of the API in one shape (RFC 9457). What is not an AppError is logged, and only its request id is told. */
export function problemOf(error: unknown, c: Context<Env>, log: Logger): Response {
  const requestId = c.get('requestId')
  if (error instanceof AppError) {
    const { code, message, details } = error
    return problem(c, STATUS[code], {
      code,
      detail: message,
      ...(details.problems ? { errors: details.problems } : {}),
      ...(details.facts ? { facts: details.facts } : {}),
    })
  }
  if (error instanceof DatabaseBusyError) return problem(c, 503, { code: 'busy', detail: 'Try again in a moment.' })
  if (error instanceof HTTPException) {
    return problem(c, error.status, { code: 'bad_request', detail: error.message || 'The request could not be read.' })
  }
  log.error({ err: error, requestId, path: c.req.path, method: c.req.method }, 'A request failed')
  return problem(c, 500, { code: 'internal', detail: `Give this reference when you ask: ${requestId}` })
}

export function problem(
  c: Context<Env>,
  status: ContentfulStatusCode,
  body: { code: string; detail: string; errors?: object[]; facts?: object },
): Response {
  const requestId = c.get('requestId')
  const headers: Record<string, string> = { 'Content-Type': 'application/problem+json' }
  if (status === 401) headers['WWW-Authenticate'] = 'Bearer'
  if (status === 503) headers['Retry-After'] = '1'
  const title = TITLES[status] ?? 'Not possible'
  return c.body(JSON.stringify({ type: 'about:blank', title, status, ...body, requestId }), status, headers)
}
