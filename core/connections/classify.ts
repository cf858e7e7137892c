import type { OutboundError, OutboundResponse } from '../outbound/outbound.ts'

/** What a test may find to be wrong. */
export type TestErrorCode =
  | 'auth_failed'
  | 'forbidden'
  | 'rate_limited'
  | 'quota_exhausted'
  | 'model_not_found'
  | 'timeout'
  | 'network'
  | 'tls'
  | 'provider_5xx'
  | 'bad_response'

const QUOTA = /insufficient_quota|exceeded your current quota|credit balance|billing|payment required/i
const KEY = /api[_ -]?key[_ -]?(not valid|invalid|expired)|API_KEY_INVALID|invalid (api|x-api)[- ]key|invalid_grant/i
const MODEL = /model/i

/** By the status, and where providers disagree about that, by their words. Undefined for an answer that is no error. */
export function classifyAnswer(
  { status }: Pick<OutboundResponse, 'status'>,
  said: string,
  askedForModel: boolean,
): TestErrorCode | undefined {
  if (status < 300) return undefined
  if (status >= 500) return 'provider_5xx'
  if (status === 402 || ((status === 429 || status === 400 || status === 403) && QUOTA.test(said))) {
    return 'quota_exhausted'
  }
  if (status === 401 || ((status === 400 || status === 403) && KEY.test(said))) return 'auth_failed'
  if (status === 403) return 'forbidden'
  if (status === 429) return 'rate_limited'
  if (status === 408) return 'timeout'
  if (status === 404 && (askedForModel || MODEL.test(said))) return 'model_not_found'
  return 'bad_response'
}

const TLS = /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_|^EPROTO$/

/** Why there was no answer. */
export function classifyFailure(error: OutboundError): TestErrorCode {
  if (error.kind === 'timeout' || error.kind === 'aborted') return 'timeout'
  const code = String((error.cause as { code?: unknown } | undefined)?.code ?? '')
  return TLS.test(code) ? 'tls' : error.kind === 'unknown' && code === '' ? 'bad_response' : 'network'
}

const SENTENCES: Record<TestErrorCode, string> = {
  auth_failed: 'The secret is not accepted.',
  forbidden: 'The secret is known and may not do this.',
  rate_limited: 'It was asked too often for now. The secret may be fine; try again later.',
  quota_exhausted: 'The account behind the secret has no money or quota left.',
  model_not_found: 'There is no such model for this account.',
  timeout: 'There was no answer in time.',
  network: 'It cannot be reached.',
  tls: 'No safe connection can be made: its certificate is not valid.',
  provider_5xx: 'It has a problem of its own at the moment.',
  bad_response: 'What answers there is not what this connection is for.',
}

export const sentenceFor = (code: TestErrorCode): string => SENTENCES[code]
