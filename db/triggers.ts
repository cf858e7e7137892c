import { sql } from 'kysely'
import type { TriggerSecretTable, WebhookTriggerTable } from './schema.ts'
import { statement } from './statement.ts'

export type TriggerRow = WebhookTriggerTable

export const insertTrigger = statement((q, p: TriggerRow) =>
  q.insertInto('webhook_trigger').values({
    id: p.id,
    context: p.context,
    account_id: p.account_id,
    name: p.name,
    job_key: p.job_key,
    mapping_json: p.mapping_json,
    filter_json: p.filter_json,
    example_json: p.example_json,
    scheme: p.scheme,
    version: p.version,
    hint: p.hint,
    budget_micros: p.budget_micros,
    committed_micros: p.committed_micros,
    rate_per_minute: p.rate_per_minute,
    window_ms: p.window_ms,
    window_count: p.window_count,
    capped_at_ms: p.capped_at_ms,
    status: p.status,
    refused_code: p.refused_code,
    refused_reason: p.refused_reason,
    refused_at_ms: p.refused_at_ms,
    noticed_at_ms: p.noticed_at_ms,
    last_at_ms: p.last_at_ms,
    created_at_ms: p.created_at_ms,
    updated_at_ms: p.updated_at_ms,
    rotated_at_ms: p.rotated_at_ms,
  }),
)

export const findTrigger = statement((q, p: { id: string }) =>
  q.selectFrom('webhook_trigger').selectAll().where('id', '=', p.id).where('status', '<>', 'removed'),
)

/** The same, and nobody else changes it before this transaction ends. */
export const holdTrigger = statement((q, p: { id: string }, dialect) => {
  const select = q.selectFrom('webhook_trigger').selectAll().where('id', '=', p.id).where('status', '<>', 'removed')
  return dialect === 'postgres' ? select.forNoKeyUpdate() : select
})

export const countTriggers = statement((q, p: { context: string }) =>
  q
    .selectFrom('webhook_trigger')
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('context', '=', p.context)
    .where('status', '<>', 'removed'),
)

/** Newest first, behind a place. */
export const listTriggers = statement((q, p: { context: string; beforeId: string; limit: number }) =>
  q
    .selectFrom('webhook_trigger')
    .selectAll()
    .where('context', '=', p.context)
    .where('status', '<>', 'removed')
    .where('id', '<', p.beforeId)
    .orderBy('id', 'desc')
    .limit(p.limit),
)

/** What a person decides about it. */
export const updateTrigger = statement(
  (
    q,
    p: Pick<
      TriggerRow,
      | 'id'
      | 'account_id'
      | 'name'
      | 'job_key'
      | 'mapping_json'
      | 'filter_json'
      | 'example_json'
      | 'budget_micros'
      | 'rate_per_minute'
      | 'status'
      | 'updated_at_ms'
    >,
  ) =>
    q
      .updateTable('webhook_trigger')
      .set({
        account_id: p.account_id,
        name: p.name,
        job_key: p.job_key,
        mapping_json: p.mapping_json,
        filter_json: p.filter_json,
        example_json: p.example_json,
        budget_micros: p.budget_micros,
        rate_per_minute: p.rate_per_minute,
        status: p.status,
        updated_at_ms: p.updated_at_ms,
      })
      .where('id', '=', p.id),
)

/**
 * Counts a delivery in its minute; nothing is written when there were as many as may be, or when the trigger is not active.
 */
export const countDelivery = statement((q, p: { id: string; windowMs: number; nowMs: number }) =>
  q
    .updateTable('webhook_trigger')
    .set({
      window_ms: p.windowMs,
      window_count: sql`case when window_ms = ${p.windowMs} then window_count + 1 else 1 end`,
      last_at_ms: p.nowMs,
    })
    .where('id', '=', p.id)
    .where('status', '=', 'active')
    .where((row) => row.or([row('window_ms', '<>', p.windowMs), row('window_count', '<', row.ref('rate_per_minute'))])),
)

/** True once in a minute: there were too many in it. */
export const markCapped = statement((q, p: { id: string; windowMs: number; nowMs: number }) =>
  q
    .updateTable('webhook_trigger')
    .set({ capped_at_ms: p.nowMs })
    .where('id', '=', p.id)
    .where('capped_at_ms', '<', p.windowMs),
)

/** Why the last delivery started nothing; or that it did. */
export const setRefused = statement(
  (q, p: { id: string; code: string | null; reason: string | null; atMs: number | null; noticedAtMs: number }) =>
    q
      .updateTable('webhook_trigger')
      .set({
        refused_code: p.code,
        refused_reason: p.reason,
        refused_at_ms: p.atMs,
        noticed_at_ms: p.noticedAtMs,
      })
      .where('id', '=', p.id),
)

export const setTriggerSecret = statement(
  (q, p: { id: string; before: number; version: number; hint: string; nowMs: number }) =>
    q
      .updateTable('webhook_trigger')
      .set({ version: p.version, hint: p.hint, rotated_at_ms: p.nowMs, updated_at_ms: p.nowMs })
      .where('id', '=', p.id)
      .where('version', '=', p.before),
)

export const insertTriggerSecret = statement((q, p: Omit<TriggerSecretTable, 'valid_until_ms'>) =>
  q.insertInto('trigger_secret').values({
    id: p.id,
    trigger_id: p.trigger_id,
    context: p.context,
    version: p.version,
    sealed: p.sealed,
    valid_until_ms: null,
  }),
)

/** The newest first. */
export const listTriggerSecrets = statement((q, p: { triggerId: string }) =>
  q.selectFrom('trigger_secret').selectAll().where('trigger_id', '=', p.triggerId).orderBy('version', 'desc'),
)

/** Older ones count no longer than this; never longer than they were to. */
export const endTriggerSecrets = statement((q, p: { triggerId: string; untilMs: number }) =>
  q
    .updateTable('trigger_secret')
    .set({ valid_until_ms: p.untilMs })
    .where('trigger_id', '=', p.triggerId)
    .where((row) => row.or([row('valid_until_ms', 'is', null), row('valid_until_ms', '>', p.untilMs)])),
)

export const deleteEndedSecrets = statement((q, p: { nowMs: number }) =>
  q.deleteFrom('trigger_secret').where('valid_until_ms', 'is not', null).where('valid_until_ms', '<', p.nowMs),
)

export const deleteTriggerSecrets = statement((q, p: { triggerId: string }) =>
  q.deleteFrom('trigger_secret').where('trigger_id', '=', p.triggerId),
)
