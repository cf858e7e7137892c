import jsonata, { type JsonataError } from 'jsonata'
import type { Json, JsonObject } from '#core/json.ts'
import { ToolError } from '../../tool.ts'

/** Below the sandbox's own limits, so that ordinary mistakes get the better sentence and spare the process. */
const LIMITS = { timeout: 8_000, stack: 500, sequence: 100_000 }

/** A transform gives the same value each time it is tried, so what differs from call to call is not there. */
const REMOVED = ['now', 'millis', 'random', 'shuffle']

/** `{data, expression}` → `{value}`; no result is null. */
export async function run({ data, expression }: JsonObject): Promise<JsonObject> {
  const compiled = compile(String(expression))
  for (const name of REMOVED) compiled.registerFunction(name, () => refuse(name))
  let value: unknown
  try {
    value = await compiled.evaluate(data)
  } catch (thrown) {
    throw explain(thrown)
  }
  return { value: toJson(value) }
}

function compile(expression: string): jsonata.Expression {
  try {
    return jsonata(expression, LIMITS)
  } catch (thrown) {
    if (!isJsonataError(thrown)) throw thrown
    throw new ToolError('bad_input', `The expression is not valid JSONata: ${sentence(thrown)}`)
  }
}

function refuse(name: string): never {
  throw new ToolError(
    'bad_input',
    `The function $${name} does not exist here: pass times and random values in with the data.`,
  )
}

/** Stack, time and sequence limits of JSONata: D1011, D1012, D2014, D2015. */
const LIMIT_CODES = new Set(['D1011', 'D1012', 'D2014', 'D2015'])

function explain(thrown: unknown): unknown {
  const inner = (thrown as { error?: unknown }).error
  if (inner instanceof ToolError) return inner
  if (!isJsonataError(thrown)) return thrown
  const isLimit = LIMIT_CODES.has(thrown.code) || (isJsonataError(inner) && LIMIT_CODES.has(inner.code))
  return isLimit
    ? new ToolError('limit_exceeded', `The expression was stopped: ${sentence(thrown)}`)
    : new ToolError('bad_input', `The expression failed: ${sentence(thrown)}`)
}

const isJsonataError = (thrown: unknown): thrown is JsonataError =>
  typeof thrown === 'object' &&
  thrown !== null &&
  typeof (thrown as Partial<JsonataError>).code === 'string' &&
  !(thrown instanceof ToolError)

function sentence({ message, position }: JsonataError): string {
  const reason = String(message).replace(/\s+/g, ' ').replace(/\.$/, '')
  return position === undefined ? `${reason}.` : `${reason} (at character ${position}).`
}

/** The result as plain data. JSONata's functions are objects full of its own inside. */
function toJson(value: unknown): Json {
  const text = JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'function' || isFunctionObject(part)) {
      throw new ToolError('bad_input', 'The expression gives a function, not data: call it or leave it out.')
    }
    return part
  })
  return text === undefined ? null : (JSON.parse(text) as Json)
}

const isFunctionObject = (part: unknown): boolean =>
  typeof part === 'object' && part !== null && ('_jsonata_function' in part || '_jsonata_lambda' in part)
