import type { SendResult } from '#core/chat/sender.ts'

/** What Slack's client and `fetch` put on their errors. */
interface SlackError {
  code?: string
  message?: string
  retryAfter?: number
  statusCode?: number
  data?: { error?: string; response_metadata?: { messages?: string[]; retryAfter?: number } }
  original?: { cause?: unknown }
  cause?: unknown
}

const RETRY_MS = 5_000
const RETRY_LIMITED_MS = 30_000
const REASON_MAX = 300
/** The connection never stood, so nothing was said over it. */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])
/** Slack did not even begin. */
const TRY_LATER = new Set(['service_unavailable', 'team_added_to_org', 'migration_in_progress'])
/** Slack broke on the way; its documentation says that parts may have been done. */
const BROKE_INSIDE = new Set(['internal_error', 'fatal_error', 'request_timeout'])

/** What a failed call means for the message. `isSafeToRepeat` when nothing can have been shown by it, or only the same again. */
export function outcomeOf(thrown: unknown, isSafeToRepeat = false): Exclude<SendResult, { outcome: 'sent' | 'moved' }> {
  const error = thrown as SlackError
  const reason = reasonOf(error)
  if (error.code === 'slack_webapi_rate_limited_error') return retry((error.retryAfter ?? 30) * 1000, reason)
  const refusal = refusalOf(thrown)
  if (refusal === 'ratelimited' || refusal === 'rate_limited') return retry(RETRY_LIMITED_MS, reason)
  if (refusal && TRY_LATER.has(refusal)) return retry(RETRY_MS, reason)
  if (refusal && !BROKE_INSIDE.has(refusal)) return { outcome: 'refused', reason }
  if (error.statusCode && error.statusCode < 500) return { outcome: 'refused', reason }
  if (isSafeToRepeat || neverConnected(error)) return retry(RETRY_MS, reason)
  return { outcome: 'unclear', reason }
}

/** Slack's own word for why it refused (`channel_not_found`); undefined when the call failed in another way. */
export const refusalOf = (thrown: unknown): string | undefined => (thrown as SlackError).data?.error

const retry = (afterMs: number, reason: string) => ({ outcome: 'retry', afterMs, reason }) as const

function neverConnected(error: SlackError): boolean {
  const cause = (error.original?.cause ?? error.cause) as { code?: string; syscall?: string } | undefined
  return (
    (cause?.code !== undefined && NEVER_CONNECTED.has(cause.code)) ||
    cause?.code === 'UND_ERR_CONNECT_TIMEOUT' ||
    cause?.syscall === 'connect'
  )
}

function reasonOf(error: SlackError): string {
  const details = error.data?.response_metadata?.messages?.join('; ')
  const said = error.data?.error ?? error.message ?? 'The call failed.'
  return (details ? `${said}: ${details}` : said).slice(0, REASON_MAX)
}
