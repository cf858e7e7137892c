import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import type { JsonSchema } from '../schema.ts'
import { type ModelAnswer, ModelError, type ModelRequest, type ModelToolCall } from './model.ts'
import { estimateTokens } from './tokens.ts'

/** Begins every text of the mock, so that nobody takes it for the word of a model. */
export const MOCK_MARK = '[mock]'

const ECHO_CHARACTERS = 160
/** A line `mock: call http_request {"url": "…"}` in what a person wrote makes the mock call that tool. */
const DIRECTIVE = /^mock: call ([\w.-]+)(?: (\{.*\}))?$/gm

/**
 * A model that is not there: the same request gets the same answer, without a key and without a network. It echoes what it
 * was asked, fills a schema with the plainest values that fit, and calls tools where a line of the request says so.
 */
export function askMock(request: ModelRequest): ModelAnswer {
  const { messages, schema, signal } = request
  if (signal.aborted) throw new ModelError('aborted', 'It was stopped.')
  const next = nextCall(request)
  const value = schema && !next ? fitting(schema) : undefined
  const text = next ? '' : value === undefined ? echo(request) : JSON.stringify(value)
  for (const piece of text.match(/\S+\s*/g) ?? []) request.onText?.(piece)
  return {
    text,
    ...(value === undefined ? {} : { value }),
    toolCalls: next ? [next] : [],
    usage: {
      inputTokens: estimateTokens(request.system) + estimateTokens(JSON.stringify(messages)),
      outputTokens: estimateTokens(text) + (next ? estimateTokens(JSON.stringify(next.input)) : 0),
      cachedInputTokens: 0,
      isEstimated: false,
    },
    finish: next ? 'tool_calls' : 'stop',
    isMock: true,
  }
}

/** The first call asked for that was not made yet. */
function nextCall({ messages, tools = [] }: ModelRequest): ModelToolCall | undefined {
  const asked = messages.flatMap((message) => (message.role === 'user' ? [...message.text.matchAll(DIRECTIVE)] : []))
  const made = messages.reduce((sum, message) => sum + (message.role === 'assistant' ? message.toolCalls.length : 0), 0)
  const [, named = '', json = '{}'] = asked[made] ?? []
  const tool = tools.find(({ name }) => name === named || name === named.replaceAll('.', '_'))
  return tool && { id: `mock-${made + 1}`, name: tool.name, input: objectIn(json) }
}

function objectIn(json: string): JsonObject {
  try {
    const value: Json = JSON.parse(json)
    return isJsonObject(value) ? value : {}
  } catch {
    return {}
  }
}

function echo({ messages }: ModelRequest): string {
  const last = messages.findLast(({ role }) => role === 'user')
  const asked = last?.role === 'user' ? last.text.replaceAll(/\s+/g, ' ').trim() : ''
  const shown = asked.length > ECHO_CHARACTERS ? `${asked.slice(0, ECHO_CHARACTERS)}…` : asked
  return `${MOCK_MARK} No model is connected. Asked for: ${shown}`
}

/** The plainest value that a schema takes. */
function fitting(schema: JsonSchema): Json {
  const { type, properties = {}, required = [], items } = schema
  if (schema.default !== undefined) return schema.default
  if (schema.const !== undefined) return schema.const
  if (schema.enum?.[0] !== undefined) return schema.enum[0]
  if (type === 'string') return MOCK_MARK.padEnd(schema.minLength ?? 0, '.').slice(0, schema.maxLength)
  if (type === 'integer' || type === 'number') return Math.max(schema.minimum ?? 0, 0)
  if (type === 'boolean') return false
  if (type === 'array') return Array.from({ length: schema.minItems ?? 0 }, () => fitting(items ?? {}))
  if (type === 'null') return null
  return Object.fromEntries(required.map((name) => [name, fitting(properties[name] ?? {})]))
}
