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

const total = (column: 'input_tokens' | 'output_tokens' | 'cached_input_tokens') =>
  sql<number>`cast(sum(${sql.ref(column)}) as bigint)`.as(column)

/** Of calls that have ended, by provider and model. */
const SUMS = [
  'provider',
  'model',
  sql<number>`count(*)`.as('calls'),
  sql<number>`cast(sum(case when status = 'ended' then 0 else 1 end) as bigint)`.as('failed'),
  total('input_tokens'),
  total('output_tokens'),
  total('cached_input_tokens'),
  sql<bigint>`cast(sum(cost_micros) as bigint)`.as('cost_micros'),
  sql<bigint>`cast(sum(case when is_estimated = 1 then cost_micros else 0 end) as bigint)`.as('estimated_micros'),
] as const

/** What was asked since then and has ended, by provider and model, the dearest first: of a context. */
export const sumModelCalls = statement((q, p: { context: string; sinceMs: number }) =>
  q
    .selectFrom('model_call')
    .select(SUMS)
    .where('context', '=', p.context)
    .where('began_at_ms', '>=', p.sinceMs)
    .where('status', '<>', 'begun')
    .groupBy(['provider', 'model'])
    .orderBy('cost_micros', 'desc')
    .orderBy('provider')
    .orderBy('model'),
)

/** The same of a person, in their own context and in the teams that they are in. */
export const sumModelCallsOfPerson = statement((q, p: { accountId: string; own: string; sinceMs: number }) =>
  q
    .selectFrom('model_call')
    .select(SUMS)
    // By context first: that is how they can be found.
    .where(
      sql<boolean>`context in (
        select 'team:' || team_id from membership where membership.account_id = ${p.accountId}
        union all select cast(${p.own} as text))`,
    )
    .where('account_id', '=', p.accountId)
    .where('began_at_ms', '>=', p.sinceMs)
    .where('status', '<>', 'begun')
    .groupBy(['provider', 'model'])
    .orderBy('cost_micros', 'desc')
    .orderBy('provider')
    .orderBy('model'),
)
