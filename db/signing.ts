import { statement } from './statement.ts'

/** The newest. The first secret of a context needs no row. */
export const findSigningVersion = statement((q, p: { context: string }) =>
  q
    .selectFrom('signing_secret')
    .select(['version', 'created_at_ms'])
    .where('context', '=', p.context)
    .orderBy('version', 'desc')
    .limit(1),
)

/** Does nothing when that version is there: of two who rotate at once one does. */
export const insertSigningVersion = statement(
  (q, p: { context: string; version: number; createdBy: string; nowMs: number }) =>
    q
      .insertInto('signing_secret')
      .values({ context: p.context, version: p.version, created_by: p.createdBy, created_at_ms: p.nowMs })
      .onConflict((conflict) => conflict.columns(['context', 'version']).doNothing()),
)
