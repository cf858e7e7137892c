import { classifyAnswer, classifyFailure, sentenceFor, type TestErrorCode } from '../../connections/classify.ts'
import type { Scrubber } from '../../connections/scrub.ts'
import { cut } from '../../cut.ts'
import { OutboundError } from '../../outbound/outbound.ts'
import { ModelError, type ModelErrorCode, type ModelUsage } from '../model.ts'

const CODES: Record<TestErrorCode, ModelErrorCode> = {
  auth_failed: 'auth_failed',
  forbidden: 'auth_failed',
  rate_limited: 'rate_limited',
  quota_exhausted: 'quota_exhausted',
  model_not_found: 'model_not_found',
  timeout: 'timeout',
  network: 'network',
  tls: 'network',
  provider_5xx: 'provider_5xx',
  bad_response: 'bad_response',
}
const RETRYABLE: ReadonlySet<ModelErrorCode> = new Set(['rate_limited', 'timeout', 'network', 'provider_5xx'])
const TOO_LONG =
  /context.?(length|window)|maximum context|prompt is too long|too many (input )?tokens|input token count|request too large/i
const SAID_MAX_CHARACTERS = 200
const RETRY_AFTER_MAX_MS = 60 * 60 * 1000

/** What a call that failed is told as. `usage`: what was used by then, where an answer had begun. */
export function modelErrorOf(
  thrown: unknown,
  { scrub, usage, nowMs }: { scrub: Scrubber; usage: ModelUsage | undefined; nowMs: number },
): ModelError {
  if (thrown instanceof ModelError) return thrown
  const used = usage ? { usage } : {}
  const outbound = outboundIn(thrown)
  if (outbound) {
    if (outbound.kind === 'aborted') return new ModelError('aborted', 'It was stopped.', used)
    if (outbound.kind === 'refused') return new ModelError('network', scrub.text(outbound.message), used)
    const code = CODES[classifyFailure(outbound)]
    return new ModelError(code, scrub.text(outbound.message), { ...used, retryable: RETRYABLE.has(code) })
  }
  if (isRefusal(thrown) && thrown.statusCode !== undefined && thrown.statusCode >= 300) {
    return refusedBy(thrown, scrub, nowMs)
  }
  const said = quoted(scrub.text(wordsOf(thrown)))
  if (/overloaded|rate.?limit/i.test(said)) {
    return new ModelError('provider_5xx', `${sentenceFor('provider_5xx')} It answered${said}.`, {
      ...used,
      retryable: true,
    })
  }
  return new ModelError('bad_response', `The model's answer cannot be read${said}.`, { ...used, retryable: true })
}

/** What the libraries make of an answer that is an error; each has a class of its own for it. */
interface Refusal extends Error {
  statusCode?: number
  responseBody?: string
  responseHeaders?: Record<string, string>
}

const isRefusal = (thrown: unknown): thrown is Refusal => thrown instanceof Error && thrown.name === 'AI_APICallError'

/** An answer that is no answer of a model: nothing was used. */
function refusedBy(
  { statusCode: status = 0, responseBody = '', responseHeaders = {} }: Refusal,
  scrub: Scrubber,
  nowMs: number,
): ModelError {
  const said = quoted(scrub.text(responseBody))
  if (status === 413 || (status === 400 && TOO_LONG.test(responseBody))) {
    return new ModelError('too_long', `What was asked is longer than the model takes. It answered ${status}${said}.`)
  }
  const found = classifyAnswer({ status }, responseBody, true) ?? 'bad_response'
  const code = CODES[found]
  const retryAfterMs = retryAfterIn(responseHeaders, nowMs)
  return new ModelError(code, `${sentenceFor(found)} It answered ${status}${said}.`, {
    retryable: RETRYABLE.has(code),
    ...(retryAfterMs === undefined || !RETRYABLE.has(code) ? {} : { retryAfterMs }),
  })
}

/** In seconds, in milliseconds, or as a time. */
function retryAfterIn(headers: Record<string, string>, nowMs: number): number | undefined {
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const exact = Number(lower['retry-after-ms'])
  const after = lower['retry-after']
  const ms =
    lower['retry-after-ms'] !== undefined && Number.isFinite(exact)
      ? exact
      : after === undefined
        ? Number.NaN
        : /^\d+(\.\d+)?$/.test(after.trim())
          ? Number(after) * 1_000
          : Date.parse(after) - nowMs
  return Number.isFinite(ms) && ms >= 0 ? Math.min(Math.ceil(ms), RETRY_AFTER_MAX_MS) : undefined
}

/** The libraries put what our way out threw into errors of their own. */
function outboundIn(thrown: unknown): OutboundError | undefined {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 5; error = error.cause as Error, depth++) {
    if (error instanceof OutboundError) return error
    if (error.name === 'AbortError') return new OutboundError('aborted', 'It was stopped.')
  }
  return undefined
}

function wordsOf(thrown: unknown): string {
  if (isRefusal(thrown)) return thrown.responseBody ?? ''
  if (thrown instanceof Error) return thrown.name
  return typeof thrown === 'string' ? thrown : (JSON.stringify(thrown) ?? '')
}

function quoted(text: string): string {
  const said = cut(text.replaceAll(/\s+/g, ' ').trim(), SAID_MAX_CHARACTERS)
  return said === '' ? '' : `: ${said.replace(/\.$/, '')}`
}
