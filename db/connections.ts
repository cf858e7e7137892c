import { statement } from './statement.ts'

/** Does nothing when the name is taken by its owner. */
export const insertConnection = statement(
  (
    q,
    p: {
      id: string
      context: string
      name: string
      provider: string
      settingsJson: string
      sealed: string
      hint: string
      createdBy: string
      nowMs: number
    },
  ) =>
    q
      .insertInto('connection')
      .values({
        id: p.id,
        context: p.context,
        name: p.name,
        provider: p.provider,
        settings_json: p.settingsJson,
        sealed: p.sealed,
        version: 1,
        hint: p.hint,
        created_by: p.createdBy,
        created_at_ms: p.nowMs,
        rotated_at_ms: null,
        tested_at_ms: null,
        test_json: null,
      })
      .onConflict((conflict) => conflict.columns(['context', 'name']).doNothing()),
)

/** Puts a new secret in place of the one that was read; nothing when it is another one by now. */
export const replaceSecret = statement(
  (q, p: { id: string; before: number; version: number; sealed: string; hint: string; nowMs: number }) =>
    q
      .updateTable('connection')
      .set({
        sealed: p.sealed,
        version: p.version,
        hint: p.hint,
        rotated_at_ms: p.nowMs,
        tested_at_ms: null,
        test_json: null,
      })
      .where('id', '=', p.id)
      .where('version', '=', p.before),
)

/** What a test of this very secret showed. */
export const noteTest = statement((q, p: { id: string; version: number; testJson: string; nowMs: number }) =>
  q
    .updateTable('connection')
    .set({ tested_at_ms: p.nowMs, test_json: p.testJson })
    .where('id', '=', p.id)
    .where('version', '=', p.version),
)

export const deleteConnection = statement((q, p: { id: string }) => q.deleteFrom('connection').where('id', '=', p.id))

/** Those that belong to nobody any more. */
export const deleteConnectionsOf = statement((q, p: { context: string }) =>
  q.deleteFrom('connection').where('context', '=', p.context),
)

/** By its id or its name: of the context, before those of the instance. */
export const findConnection = statement((q, p: { context: string; instance: string; id: string }) =>
  q
    .selectFrom('connection')
    .selectAll()
    .where((row) => row.or([row('context', '=', p.context), row('context', '=', p.instance)]))
    .where((row) => row.or([row('id', '=', p.id), row('name', '=', p.id)]))
    .orderBy((row) => row.case().when('context', '=', p.context).then(0).else(1).end())
    .limit(1),
)

/** Those that a context may use: its own and the instance's. */
export const listConnections = statement((q, p: { context: string; instance: string }) =>
  q
    .selectFrom('connection')
    .selectAll()
    .where((row) => row.or([row('context', '=', p.context), row('context', '=', p.instance)]))
    .orderBy((row) => row.case().when('context', '=', p.context).then(0).else(1).end())
    .orderBy('name'),
)

export const countConnections = statement((q, p: { context: string }) =>
  q
    .selectFrom('connection')
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('context', '=', p.context),
)
