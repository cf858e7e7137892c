import { statement } from './statement.ts'

/** What reigns in a context: its own document before the instance's. */
export const listPolicies = statement((q, p: { context: string; instance: string }) =>
  q
    .selectFrom('policy')
    .selectAll()
    .where((row) => row.or([row('context', '=', p.context), row('context', '=', p.instance)]))
    .orderBy((row) => row.case().when('context', '=', p.context).then(0).else(1).end()),
)

export const findPolicy = statement((q, p: { context: string }) =>
  q.selectFrom('policy').selectAll().where('context', '=', p.context),
)

/** Does nothing when there is one by now. */
export const insertPolicy = statement((q, p: { context: string; documentJson: string; by: string; nowMs: number }) =>
  q
    .insertInto('policy')
    .values({
      context: p.context,
      document_json: p.documentJson,
      version: 1,
      updated_by: p.by,
      updated_at_ms: p.nowMs,
    })
    .onConflict((conflict) => conflict.column('context').doNothing()),
)

/** Nothing when it is another version by now. */
export const replacePolicy = statement(
  (q, p: { context: string; before: number; version: number; documentJson: string; by: string; nowMs: number }) =>
    q
      .updateTable('policy')
      .set({ document_json: p.documentJson, version: p.version, updated_by: p.by, updated_at_ms: p.nowMs })
      .where('context', '=', p.context)
      .where('version', '=', p.before),
)
