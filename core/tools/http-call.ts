import { cut } from '../cut.ts'
import { isShallow, type Json } from '../json.ts'
import { OutboundError, type OutboundResponse } from '../outbound/outbound.ts'
import { abortError } from './abort.ts'
import { type ToolContext, ToolError } from './tool.ts'

export interface HttpCall {
  method: string
  url: string
  headers: Record<string, string>
  body?: string
  timeoutMs: number
  maxResponseBytes: number
}

/**
 * Calls and gives any answer below 400. Throws a ToolError by class: `timeout`, `network`, `http_5xx` and the statuses
 * 408 and 429 may pass by themselves and are tried again; other `http_4xx` and what was refused do not.
 */
export async function callHttp(call: HttpCall, { outbound, signal }: ToolContext): Promise<OutboundResponse> {
  const answer = await outbound.request({ ...call, signal }).catch((error: unknown) => {
    throw toToolError(error, signal)
  })
  if (answer.status < 400) return answer
  const said = cut(textOf(answer).replaceAll(/\s+/g, ' ').trim(), SAID_MAX_CHARACTERS)
  const message = `${call.method} ${hostOf(call.url)} answered ${answer.status}${said === '' ? '' : `: ${said}`}.`
  const { status } = answer
  if (status >= 500) throw new ToolError('http_5xx', message, { retryable: true })
  throw new ToolError('http_4xx', message, { retryable: status === 408 || status === 429 })
}

/** Enough to see what they did not like. */
const SAID_MAX_CHARACTERS = 200

function toToolError(error: unknown, signal: AbortSignal): ToolError {
  if (!(error instanceof OutboundError)) throw error
  // Cancelled, or out of its own time: the reason says which.
  if (error.kind === 'aborted' && signal.aborted) return abortError(signal)
  const retryable = error.kind === 'timeout' || error.kind === 'network'
  return new ToolError(error.kind, error.message, { retryable })
}

/** The address without what may be secret in its path and query. */
const hostOf = (url: string): string => URL.parse(url)?.host ?? 'the server'

export const textOf = ({ body }: Pick<OutboundResponse, 'body'>): string => new TextDecoder().decode(body)

const DEPTH_MAX = 64

/** What an answer says when it is JSON and whole; undefined otherwise. */
export function jsonOf(answer: OutboundResponse): Json | undefined {
  if (answer.isCut) return undefined
  try {
    const value = JSON.parse(textOf(answer)) as Json
    return isShallow(value, DEPTH_MAX) ? value : undefined
  } catch {
    return undefined
  }
}

/** How a body is sent: text as it is, everything else as JSON. What the caller says about its type stands. */
export function writeBody(
  body: Json | undefined,
  headers: Record<string, string>,
): { body?: string; headers: Record<string, string> } {
  if (body === undefined || body === null) return { headers }
  const isText = typeof body === 'string'
  const isTyped = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')
  const type = isText ? 'text/plain; charset=utf-8' : 'application/json'
  return {
    body: isText ? body : JSON.stringify(body),
    headers: isTyped ? headers : { ...headers, 'Content-Type': type },
  }
}
