import { costOf } from '../tools/price.ts'
import type { ToolRegistry } from '../tools/registry.ts'
import { runTool } from '../tools/run.ts'
import { ToolError } from '../tools/tool.ts'
import { withComment } from './comment.ts'
import type { Happened, StepWork } from './decide.ts'
import type { StoredRun } from './stored.ts'

export interface Executed {
  happened: Happened
  costMicros: bigint
}

export interface ExecuteContext {
  tools: ToolRegistry
  signal: AbortSignal
  nowMs: number
  log(message: string, facts?: object): void
}

/** Calls a step's tool, outside any transaction, and says what the engine is to be told. Never throws. */
export async function executeTool(
  run: StoredRun,
  work: StepWork & { kind: 'tool' },
  { tools, signal, nowMs, log }: ExecuteContext,
): Promise<Executed> {
  const tool = tools.find(work.toolId)
  const price = run.pins.prices[work.toolId]
  const { seq, attempt } = work
  const failed = (code: string, message: string, retryable: boolean): Executed => ({
    happened: { type: 'step_failed', seq, attempt, error: { code, message }, retryable },
    costMicros: 0n,
  })
  if (!tool) return failed('unknown_tool', `The tool ${work.toolId} is not installed any more.`, false)
  if (!price) return failed('price_unknown', `There is no price for ${work.toolId}.`, false)
  try {
    const limits = work.timeoutMs === null ? tool : { ...tool, timeoutMs: work.timeoutMs }
    const input = withComment(tool.inputSchema, { ...run.toolDefaults[work.toolId], ...work.input }, work)
    const idempotencyKey = `${run.row.id}:${work.idempotencySuffix}`
    const result = await runTool(limits, input, { signal, idempotencyKey, attempt, nowMs, log })
    if ('waitUntilMs' in result) {
      const { waitUntilMs, output } = result
      return {
        happened: { type: 'step_waiting', seq, attempt, untilMs: waitUntilMs, output },
        costMicros: costOf(price, 1n),
      }
    }
    return {
      happened: { type: 'step_succeeded', seq, attempt, output: result.output },
      costMicros: costOf(price, result.units ?? 1n),
    }
  } catch (error) {
    if (error instanceof ToolError) return failed(error.code, error.message, error.retryable)
    log('A tool threw what is not a ToolError', { err: error })
    return failed('internal', `${tool.displayName} failed unexpectedly.`, true)
  }
}
