import { endModelCall } from '#db/model-calls.ts'
import type { Core } from '../core.ts'
import { tellModel } from '../runs/telling.ts'
import { abortError } from '../tools/abort.ts'
import { ToolError, type ToolErrorCode } from '../tools/tool.ts'
import { costOfUsage } from './cost.ts'
import {
  type ModelAnswer,
  type ModelCredential,
  ModelError,
  type ModelErrorCode,
  type ModelRates,
  type ModelRequest,
  type ModelUsage,
} from './model.ts'
import { estimateTokens } from './tokens.ts'
import { noteCall } from './under-way.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'models'>

/** One call: its row is begun before, and ended here whatever becomes of it. */
export class ModelCall {
  readonly id: string
  costMicros = 0n
  readonly #core: Needs
  readonly #facts: { runId: string; seq: number; rates: ModelRates; inputTokens: number }
  readonly #startedAtMs: number
  #received = ''

  constructor(
    core: Needs,
    { id, ...facts }: { id: string; runId: string; seq: number; rates: ModelRates; inputTokens: number },
  ) {
    this.#core = core
    this.id = id
    this.#facts = facts
    this.#startedAtMs = core.clock.nowMs()
  }

  async make(request: ModelRequest, credential: ModelCredential | null): Promise<ModelAnswer> {
    const { runId, seq } = this.#facts
    const forget = noteCall({ id: this.id, runId, seq, soFar: () => this.#soFar() })
    try {
      const answer = await this.#asked(request, credential)
      await this.#end(request, 'ended', null, answer.usage)
      return answer
    } catch (thrown) {
      const error = thrown instanceof ModelError ? thrown : unexpected(thrown)
      const isAborted = error.code === 'aborted'
      await this.#end(
        request,
        isAborted ? 'aborted' : 'failed',
        error.code,
        isAborted ? (error.usage ?? this.#soFar().usage) : error.usage,
      )
      throw toToolError(error, request.signal)
    } finally {
      forget()
    }
  }

  /** Whoever is asked may be slow to notice that nobody listens any more: then what came so far is all there is. */
  #asked(request: ModelRequest, credential: ModelCredential | null): Promise<ModelAnswer> {
    const { signal } = request
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(new ModelError('aborted', 'It was stopped.', { usage: this.#soFar().usage }))
      if (signal.aborted) {
        reject(new ModelError('aborted', 'It was stopped.', { usage: NOTHING }))
        return
      }
      signal.addEventListener('abort', stop, { once: true })
      const hearing =
        (tell: ((piece: string) => void) | undefined) =>
        (piece: string): void => {
          if (signal.aborted) return
          this.#received += piece
          tell?.(piece)
        }
      const heard = { onText: hearing(request.onText), onUnseen: hearing(request.onUnseen) }
      this.#core.models
        .ask({ ...request, ...heard }, credential)
        .then(resolve, reject)
        .finally(() => signal.removeEventListener('abort', stop))
    })
  }

  #soFar(): { usage: ModelUsage; costMicros: bigint } {
    const { inputTokens, rates } = this.#facts
    const outputTokens = estimateTokens(this.#received)
    const usage = { inputTokens, outputTokens, cachedInputTokens: 0, isEstimated: true }
    return { usage, costMicros: costOfUsage(rates, usage) }
  }

  async #end(
    { choice: { provider, model } }: ModelRequest,
    status: 'ended' | 'failed' | 'aborted',
    errorCode: string | null,
    usage: ModelUsage = NOTHING,
  ): Promise<void> {
    const { inputTokens, outputTokens, cachedInputTokens, isEstimated } = usage
    this.costMicros = costOfUsage(this.#facts.rates, usage)
    const row = {
      id: this.id,
      status,
      errorCode,
      inputTokens,
      outputTokens,
      cachedInputTokens,
      isEstimated: isEstimated ? 1 : 0,
      costMicros: this.costMicros,
      nowMs: this.#core.clock.nowMs(),
    }
    await this.#core.db.write((tx) => endModelCall.run(tx, row))
    tellModel({
      provider,
      model,
      outcome: errorCode ?? status,
      inputTokens,
      cachedInputTokens,
      outputTokens,
      costMicros: this.costMicros,
      startedAtMs: this.#startedAtMs,
      endedAtMs: row.nowMs,
    })
  }
}

const NOTHING: ModelUsage = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, isEstimated: false }

function unexpected(thrown: unknown): ModelError {
  return new ModelError('bad_response', 'The model could not be asked for a reason of ours.', { cause: thrown })
}

const CODES: Record<Exclude<ModelErrorCode, 'aborted'>, ToolErrorCode> = {
  auth_failed: 'auth_failed',
  rate_limited: 'rate_limited',
  quota_exhausted: 'quota_exhausted',
  model_not_found: 'model_not_found',
  too_long: 'bad_input',
  refused: 'refused',
  bad_response: 'bad_output',
  timeout: 'timeout',
  network: 'network',
  provider_5xx: 'provider_error',
}

/** The same for the step; what it cost is charged from the record of the call. */
function toToolError(error: ModelError, signal: AbortSignal): ToolError {
  const told =
    error.code === 'aborted'
      ? abortError(signal)
      : new ToolError(CODES[error.code], error.message, {
          retryable: error.retryable,
          ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
        })
  told.cause = error
  return told
}
