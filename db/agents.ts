import type { AgentTable } from './schema.ts'
import { statement } from './statement.ts'

/** By its id or its name, however that is capitalized unless two differ in nothing else. Agents of other contexts do not exist. */
export const findAgent = statement((q, p: { context: string; id: string }) =>
  q
    .selectFrom('agent')
    .selectAll()
    .where('context', '=', p.context)
    .where((row) =>
      row.or([
        row('id', '=', p.id),
        row('name', '=', p.id),
        row(row.fn<string>('lower', ['name']), '=', row.fn<string>('lower', [row.val(p.id)])),
      ]),
    )
    .orderBy((row) => row.case().when('id', '=', p.id).then(0).when('name', '=', p.id).then(1).else(2).end())
    .orderBy('id')
    .limit(1),
)

export const insertAgent = statement((q, p: AgentTable) =>
  q
    .insertInto('agent')
    .values({
      id: p.id,
      context: p.context,
      name: p.name,
      role: p.role,
      status: p.status,
      profile_json: p.profile_json,
      version: p.version,
      hired_by: p.hired_by,
      hired_at_ms: p.hired_at_ms,
      seen_at_ms: p.seen_at_ms,
    })
    .onConflict((conflict) => conflict.columns(['context', 'name']).doNothing()),
)

/** Only while it has the version that was read; no rows otherwise. */
export const updateAgent = statement(
  (q, p: { id: string; version: number; name: string; status: AgentTable['status']; profileJson: string }) =>
    q
      .updateTable('agent')
      .set((row) => ({
        name: p.name,
        status: p.status,
        profile_json: p.profileJson,
        version: row('version', '+', 1),
      }))
      .where('id', '=', p.id)
      .where('version', '=', p.version),
)

/** That it did something, which is no change of it. */
export const markSeen = statement((q, p: { id: string; nowMs: number }) =>
  q.updateTable('agent').set({ seen_at_ms: p.nowMs }).where('id', '=', p.id),
)

/** Of one context, in the order in which they came. */
export const listAgents = statement((q, p: { context: string }) =>
  q.selectFrom('agent').selectAll().where('context', '=', p.context).orderBy('id').limit(500),
)

/** How many of a context are not retired. */
export const countAgents = statement((q, p: { context: string }) =>
  q
    .selectFrom('agent')
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('context', '=', p.context)
    .where('status', '<>', 'retired'),
)
