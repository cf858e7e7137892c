import { cut } from '../../cut.ts'
import { METHODS, type Method, REQUEST_BYTES, RESPONSE_BYTES, TIMEOUT_MS } from '../../endpoints/endpoint.ts'
import { isJsonObject, type Json, type JsonObject } from '../../json.ts'
import { readPath } from '../../json-path.ts'
import type { OutboundResponse } from '../../outbound/outbound.ts'
import { applyDefaults, checkInputs } from '../../schema-check.ts'
import { callHttp, jsonOf, textOf, writeBody } from '../http-call.ts'
import { defineTool, type ToolContext, ToolError } from '../tool.ts'

/** What of an answer is kept; the rest is not. */
const KEPT_CHARACTERS = 10_000

export const httpRequest = defineTool({
  toolId: 'http.request',
  version: '1.0.0',
  displayName: 'HTTP request',
  description: 'Calls a public address, or an endpoint that the context has stored.',
  category: 'http',
  inputSchema: {
    type: 'object',
    properties: {
      endpoint: { type: 'string', title: 'Endpoint', description: 'The name of a stored endpoint' },
      method: { type: 'string', title: 'Method', enum: [...METHODS] },
      url: { type: 'string', title: 'Address', description: 'http or https', maxLength: 4_000 },
      params: {
        type: 'object',
        title: 'Parameters',
        description: 'Go into the query of GET and HEAD, into a JSON body otherwise',
        additionalProperties: true,
      },
      query: { type: 'object', title: 'Query', additionalProperties: true },
      headers: { type: 'object', title: 'Headers', additionalProperties: { type: 'string' } },
      body: { title: 'Body', description: 'Text, or anything else as JSON' },
      timeoutMs: { type: 'integer', title: 'Time limit', minimum: TIMEOUT_MS.min, maximum: TIMEOUT_MS.max },
    },
  },
  outputSchema: {
    type: 'object',
    required: ['status', 'headers', 'body', 'truncated'],
    properties: {
      status: { type: 'integer', description: '0 when nobody waited for the answer' },
      headers: { type: 'object', additionalProperties: { type: 'string' } },
      body: { description: 'JSON when it is JSON, otherwise text' },
      truncated: { type: 'boolean', description: `Only the first ${KEPT_CHARACTERS} characters are kept` },
    },
  },
  price: { unit: 'run', rateMicros: 500n, maxMicros: 500n },
  // A little more than the slowest call may take: that one says itself what was too slow.
  timeoutMs: TIMEOUT_MS.max + 5_000,
  sideEffect: 'write',
  platformHints: { primaryInput: 'url' },
  async execute(input, context) {
    const request = requestOf(input, context)
    if (request.fireAndForget) return { output: await fire(request, context) }
    refuseWhileResting(context)
    return { output: outputOf(await callHttp(request, context), request.response) }
  },
})

interface Request {
  method: Method
  url: string
  headers: Record<string, string>
  body?: string
  timeoutMs: number
  maxResponseBytes: number
  fireAndForget: boolean
  response: Record<string, string> | null
}

function requestOf(input: JsonObject, { endpoint }: ToolContext): Request {
  if ((input.endpoint === undefined) === (input.url === undefined)) {
    throw new ToolError('bad_input', 'Give either endpoint or url: a stored endpoint by name, or an address.')
  }
  if (input.endpoint !== undefined && input.method !== undefined) {
    throw new ToolError('bad_input', 'The method is that of the endpoint; leave it out.')
  }
  const method = endpoint?.method ?? ((input.method ?? 'GET') as Method)
  const isQuery = method === 'GET' || method === 'HEAD'
  const params = checkedParams(input, endpoint?.bodySchema ?? null, isQuery)
  const url = withQuery(
    endpoint?.url ?? String(input.url),
    isJsonObject(input.query) ? input.query : {},
    isQuery ? params : {},
  )
  const payload = input.body ?? (isQuery || Object.keys(params).length === 0 ? undefined : params)
  if (isQuery && payload !== undefined) throw new ToolError('bad_input', `${method} has no body.`)
  const written = writeBody(payload, (input.headers ?? {}) as Record<string, string>)
  const maxBytes = endpoint?.maxRequestBytes ?? REQUEST_BYTES.usual
  if (Buffer.byteLength(written.body ?? '') > maxBytes) {
    throw new ToolError('limit_exceeded', `The body is larger than ${maxBytes} bytes, which is the most that is sent.`)
  }
  return {
    method,
    url,
    ...written,
    timeoutMs: Number(input.timeoutMs ?? endpoint?.timeoutMs ?? TIMEOUT_MS.usual),
    maxResponseBytes: endpoint?.maxResponseBytes ?? RESPONSE_BYTES.usual,
    fireAndForget: endpoint?.fireAndForget ?? false,
    response: endpoint?.response ?? null,
  }
}

