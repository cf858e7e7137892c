import { priceKey } from '../jobs/price-key.ts'
import type { JsonObject } from '../json.ts'
import { isModelTool } from '../models/model-tools.ts'
import { costOf, type Price } from '../tools/price.ts'
import type { ToolRegistry } from '../tools/registry.ts'
import { runTool } from '../tools/run.ts'
import type { Supply } from '../tools/supply.ts'
import { ToolError, type ToolResult } from '../tools/tool.ts'
import { withComment } from './comment.ts'
import type { Happened, StepWork } from './decide.ts'
import type { StepLog } from './step-log.ts'
import type { StoredRun } from './stored.ts'

export interface Executed {
  happened: Happened
  costMicros: bigint
}

export interface ExecuteContext {
  tools: ToolRegistry
  signal: AbortSignal
  nowMs: number
  log: StepLog
  /** Where somebody looks on while text is written. */
  onText?: (piece: string) => void
  /** What the runner looks up for this call; see supply.ts. */
  supply(work: StepWork & { kind: 'tool' }, input: JsonObject): Promise<Supply>
}

/** What the calls of models cost is charged from their own record. */
const BY_THE_MODEL: Price = { unit: 'run', rateMicros: 0n, maxMicros: 0n }

/** Calls a step's tool, outside any transaction, and says what the engine is to be told. Never throws. */
export async function executeTool(
  run: StoredRun,
  work: StepWork & { kind: 'tool' },
  { tools, signal, nowMs, log, onText, supply }: ExecuteContext,
): Promise<Executed> {
  const tool = tools.find(work.toolId)
  const given = { ...run.toolDefaults[work.toolId], ...work.input }
  const key = priceKey(work.toolId, given.provider)
  const price = run.pins.prices[key] ?? (isModelTool(work.toolId) ? BY_THE_MODEL : undefined)
  const { seq, attempt } = work
  const failed = (
    code: string,
    message: string,
    retryable: boolean,
    { costMicros = 0n, retryAfterMs }: { costMicros?: bigint; retryAfterMs?: number | undefined } = {},
  ): Executed => ({
    happened: {
      type: 'step_failed',
      seq,
      attempt,
      error: { code, message },
      retryable,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
    costMicros,
  })
  if (!tool) return failed('unknown_tool', `The tool ${work.toolId} is not installed any more.`, false)
  if (!price) return failed('price_unknown', `There was no price for ${key} when this run started.`, false)
  try {
    const limits = work.timeoutMs === null ? tool : { ...tool, timeoutMs: work.timeoutMs }
    const idempotencyKey = `${run.row.id}:${work.idempotencySuffix}`
    const { input, context, ended } = await supply(work, withComment(tool.inputSchema, given, work))
    const shown = onText ? { onText } : {}
    const called = runTool(limits, input, {
      signal,
      idempotencyKey,
      attempt,
      nowMs,
      log: log.debug,
      ...shown,
      ...context,
    })
    const result = ended ? await toldHow(called, ended) : await called
    if ('submitted' in result) {
      const { submitted } = result
      // A step's own limit is for all of it, not only for handing it in.
      const limitMs = work.timeoutMs === null ? Number.POSITIVE_INFINITY : nowMs + work.timeoutMs
      const deadlineMs = Math.min(submitted.deadlineMs, limitMs)
      const happened = {
        type: 'step_submitted',
        seq,
        attempt,
        deadlineMs,
        callbackKey: idempotencyKey,
        submitted,
      } as const
      return { happened, costMicros: 0n }
    }
    if ('pause' in result) {
      return {
        happened: { type: 'step_paused', seq, attempt, pauses: work.pauses, pause: result.pause },
        costMicros: 0n,
      }
    }
    if ('waitUntilMs' in result) {
      const { waitUntilMs, output } = result
      return {
        happened: { type: 'step_waiting', seq, attempt, untilMs: waitUntilMs, output },
        costMicros: costOf(price, 1n),
      }
    }
    return {
      happened: {
        type: 'step_succeeded',
        seq,
        attempt,
        output: result.output,
        ...(result.send ? { send: result.send } : {}),
      },
      costMicros: result.costMicros ?? costOf(price, result.units ?? 1n),
    }
  } catch (error) {
    if (error instanceof ToolError) {
      if (error.code === 'internal') log.broke(error.cause ?? error)
      return failed(error.code, error.message, error.retryable, error)
    }
    log.broke(error)
    return failed('internal', `${tool.displayName} failed unexpectedly.`, true)
  }
}

/** Whoever supplied the call learns how it ended, and may know better than the error what came of it. */
async function toldHow(called: Promise<ToolResult>, ended: NonNullable<Supply['ended']>): Promise<ToolResult> {
  try {
    const result = await called
    await ended()
    return result
  } catch (error) {
    const instead = await ended(error)
    if (instead) return instead
    throw error
  }
}
