import { statement } from './statement.ts'

/** Does nothing when the name is taken in its context. */
export const insertProvider = statement(
  (
    q,
    p: {
      id: string
      context: string
      name: string
      definitionJson: string
      sealed: string | null
      rateMicros: bigint | null
      createdBy: string
      nowMs: number
    },
  ) =>
    q
      .insertInto('provider')
      .values({
        id: p.id,
        context: p.context,
        name: p.name,
        definition_json: p.definitionJson,
        sealed: p.sealed,
        rate_micros: p.rateMicros,
        created_by: p.createdBy,
        created_at_ms: p.nowMs,
        updated_at_ms: p.nowMs,
      })
      .onConflict((conflict) => conflict.columns(['context', 'name']).doNothing()),
)

export const updateProvider = statement(
  (
    q,
    p: {
      id: string
      name: string
      definitionJson: string
      sealed: string | null
      rateMicros: bigint | null
      nowMs: number
    },
  ) =>
    q
      .updateTable('provider')
      .set({
        name: p.name,
        definition_json: p.definitionJson,
        sealed: p.sealed,
        rate_micros: p.rateMicros,
        updated_at_ms: p.nowMs,
      })
      .where('id', '=', p.id),
)

export const deleteProvider = statement((q, p: { id: string }) => q.deleteFrom('provider').where('id', '=', p.id))

/** Those of a context and the shipped ones; of two with one name the context's own comes first. */
export const listProviders = statement((q, p: { context: string; shipped: string }) =>
  q
    .selectFrom('provider')
    .selectAll()
    .where((row) => row.or([row('context', '=', p.context), row('context', '=', p.shipped)]))
    .orderBy('name')
    .orderBy((row) => row.case().when('context', '=', p.shipped).then(1).else(0).end()),
)

export const countProviders = statement((q, p: { context: string }) =>
  q
    .selectFrom('provider')
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('context', '=', p.context),
)
