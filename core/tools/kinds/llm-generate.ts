import type { JsonSchema } from '../../schema.ts'
import {
  MODEL_PRICE,
  MODEL_RETRY,
  MODEL_TIMEOUT_MS,
  modelInputs,
  modelOutputs,
  modelsOf,
  outputOf,
} from '../model-tool.ts'
import { defineTool, ToolError } from '../tool.ts'

const text: JsonSchema = {
  type: 'string',
  description: 'What the model answered; begins with [mock] when none is connected',
}

export const llmGenerate = defineTool({
  toolId: 'llm.generate',
  version: '1.0.0',
  displayName: 'Write with a model',
  description: 'Asks a language model and gives its answer as text.',
  category: 'models',
  inputSchema: { type: 'object', required: ['prompt'], properties: modelInputs },
  outputSchema: { type: 'object', required: ['text', 'usage', 'mock'], properties: { text, ...modelOutputs } },
  price: MODEL_PRICE,
  timeoutMs: MODEL_TIMEOUT_MS,
  retry: MODEL_RETRY,
  sideEffect: 'none',
  platformHints: { primaryInput: 'prompt', accepts: ['text/*', 'application/json'] },
  async execute({ prompt, system, maxTokens }, context) {
    const models = modelsOf(context)
    const { answer } = await models.ask({
      system: typeof system === 'string' ? system : '',
      messages: [{ role: 'user', text: String(prompt) }],
      signal: context.signal,
      ...(typeof maxTokens === 'number' ? { maxTokens } : {}),
      ...(context.onText ? { onText: context.onText } : {}),
    })
    if (answer.finish === 'refused') throw new ToolError('refused', 'The model refused to answer this.')
    return { output: { text: answer.text, ...outputOf([answer], models) }, costMicros: 0n }
  },
})
