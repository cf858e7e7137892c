import type { Json, JsonObject } from '#core/json.ts'
import type { JsonSchema } from '#core/schema.ts'
import type { AgentAtWork } from '../agents/run/at-work.ts'
import type { Pause } from '../agents/run/pause.ts'
import type { EndpointDefinition } from '../endpoints/endpoint.ts'
import type { StepModels } from '../models/step-models.ts'
import type { Outbound } from '../outbound/outbound.ts'
import type { Outcome } from '../providers/outcome.ts'
import type { ProviderDefinition } from '../providers/provider.ts'
import type { SendOrder } from '../sending/order.ts'

export type PriceUnit = 'run' | 'second' | 'token' | 'request' | 'kilobyte'

export interface RetryPolicy {
  /** 1 means no retry. */
  maxAttempts: number
  /** Base of the exponential: attempt n waits a random time up to min(capMs, backoffMs × 2ⁿ⁻¹). */
  backoffMs: number
  capMs: number
}

/** §7.4: exponential with full jitter, 1 s, ×2, at most 60 s, 3 attempts. */
export const DEFAULT_RETRY: RetryPolicy = { maxAttempts: 3, backoffMs: 1_000, capMs: 60_000 }

export type SideEffect = 'none' | 'read' | 'write' | 'spend'

export interface ToolInfo {
  /** `docs.format`: lower case words joined by dots. */
  toolId: string
  /** semver */
  version: string
  displayName: string
  description: string
  category: string
  /** An object schema of the supported subset of JSON Schema 2020-12; see core/schema.ts. */
  inputSchema: JsonSchema
  outputSchema: JsonSchema
  /** What the shipped price row says; the row in force in the database wins. */
  price: { unit: PriceUnit; rateMicros: bigint; maxMicros: bigint }
  delivery: 'immediate' | 'callback'
  timeoutMs: number
  retry: RetryPolicy
  sideEffect: SideEffect
  visibility: 'public' | 'team' | 'internal'
  platformHints: {
    /** The input that free text, a reply or an attachment fills. */
    primaryInput?: string
    /** Media types of attachments it takes, `text/*` allowed. */
    accepts?: string[]
  }
}

export interface ToolContext {
  /** Aborted on cancel, on the step's timeout and when the process stops. */
  signal: AbortSignal
  /** The same for every try of one attempt group: `run:step:group`. Handed on to providers. */
  idempotencyKey: string
  /** Attempt number, from 1. */
  attempt: number
  nowMs: number
  log(message: string, facts?: Record<string, Json>): void
  /** What it writes, piece by piece as it comes: shown where the run was asked for, and kept nowhere. */
  onText?: (piece: string) => void
  /** The only way out; for the tools that call somebody it signs in the name of the run's context. */
  outbound: Pick<Outbound, 'request'>
  /** The stored endpoint that the input names, as it is now. */
  endpoint?: EndpointDefinition & { restsUntilMs: number | null }
  /** The provider that the input names, and where it may call back to. The wait for it is stored already. */
  job?: { provider: ProviderDefinition; callbackUrl: string; hasArrived: boolean }
  /** The model that was chosen for the step; only for tools that ask one. */
  models?: StepModels
  /** Whom the input names, as they are called; only where they may be written to from the run's context. */
  addressee?: string
  /** What from outside may stand in the input, in words; only for what keeps it. */
  outside?: readonly string[]
  /** The agent that the input names, with everything it did in this step so far. */
  agent?: AgentAtWork
}

export type ToolErrorCode =
  | 'bad_input'
  | 'bad_output'
  | 'limit_exceeded'
  | 'timeout'
  | 'network'
  | 'provider_error'
  | 'refused'
  | 'cancelled'
  | 'http_4xx'
  | 'http_5xx'
  | 'aborted'
  | 'unknown'
  | 'internal'
  | 'auth_failed'
  | 'rate_limited'
  | 'quota_exhausted'
  | 'model_not_found'

/** Why a tool failed, in a sentence for the person. Only errors marked retryable are tried again. */
export class ToolError extends Error {
  readonly code: ToolErrorCode
  readonly retryable: boolean
  /** What was used up all the same; as a rule a failed try costs nothing. */
  readonly costMicros: bigint
  /** How long whoever was called asked to be left alone: the next try comes no sooner. */
  readonly retryAfterMs: number | undefined

  constructor(
    code: ToolErrorCode,
    message: string,
    options: { retryable?: boolean; costMicros?: bigint; retryAfterMs?: number } = {},
  ) {
    super(message)
    this.name = 'ToolError'
    this.code = code
    this.retryable = options.retryable ?? false
    this.costMicros = options.costMicros ?? 0n
    this.retryAfterMs = options.retryAfterMs
  }
}

export type ToolResult =
  | {
      output: JsonObject
      /** Units used (kilobytes, tokens, …); 1 when left out. The price turns them into money. */
      units?: bigint
      /** What it cost, where that is no matter of units: of models, by their own prices. Then `units` says nothing. */
      costMicros?: bigint
      /** To be said to somebody. It goes out in the transaction in which the step succeeds: once, however often it was tried. */
      send?: SendOrder
    }
  /** Nothing to do until then: the step waits in the database and holds no worker. Its output when the time has come. */
  | { waitUntilMs: number; output: JsonObject }
  /** It cannot go on before somebody has answered: the step waits for that in the database, and is executed again then. */
  | { pause: Pause; output: JsonObject }
  /** Somebody works on it and will call back: the step waits for that, until the deadline, and has no output before. */
  | { submitted: Submitted; output: JsonObject }

/** What is known of a job that a provider has taken. */
export interface Submitted {
  providerRunId: string | null
  deadlineMs: number
  /** Its first answer said already how it ended. */
  outcome?: Outcome
}

export interface Tool extends ToolInfo {
  /**
   * Does the work. The input has been validated and completed with defaults; the output is validated afterwards.
   * Never touches the database. May be called again with the same idempotency key after a crash.
   */
  execute(input: JsonObject, context: ToolContext): Promise<ToolResult>
}

type ToolDefinition = Omit<Tool, 'delivery' | 'timeoutMs' | 'retry' | 'visibility' | 'platformHints'> &
  Partial<Pick<Tool, 'delivery' | 'timeoutMs' | 'retry' | 'visibility' | 'platformHints'>>

/** A tool with the usual answers filled in: immediate, 30 s, three attempts, public. */
export function defineTool(definition: ToolDefinition): Tool {
  return {
    delivery: 'immediate',
    timeoutMs: 30_000,
    retry: DEFAULT_RETRY,
    visibility: 'public',
    platformHints: {},
    ...definition,
  }
}
