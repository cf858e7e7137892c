import type { OpenAIProvider } from '@ai-sdk/openai'
import { KINDS } from '../../connections/connection.ts'
import type { ModelCredential, ModelProvider } from '../model.ts'

// By way of one of the libraries: each has a copy of the types of its own.
export type LanguageModel = ReturnType<OpenAIProvider['chat']>
export type CallOptions = Parameters<LanguageModel['doStream']>[0]
type Stream = Awaited<ReturnType<LanguageModel['doStream']>>['stream']
export type StreamPart = Stream extends ReadableStream<infer Part> ? Part : never

export interface Language {
  model: LanguageModel
  options: NonNullable<CallOptions['providerOptions']>
  /** The provider holds itself to a schema; others are told about it in words. */
  knowsSchemas: boolean
}

/** How a provider is spoken to. Nothing in here tries again: one call is one request. */
export async function languageOf(
  provider: Exclude<ModelProvider, 'mock'>,
  model: string,
  { baseUrl: baseURL, secret: apiKey }: ModelCredential,
  fetch: typeof globalThis.fetch,
): Promise<Language> {
  switch (provider) {
    case 'openai': {
      const { createOpenAI } = await import('@ai-sdk/openai')
      const openai = createOpenAI({ apiKey, baseURL, fetch })
      // What stands in front of OpenAI often knows only the older of its two ways.
      const isTheirs = baseURL === KINDS.openai.baseUrl
      const options = { openai: { store: false, strictJsonSchema: false } }
      return { model: isTheirs ? openai.responses(model) : openai.chat(model), options, knowsSchemas: true }
    }
    case 'anthropic': {
      const { createAnthropic } = await import('@ai-sdk/anthropic')
      const options = { anthropic: { structuredOutputMode: 'jsonTool' } }
      return { model: createAnthropic({ apiKey, baseURL, fetch })(model), options, knowsSchemas: true }
    }
    case 'google': {
      const { createGoogle } = await import('@ai-sdk/google')
      return { model: createGoogle({ apiKey, baseURL, fetch })(model), options: {}, knowsSchemas: true }
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
      return { model: compatible.chatModel(model), options: {}, knowsSchemas: false }
    }
  }
}
