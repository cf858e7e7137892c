import type { JsonObject } from '../json.ts'
import type { ModelAnswer } from '../models/model.ts'
import type { StepModels } from '../models/step-models.ts'
import type { JsonSchema } from '../schema.ts'
import { type RetryPolicy, type ToolContext, ToolError, type ToolInfo } from './tool.ts'

// What tools have in common that ask a model once.

/** Nothing of their own: each call costs what its model costs, charged from its record. */
export const MODEL_PRICE: ToolInfo['price'] = { unit: 'token', rateMicros: 0n, maxMicros: 0n }
export const MODEL_TIMEOUT_MS = 300_000
export const MODEL_RETRY: RetryPolicy = { maxAttempts: 3, backoffMs: 2_000, capMs: 60_000 }

export const modelInputs: Record<string, JsonSchema> = {
  prompt: { type: 'string', format: 'textarea', title: 'Prompt', minLength: 1, description: 'What is asked' },
  system: {
    type: 'string',
    format: 'textarea',
    title: 'Instructions',
    description: 'How it is to be answered; stands above the prompt',
  },
  maxTokens: {
    type: 'integer',
    minimum: 1,
    maximum: 128_000,
    title: 'Longest answer',
    description: 'In tokens; never more than policy allows',
  },
  model: {
    type: 'string',
    maxLength: 200,
    title: 'Model',
    description: 'Where another than the usual one is wanted; policy may refuse it',
  },
}

export const modelOutputs: Record<string, JsonSchema> = {
  usage: {
    type: 'object',
    required: ['inputTokens', 'outputTokens', 'cachedInputTokens', 'estimated'],
    properties: {
      provider: { type: 'string' },
      model: { type: 'string' },
      inputTokens: { type: 'integer' },
      outputTokens: { type: 'integer' },
      cachedInputTokens: { type: 'integer' },
      estimated: { type: 'boolean', description: 'The provider did not say: counted by Muster' },
    },
  },
  mock: { type: 'boolean', description: 'No model was asked: the mock made it up' },
}

export function modelsOf({ models }: ToolContext): StepModels {
  if (!models) throw new ToolError('refused', 'No model was chosen for this call.')
  return models
}

/** What was used for an answer, with those before it that were not good enough. */
export function outputOf(answers: readonly ModelAnswer[], { choice }: Pick<StepModels, 'choice'>): JsonObject {
  const sum = (count: (answer: ModelAnswer) => number): number => answers.reduce((all, one) => all + count(one), 0)
  return {
    usage: {
      provider: choice.provider,
      model: choice.model,
      inputTokens: sum(({ usage }) => usage.inputTokens),
      outputTokens: sum(({ usage }) => usage.outputTokens),
      cachedInputTokens: sum(({ usage }) => usage.cachedInputTokens),
      estimated: answers.some(({ usage }) => usage.isEstimated),
    },
    mock: answers.some(({ isMock }) => isMock),
  }
}
