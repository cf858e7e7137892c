import type { OpenAIProvider } from '@ai-sdk/openai'
import { KINDS } from '../../connections/connection.ts'
import type { ModelChoice, ModelCredential, ModelProvider } from '../model.ts'
import { budgetOf } from './thinking.ts'

// By way of one of the libraries: each has a copy of the types of its own.
export type LanguageModel = ReturnType<OpenAIProvider['chat']>
export type CallOptions = Parameters<LanguageModel['doStream']>[0]
type Stream = Awaited<ReturnType<LanguageModel['doStream']>>['stream']
export type StreamPart = Stream extends ReadableStream<infer Part> ? Part : never

export interface Language {
  model: LanguageModel
  options: NonNullable<CallOptions['providerOptions']>
  /** How long the answer may be and how hard is thought about it: never more than was chosen, thoughts included. */
  limits: Pick<CallOptions, 'maxOutputTokens' | 'reasoning'>
  /** The provider holds itself to a schema; others are told about it in words. */
  knowsSchemas: boolean
}

/** How a provider is spoken to. Nothing in here tries again: one call is one request. */
export async function languageOf(
  provider: Exclude<ModelProvider, 'mock'>,
  { model, effort, maxTokens }: Pick<ModelChoice, 'model' | 'effort' | 'maxTokens'>,
  { baseUrl: baseURL, secret: apiKey }: ModelCredential,
  fetch: typeof globalThis.fetch,
): Promise<Language> {
  const limits = { maxOutputTokens: maxTokens, ...(effort === null ? {} : { reasoning: effort }) }
  switch (provider) {
    case 'openai': {
      const { createOpenAI } = await import('@ai-sdk/openai')
      const openai = createOpenAI({ apiKey, baseURL, fetch })
      // What stands in front of OpenAI often knows only the older of its two ways.
      const isTheirs = baseURL === KINDS.openai.baseUrl
      const options = { openai: { store: false, strictJsonSchema: false } }
      return { model: isTheirs ? openai.responses(model) : openai.chat(model), options, limits, knowsSchemas: true }
    }
    case 'anthropic': {
      const { createAnthropic } = await import('@ai-sdk/anthropic')
      const anthropic = { structuredOutputMode: 'jsonTool' }
      const language = { model: createAnthropic({ apiKey, baseURL, fetch })(model), knowsSchemas: true }
      const plain = { ...language, options: { anthropic } }
      if (effort === null) return { ...plain, limits }
      const { getModelCapabilities } = await import('@ai-sdk/anthropic/internal')
      const { supportsAdaptiveThinking, isKnownModel, maxOutputTokens } = getModelCapabilities(model)
      if (supportsAdaptiveThinking) return { ...plain, limits }
      // Left to itself the library takes thoughts from the model's own maximum, and adds them to the length of the answer.
      const budgetTokens = budgetOf(effort, isKnownModel ? Math.min(maxTokens, maxOutputTokens) : maxTokens)
      if (budgetTokens === 0) return { ...plain, limits: { maxOutputTokens: maxTokens } }
      const options = { anthropic: { ...anthropic, thinking: { type: 'enabled', budgetTokens } } }
      return { ...language, options, limits: { maxOutputTokens: maxTokens - budgetTokens } }
    }
    case 'google': {
      const { createGoogle } = await import('@ai-sdk/google')
      return { model: createGoogle({ apiKey, baseURL, fetch })(model), options: {}, limits, knowsSchemas: true }
    }
    case 'openai_compatible': {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible')
      const compatible = createOpenAICompatible({
        name: 'compatible',
        apiKey,
        baseURL,
        fetch,
        includeUsage: true,
      })
      return { model: compatible.chatModel(model), options: {}, limits, knowsSchemas: false }
    }
  }
}
