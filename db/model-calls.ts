import { sql } from 'kysely'
import type { ModelCallTable } from './schema.ts'
import { blind, statement } from './statement.ts'

export type ModelCallRow = ModelCallTable

export const insertModelCall = blind(
  (
    q,
    p: {
      id: string
      runId: string
      seq: number
      attempt: number
      context: string
      accountId: string
      jobKey: string
      toolId: string
      provider: string
      model: string
      connection: string | null
      inputTokens: number
      outputTokens: number
      costMicros: bigint
      nowMs: number
    },
  ) =>
    q.insertInto('model_call').values({
      id: p.id,
      run_id: p.runId,
      seq: p.seq,
      attempt: p.attempt,
      context: p.context,
      account_id: p.accountId,
      job_key: p.jobKey,
      tool_id: p.toolId,
      provider: p.provider,
      model: p.model,
      connection: p.connection,
      status: 'begun',
      error_code: null,
      input_tokens: p.inputTokens,
      output_tokens: p.outputTokens,
      cached_input_tokens: 0,
      is_estimated: 1,
      cost_micros: p.costMicros,
      is_charged: 0,
      began_at_ms: p.nowMs,
      ended_at_ms: null,
    }),
)

/** How a call ended. Nothing when that was settled without it: then it stays as it was settled. */
export const endModelCall = statement(
  (
    q,
    p: {
      id: string
      status: 'ended' | 'failed' | 'aborted'
      errorCode: string | null
      inputTokens: number
      outputTokens: number
      cachedInputTokens: number
      isEstimated: number
      costMicros: bigint
      nowMs: number
    },
  ) =>
    q
      .updateTable('model_call')
      .set({
        status: p.status,
        error_code: p.errorCode,
        input_tokens: p.inputTokens,
        output_tokens: p.outputTokens,
        cached_input_tokens: p.cachedInputTokens,
        is_estimated: p.isEstimated,
        cost_micros: p.costMicros,
        ended_at_ms: p.nowMs,
      })
      .where('id', '=', p.id)
      .where('status', '=', 'begun'),
)

/** What calls of a run cost that stands with no step yet, from here on it does. Those that have not ended never will. */
export const chargeCallsOfRun = statement((q, p: { runId: string; nowMs: number }) =>
  q
    .updateTable('model_call')
    .set({
      is_charged: 1,
      status: sql<'aborted'>`case when status = 'begun' then 'aborted' else status end`,
      ended_at_ms: sql<number>`coalesce(ended_at_ms, ${p.nowMs})`,
    })
    .where('run_id', '=', p.runId)
    .where('is_charged', '=', 0)
    .returningAll(),
)

/** The same for one step. */
export const chargeCallsOfStep = statement((q, p: { runId: string; seq: number; nowMs: number }) =>
  q
    .updateTable('model_call')
    .set({
      is_charged: 1,
      status: sql<'aborted'>`case when status = 'begun' then 'aborted' else status end`,
      ended_at_ms: sql<number>`coalesce(ended_at_ms, ${p.nowMs})`,
    })
    .where('run_id', '=', p.runId)
    .where('seq', '=', p.seq)
    .where('is_charged', '=', 0)
    .returningAll(),
)
