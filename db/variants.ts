import { type Kysely, sql } from 'kysely'
import type { Reader } from './db.ts'
import type { Schema } from './schema.ts'
import { query, statement } from './statement.ts'

/** Makes the row of a variant; one that exists stays as it is. */
export const insertVariant = statement((q, p: { id: string; runId: string; sourceRunId: string; nowMs: number }) =>
  q
    .insertInto('variant')
    .values({
      id: p.id,
      run_id: p.runId,
      source_run_id: p.sourceRunId,
      revision: 1,
      outputs_json: null,
      edited_by: null,
      edited_at_ms: null,
      accepted_at_ms: null,
      created_at_ms: p.nowMs,
    })
    .onConflict((conflict) => conflict.doNothing()),
)

export const findVariant = statement((q, p: { id: string }) =>
  q
    .selectFrom('variant')
    .leftJoin('account', 'account.id', 'variant.edited_by')
    .selectAll('variant')
    .select('account.handle as edited_handle')
    .where('variant.id', '=', p.id),
)

const besides = (q: Kysely<Schema>) =>
  q
    .selectFrom('variant')
    .innerJoin('run', 'run.id', 'variant.source_run_id')
    .select(['variant.id', 'variant.run_id', 'variant.source_run_id', 'run.status'])
    .whereRef('variant.source_run_id', '<>', 'variant.run_id')
    .orderBy('run.created_at_ms')
    .orderBy('run.parent_seq')
    .orderBy('variant.id')

const listVariantsOfRun = statement((q, p: { runId: string }) => besides(q).where('variant.run_id', '=', p.runId))

/** The variants these runs have beside what they brought themselves, with how each stands; in the order they were begun. */
export async function listVariantsOf(
  on: Reader,
  runIds: readonly string[],
): Promise<{ id: string; run_id: string; source_run_id: string; status: string }[]> {
  const [runId, ...others] = runIds
  if (runId === undefined) return []
  // Every card of a run that has ended asks for one.
  if (others.length === 0) return listVariantsOfRun.all(on, { runId })
  return query(on, (q) => besides(q).where('variant.run_id', 'in', runIds))
}

/** Whether anything is known of a run's variants beside what it brought: others, another run that it is one of, a choice. */
export const findVariantRow = statement((q, p: { runId: string; id: string }) =>
  // One behind the other: for an `or` SQLite would make a table of its own each time.
  q
    .selectFrom('variant')
    .select('id')
    .where('run_id', '=', p.runId)
    .unionAll(q.selectFrom('variant').select('id').where('id', '=', p.id))
    .limit(1),
)

/** A new revision over the one that was read; none when it is not that one any more, or was accepted. */
export const editVariantRow = statement(
  (q, p: { id: string; revision: number; outputsJson: string; accountId: string; nowMs: number }) =>
    q
      .updateTable('variant')
      .set({
        revision: sql<number>`revision + 1`,
        outputs_json: p.outputsJson,
        edited_by: p.accountId,
        edited_at_ms: p.nowMs,
      })
      .where('id', '=', p.id)
      .where('revision', '=', p.revision)
      .where('accepted_at_ms', 'is', null),
)

export const insertRevision = statement(
  (q, p: { variantId: string; revision: number; outputsJson: string; accountId: string; nowMs: number }) =>
    q.insertInto('variant_revision').values({
      variant_id: p.variantId,
      revision: p.revision,
      outputs_json: p.outputsJson,
      account_id: p.accountId,
      at_ms: p.nowMs,
    }),
)

/** Closes a variant to edits; none when it changed since it was read. */
export const closeVariant = statement((q, p: { id: string; revision: number; nowMs: number }) =>
  q
    .updateTable('variant')
    .set({ accepted_at_ms: p.nowMs })
    .where('id', '=', p.id)
    .where('revision', '=', p.revision)
    .where('accepted_at_ms', 'is', null),
)

/** The one variant of a run that is accepted; a second one finds it there and changes nothing. */
export const insertChoice = statement(
  (q, p: { runId: string; variantId: string; revision: number; accountId: string; channel: string; nowMs: number }) =>
    q
      .insertInto('variant_choice')
      .values({
        run_id: p.runId,
        variant_id: p.variantId,
        revision: p.revision,
        account_id: p.accountId,
        channel: p.channel,
        at_ms: p.nowMs,
      })
      .onConflict((conflict) => conflict.doNothing()),
)

export const findChoice = statement((q, p: { runId: string }) =>
  q
    .selectFrom('variant_choice')
    .innerJoin('account', 'account.id', 'variant_choice.account_id')
    .selectAll('variant_choice')
    .select('account.handle')
    .where('variant_choice.run_id', '=', p.runId),
)
