import type { Problem } from '../../errors.ts'
import { isJsonObject, isShallow, type Json, type JsonObject } from '../../json.ts'
import type { ModelAnswer, ModelMessage } from '../../models/model.ts'
import type { JsonSchema } from '../../schema.ts'
import { applyDefaults, checkSchema, checkValue } from '../../schema-check.ts'
import {
  MODEL_PRICE,
  MODEL_RETRY,
  MODEL_TIMEOUT_MS,
  modelInputs,
  modelOutputs,
  modelsOf,
  outputOf,
} from '../model-tool.ts'
import { defineTool, type ToolContext, ToolError } from '../tool.ts'

const INSTRUCTIONS =
  'Answer with one JSON value that fits the given schema and with nothing else. Leave out what is not required and not known; make nothing up.'
const DEPTH_MAX = 64
const PROBLEMS_TOLD_MAX = 10

export const llmExtract = defineTool({
  toolId: 'llm.extract',
  version: '1.0.0',
  displayName: 'Read with a model',
  description: 'Asks a language model for data of a given shape, and checks that it has that shape.',
  category: 'models',
  inputSchema: {
    type: 'object',
    required: ['prompt', 'schema'],
    properties: {
      ...modelInputs,
      schema: {
        type: 'object',
        additionalProperties: true,
        title: 'Schema',
        description: 'The shape of the answer, as the JSON Schema that jobs have',
      },
    },
  },
  outputSchema: {
    type: 'object',
    required: ['value', 'usage', 'mock'],
    properties: { value: { description: 'Fits the schema' }, ...modelOutputs },
  },
  price: MODEL_PRICE,
  timeoutMs: MODEL_TIMEOUT_MS,
  retry: MODEL_RETRY,
  sideEffect: 'none',
  platformHints: { primaryInput: 'prompt', accepts: ['text/*', 'application/json'] },
  async execute(input, context) {
    const schema = schemaIn(input)
    const models = modelsOf(context)
    const messages: ModelMessage[] = [{ role: 'user', text: String(input.prompt) }]
    const first = await ask(input, schema, messages, context)
    const value = fitted(schema, first)
    if (!('problems' in value)) return { output: { ...value, ...outputOf([first], models) }, costMicros: 0n }
    messages.push(
      { role: 'assistant', text: first.text, toolCalls: [] },
      { role: 'user', text: repair(value.problems) },
    )
    const second = await ask(input, schema, messages, context)
    const again = fitted(schema, second)
    if (!('problems' in again)) return { output: { ...again, ...outputOf([first, second], models) }, costMicros: 0n }
    throw new ToolError('bad_output', `The model gave no answer of the asked shape: ${listed(again.problems)}.`)
  },
})

function schemaIn({ schema }: JsonObject): JsonSchema {
  const problems = checkSchema(schema, 'schema')
  if (problems.length > 0) throw new ToolError('bad_input', `The schema cannot be used: ${listed(problems)}.`)
  return schema as JsonSchema
}

async function ask(
  { system, maxTokens }: JsonObject,
  schema: JsonSchema,
  messages: readonly ModelMessage[],
  context: ToolContext,
): Promise<ModelAnswer> {
  const { answer } = await modelsOf(context).ask({
    system: typeof system === 'string' && system !== '' ? `${system}\n\n${INSTRUCTIONS}` : INSTRUCTIONS,
    messages: [...messages],
    schema,
    signal: context.signal,
    ...(typeof maxTokens === 'number' ? { maxTokens } : {}),
  })
  if (answer.finish === 'refused') throw new ToolError('refused', 'The model refused to answer this.')
  return answer
}

function fitted(schema: JsonSchema, { value, finish }: ModelAnswer): { value: Json } | { problems: Problem[] } {
  if (value === undefined) {
    const cut = finish === 'length' ? 'was cut off, because it became too long' : 'is not JSON'
    return { problems: [{ path: '', message: `the answer ${cut}` }] }
  }
  if (!isShallow(value, DEPTH_MAX)) return { problems: [{ path: '', message: 'is nested too deep' }] }
  const complete = isJsonObject(value) || Array.isArray(value) ? applyDefaults(schema, value) : value
  const problems = checkValue(schema, complete)
  return problems.length > 0 ? { problems } : { value: complete }
}

const repair = (problems: readonly Problem[]): string =>
  `That does not fit the schema: ${listed(problems)}. Answer again with the whole JSON value and nothing else.`

/** Values may be quoted in it, cut short by whoever made the sentence. */
function listed(problems: readonly Problem[]): string {
  const told = problems
    .slice(0, PROBLEMS_TOLD_MAX)
    .map(({ path, message }) => (path === '' ? message : `${path} ${message}`))
  const rest = problems.length - told.length
  return (told.join('; ') + (rest > 0 ? `; and ${rest} more` : '')).slice(0, 2_000)
}
