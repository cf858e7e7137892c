import type { Json, JsonObject } from '../json.ts'
import type { JsonSchema } from '../schema.ts'

export const MODEL_PROVIDERS = ['openai', 'anthropic', 'google', 'openai_compatible', 'mock'] as const
export type ModelProvider = (typeof MODEL_PROVIDERS)[number]

export const EFFORTS = ['low', 'medium', 'high'] as const
export type Effort = (typeof EFFORTS)[number]

/** What a million tokens cost, in micro-dollars. */
export interface ModelRates {
  inputMicros: bigint
  outputMicros: bigint
  /** Of input that the provider had kept from an earlier call. */
  cachedInputMicros: bigint
}

/** Which model is asked, with whose credential, and how long its answer may be. Decided by policy; pinned with a run. */
export interface ModelChoice {
  provider: ModelProvider
  model: string
  /** Id of the connection whose secret is shown; null for the mock, which needs none. */
  connection: string | null
  effort: Effort | null
  /** Of one answer. */
  maxTokens: number
  rates: ModelRates
}

/** A tool as a model sees it. */
export interface ModelTool {
  /** `[A-Za-z0-9_-]{1,64}`: providers take no dots. */
  name: string
  description: string
  inputSchema: JsonSchema
}

export interface ModelToolCall {
  /** The provider's own; unique within a conversation. */
  id: string
  name: string
  /** As the model wrote it; not checked against the tool's schema. */
  input: JsonObject
}

export type ModelMessage =
  | { role: 'user'; text: string }
  /** `providerState` is what the provider wants to see again unchanged (signed reasoning); opaque to everybody else. */
  | { role: 'assistant'; text: string; toolCalls: ModelToolCall[]; providerState?: Json }
  | { role: 'tool'; callId: string; name: string; output: Json; isError: boolean }

export interface ModelRequest {
  choice: ModelChoice
  /** Instructions above all messages. */
  system: string
  messages: readonly ModelMessage[]
  tools?: readonly ModelTool[]
  /** The answer's `value` is to fit it; whether it does is checked by whoever asked. */
  schema?: JsonSchema
  signal: AbortSignal
  /** The same for each try of one call; handed on to providers that know such a thing. */
  idempotencyKey: string
  /** Text as it comes, piece by piece. Never called after the promise is settled. */
  onText?(piece: string): void
  /** What else is written as it comes, thoughts and the arguments of tools: nobody is shown it, and all of it costs. */
  onUnseen?(piece: string): void
}

export interface ModelUsage {
  inputTokens: number
  outputTokens: number
  /** Part of `inputTokens`. */
  cachedInputTokens: number
  /** The provider did not say: counted by us from what was sent and received. */
  isEstimated: boolean
}

export interface ModelAnswer {
  text: string
  /** Only when a schema was given and the text is JSON. */
  value?: Json
  toolCalls: ModelToolCall[]
  usage: ModelUsage
  finish: 'stop' | 'length' | 'tool_calls' | 'refused' | 'other'
  /** Made up by the mock. Everything that shows it says so. */
  isMock: boolean
  providerState?: Json
}

export type ModelErrorCode =
  | 'auth_failed'
  | 'rate_limited'
  | 'quota_exhausted'
  | 'model_not_found'
  | 'too_long'
  | 'refused'
  | 'bad_response'
  | 'timeout'
  | 'network'
  | 'provider_5xx'
  | 'aborted'

/** Why there is no answer, in a sentence that may be shown; and what was used all the same. */
export class ModelError extends Error {
  readonly code: ModelErrorCode
  /** Undefined when nothing can have been used: the provider refused before it began. */
  readonly usage: ModelUsage | undefined
  readonly retryable: boolean
  /** How long the provider asked to be left alone. */
  readonly retryAfterMs: number | undefined

  constructor(
    code: ModelErrorCode,
    message: string,
    options: { usage?: ModelUsage; retryable?: boolean; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'ModelError'
    this.code = code
    this.usage = options.usage
    this.retryable = options.retryable ?? false
    this.retryAfterMs = options.retryAfterMs
  }
}

/** What a provider's credential is, as far as a call needs it. */
export interface ModelCredential {
  baseUrl: string
  secret: string
}

/** The way to the models. One call is one answer: nothing is tried again in here. */
export interface Models {
  /** Rejects with a ModelError and nothing else. */
  ask(request: ModelRequest, credential: ModelCredential | null): Promise<ModelAnswer>
}
