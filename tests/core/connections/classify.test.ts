import { expect, it } from 'vitest'
import { classifyAnswer, classifyFailure } from '#core/connections/classify.ts'
import { OutboundError, type OutboundErrorKind } from '#core/outbound/outbound.ts'

const failed = (kind: OutboundErrorKind, code?: string) =>
  new OutboundError(kind, 'It failed.', code === undefined ? {} : { cause: Object.assign(new Error(), { code }) })

it.each<[OutboundErrorKind, string | undefined, string]>([
  ['timeout', 'UND_ERR_HEADERS_TIMEOUT', 'timeout'],
  ['timeout', undefined, 'timeout'],
  ['aborted', undefined, 'timeout'],
  ['network', 'ECONNREFUSED', 'network'],
  ['network', 'ENOTFOUND', 'network'],
  ['network', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
  ['network', 'ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
  ['unknown', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls'],
  ['network', 'CERT_HAS_EXPIRED', 'tls'],
  ['refused', undefined, 'network'],
  ['unknown', undefined, 'bad_response'],
])('no answer: %s, %s is %s', (kind, code, expected) => {
  expect(classifyFailure(failed(kind, code))).toBe(expected)
})

it.each<[number, string, string | undefined]>([
  [200, '', undefined],
  [301, '', 'bad_response'],
  [400, 'What is this', 'bad_response'],
  [400, '{"reason":"API_KEY_INVALID"}', 'auth_failed'],
  [401, '', 'auth_failed'],
  [402, '', 'quota_exhausted'],
  [403, '', 'forbidden'],
  [404, '', 'bad_response'],
  [404, 'The model gpt-9 does not exist', 'model_not_found'],
  [408, '', 'timeout'],
  [429, 'Slow down', 'rate_limited'],
  [429, 'insufficient_quota', 'quota_exhausted'],
  [500, '', 'provider_5xx'],
  [529, '', 'provider_5xx'],
])('%i “%s” is %s', (status, said, expected) => {
  expect(classifyAnswer({ status }, said, false)).toBe(expected)
})
