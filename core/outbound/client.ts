import type { buildConnector, Dispatcher } from 'undici'
import { type Allowed, readAllowed } from './allow.ts'
import { explain } from './explain.ts'
import { guardedConnect, type Resolve, systemResolve } from './guarded-connect.ts'
import { cleanHeaders, forOtherOrigin, plainHeaders } from './headers.ts'
import { openCall } from './open-call.ts'
import { type Outbound, OutboundError, type OutboundRequest, type OutboundResponse } from './outbound.ts'
import { readAnswer } from './read-answer.ts'
import { askMailServer } from './smtp.ts'
import { type Rules, targetOf, USUAL_PORTS } from './target.ts'

const REDIRECTS_MAX = 3
const CONNECT_TIMEOUT_MS = 5_000
/** Long enough for the next step of a job, short enough that no stranger's connection stays. */
const KEEP_ALIVE_MS = 4_000

export interface OutboundOptions {
  /** `host[:port]` that the operator opened. */
  allow: readonly string[]
  /** In place of the machine's own, for tests. */
  resolve?: Resolve
  /** In place of 80 and 443, for tests. */
  ports?: Rules['ports']
}

/** The guarded client. It knows no proxy: one named in the environment would be asked to go where we do not. */
export function createOutbound({ allow, resolve = systemResolve, ports = USUAL_PORTS }: OutboundOptions): Outbound {
  const allowed: Allowed = allow.map(readAllowed).filter((one) => one !== undefined)
  const rules = { allowed, ports }
  let agent: Promise<Dispatcher> | undefined
  const open = (): Promise<Dispatcher> => (agent ??= openAgent(allowed, resolve))
  return {
    request: (request) => follow(open, rules, request),
    open: (request) => openCall(open, rules, request),
    probeMail: async (probe) => askMailServer(await connectorFor(allowed, resolve), allowed, probe),
    async close() {
      await (await agent)?.destroy()
    },
  }
}

/** Loaded with the first call: most processes never make one. */
async function openAgent(allowed: Allowed, resolve: Resolve): Promise<Dispatcher> {
  const { Agent } = await import('undici')
  const connect = await connectorFor(allowed, resolve)
  return new Agent({ connect, allowH2: false, keepAliveTimeout: KEEP_ALIVE_MS, keepAliveMaxTimeout: KEEP_ALIVE_MS })
}

async function connectorFor(allowed: Allowed, resolve: Resolve): Promise<buildConnector.connector> {
  const { buildConnector } = await import('undici')
  return guardedConnect(({ lookup }) => buildConnector({ lookup, timeout: CONNECT_TIMEOUT_MS, allowH2: false }), {
    allowed,
    resolve,
  })
}

async function follow(
  open: () => Promise<Dispatcher>,
  rules: Rules,
  { timeoutMs, signal: caller, ...request }: OutboundRequest,
): Promise<OutboundResponse> {
  const limit = AbortSignal.timeout(timeoutMs)
  const signal = caller ? AbortSignal.any([caller, limit]) : limit
  try {
    let hop: Hop = { ...request, url: targetOf(request.url, rules), headers: cleanHeaders(request.headers ?? {}) }
    const agent = await open()
    for (let redirects = 0; ; redirects++) {
      const answer = await call(agent, hop, { timeoutMs, maxBytes: request.maxResponseBytes, signal })
      const next = redirectOf(hop, answer, rules)
      if (!next) return answer
      if (redirects === REDIRECTS_MAX) {
        throw new OutboundError('network', `${hop.url.host} leads on more than ${REDIRECTS_MAX} times.`)
      }
      hop = next
    }
  } catch (error) {
    throw explain(error, {
      timeoutMs,
      isTimeout: limit.aborted && !caller?.aborted,
      isAborted: caller?.aborted ?? false,
    })
  }
}

interface Hop {
  method: string
  url: URL
  headers: Record<string, string>
  body?: string
}

async function call(
  agent: Dispatcher,
  { method, url, headers, body }: Hop,
  { timeoutMs, maxBytes, signal }: { timeoutMs: number; maxBytes: number; signal: AbortSignal },
): Promise<OutboundResponse> {
  const answer = await agent.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method: method as Dispatcher.HttpMethod,
    headers,
    body: body ?? null,
    signal,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
  const plain = plainHeaders(answer.headers)
  const read = await readAnswer(answer.body, plain['content-encoding'], maxBytes)
  return { status: answer.statusCode, headers: plain, ...read }
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])
/** After these the request itself is repeated; after the others the answer is fetched. */
const REPEATS = new Set([307, 308])

/** Where an answer leads, checked like the first address. What is for one origin stays there. */
function redirectOf(hop: Hop, { status, headers }: OutboundResponse, rules: Rules): Hop | undefined {
  if (!REDIRECTS.has(status) || headers.location === undefined) return undefined
  const joined = URL.parse(headers.location, hop.url.href)
  const url = targetOf(joined?.href ?? headers.location, rules)
  if (hop.url.protocol === 'https:' && url.protocol === 'http:') {
    throw new OutboundError('refused', `${hop.url.host} leads from https to http, which is not followed.`)
  }
  const isSameOrigin = url.origin === hop.url.origin
  const kept = isSameOrigin ? hop.headers : forOtherOrigin(hop.headers)
  const isRepeated = REPEATS.has(status) || hop.method === 'GET' || hop.method === 'HEAD'
  if (isRepeated) return { ...hop, url, headers: kept }
  const { 'content-type': _, ...withoutBody } = kept
  return { method: 'GET', url, headers: withoutBody }
}
