import { GrammyError, HttpError } from 'grammy'
import type { SendResult } from '#core/chat/sender.ts'

/** How a call ended that did not succeed. `isClosed`: this person or chat does not let the bot in. */
export type Failure =
  | Exclude<SendResult, { outcome: 'sent' | 'moved' | 'refused' }>
  | { outcome: 'moved'; conversation: string }
  | { outcome: 'refused'; reason: string; isClosed: boolean }

const RETRY_MS = 2_000
/** When Telegram asks to slow down and does not say for how long. */
const RETRY_LIMITED_MS = 5_000
/** A wrong token is the operator's to mend; nobody's message is lost meanwhile. */
const RETRY_TOKEN_MS = 60_000

/** The connection never stood, so nothing was said over it. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** What a failed call means for the message it was to deliver. */
export function failureOf(error: unknown): Failure {
  if (error instanceof GrammyError) return refusal(error)
  const reason = reasonOf(error)
  return neverConnected(error) ? { outcome: 'retry', afterMs: RETRY_MS, reason } : { outcome: 'unclear', reason }
}

function refusal(error: GrammyError): Failure {
  const reason = reasonOf(error)
  const { retry_after, migrate_to_chat_id } = error.parameters
  if (error.error_code === 429) {
    return { outcome: 'retry', afterMs: retry_after === undefined ? RETRY_LIMITED_MS : retry_after * 1000, reason }
  }
  if (migrate_to_chat_id !== undefined) return { outcome: 'moved', conversation: String(migrate_to_chat_id) }
  if (error.error_code >= 500) return { outcome: 'retry', afterMs: RETRY_MS, reason }
  if (isWrongToken(error)) return { outcome: 'retry', afterMs: RETRY_TOKEN_MS, reason }
  return { outcome: 'refused', reason, isClosed: error.error_code === 403 || says(error, 'chat not found') }
}

/** 404 stands for a token that cannot be one, too. */
export const isWrongToken = (error: unknown): boolean =>
  error instanceof GrammyError && (error.error_code === 401 || error.error_code === 404)

export const says = (error: unknown, words: string): boolean =>
  error instanceof GrammyError && error.description.toLowerCase().includes(words)

/** In words that may be logged and stored. The library's own messages have the address of the call, and the token in it. */
export function reasonOf(error: unknown): string {
  if (error instanceof GrammyError) return `Telegram says: ${error.description} (${error.error_code})`
  const code = causeOf(error).code
  if (code) return `Telegram could not be reached: ${code}`
  return error instanceof HttpError ? 'The connection to Telegram broke off.' : `The call failed: ${nameOf(error)}`
}

function neverConnected(error: unknown): boolean {
  const { code, message } = causeOf(error)
  // A timeout while connecting has the same code as one while waiting for the answer; only its words tell.
  return (code !== undefined && NEVER_CONNECTED.has(code)) || /reason: connect ETIMEDOUT/.test(message ?? '')
}

const causeOf = (error: unknown): { code?: string; message?: string } =>
  (error instanceof HttpError ? (error.error as { code?: string; message?: string } | undefined) : undefined) ?? {}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error)