/** What the endpoint asks for, completed with its defaults; a body that is given instead is held against the same. */
function checkedParams(
  input: JsonObject,
  schema: Parameters<typeof checkInputs>[0] | null,
  isQuery: boolean,
): JsonObject {
  if (input.params !== undefined && input.body !== undefined) {
    throw new ToolError('bad_input', 'Give either params or body.')
  }
  const given = input.params ?? (isQuery ? undefined : input.body) ?? {}
  if (schema === null) return isJsonObject(input.params) ? input.params : {}
  if (!isJsonObject(given)) throw new ToolError('bad_input', 'The body must be an object, as the endpoint asks.')
  const complete = applyDefaults(schema, given)
  const problems = checkInputs(schema, complete, 'params')
  if (problems.length > 0) {
    const list = problems.map(({ path, message }) => `${path} ${message}`).join('; ')
    throw new ToolError('bad_input', `The endpoint asks for something else: ${list}.`)
  }
  return input.body === undefined ? complete : {}
}

function withQuery(url: string, ...layers: JsonObject[]): string {
  const parsed = URL.parse(url)
  if (!parsed) return url
  for (const [name, value] of layers.flatMap((layer) => Object.entries(layer))) {
    const values = Array.isArray(value) ? value : [value]
    parsed.searchParams.delete(name)
    for (const one of values) if (one !== null) parsed.searchParams.append(name, textOfValue(one))
  }
  return parsed.href
}

const textOfValue = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Whatever comes of it, the step goes on; only being cancelled ends it. */
async function fire(request: Request, context: ToolContext): Promise<JsonObject> {
  const nothing = { status: 0, headers: {}, body: null, truncated: false }
  if (context.endpoint?.restsUntilMs != null) return nothing
  try {
    const { status } = await callHttp({ ...request, maxResponseBytes: 0 }, context)
    return { ...nothing, status }
  } catch (error) {
    if (context.signal.aborted || !(error instanceof ToolError)) throw error
    context.log('A call that nobody waits for failed', { code: error.code })
    return nothing
  }
}

function refuseWhileResting({ endpoint }: ToolContext): void {
  if (endpoint?.restsUntilMs == null) return
  const until = new Date(endpoint.restsUntilMs).toISOString()
  const message = `${endpoint.name} failed too often in the last minute and is left alone until ${until}.`
  throw new ToolError('aborted', message, { retryable: true })
}

function outputOf(answer: OutboundResponse, response: Record<string, string> | null): JsonObject {
  const { status } = answer
  // What a server wants remembered is not for the record of a run.
  const { 'set-cookie': _, ...headers } = answer.headers
  const text = textOf(answer)
  const json = response !== null || isJson(headers) ? jsonOf(answer) : undefined
  const value = response === null ? json : mapped(json, response)
  const whole = value === undefined ? text : value
  const length = typeof whole === 'string' ? whole.length : JSON.stringify(whole).length
  if (length <= KEPT_CHARACTERS) return { status, headers, body: whole, truncated: answer.isCut }
  const long = typeof whole === 'string' ? whole : response === null ? text : JSON.stringify(whole)
  return { status, headers, body: cut(long, KEPT_CHARACTERS), truncated: true }
}

const isJson = (headers: Record<string, string>): boolean => /\bjson\b/i.test(headers['content-type'] ?? '')

/** What a mapping does not find is null, so that each name is always there. */
const mapped = (json: Json | undefined, response: Record<string, string>): JsonObject =>
  Object.fromEntries(
    Object.entries(response).map(([name, path]) => [name, json === undefined ? null : (readPath(json, path) ?? null)]),
  )
