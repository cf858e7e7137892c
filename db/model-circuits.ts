import { sql } from 'kysely'
import { statement } from './statement.ts'

export const findCircuit = statement((q, p: { id: string }) =>
  q.selectFrom('model_circuit').selectAll().where('id', '=', p.id),
)

/** Like `takeTrial` of endpoints: of several at once one is the one who tries. */
export const takeCircuitTrial = statement((q, p: { id: string; nowMs: number; trialUntilMs: number }) =>
  q
    .updateTable('model_circuit')
    .set({ breaker: 'half_open', trial_until_ms: p.trialUntilMs })
    .where('id', '=', p.id)
    .where((row) =>
      row.or([
        row.and([row('breaker', '=', 'open'), row('open_until_ms', '<=', p.nowMs)]),
        row.and([row('breaker', '=', 'half_open'), row('trial_until_ms', '<=', p.nowMs)]),
      ]),
    ),
)

/** The trial went well: as if nothing had ever failed. */
export const closeCircuit = statement((q, p: { id: string; trialUntilMs: number }) =>
  q
    .deleteFrom('model_circuit')
    .where('id', '=', p.id)
    .where('breaker', '=', 'half_open')
    .where('trial_until_ms', '=', p.trialUntilMs),
)

/** The trial failed: another rest. */
export const reopenCircuit = statement((q, p: { id: string; trialUntilMs: number; openUntilMs: number }) =>
  q
    .updateTable('model_circuit')
    .set({ breaker: 'open', open_until_ms: p.openUntilMs, trial_until_ms: 0 })
    .where('id', '=', p.id)
    .where('breaker', '=', 'half_open')
    .where('trial_until_ms', '=', p.trialUntilMs),
)

/** Like `noteFailure` of endpoints: one statement, which gives nothing when the circuit is not closed any more. */
export const noteCircuitFailure = statement(
  (q, p: { id: string; nowMs: number; sinceMs: number; openUntilMs: number }) =>
    q
      .insertInto('model_circuit')
      .values({
        id: p.id,
        breaker: 'closed',
        open_until_ms: 0,
        trial_until_ms: 0,
        failed_1_at_ms: p.nowMs,
        failed_2_at_ms: 0,
        failed_3_at_ms: 0,
        failed_4_at_ms: 0,
        failed_5_at_ms: 0,
      })
      .onConflict((conflict) =>
        conflict
          .column('id')
          .doUpdateSet({
            failed_1_at_ms: sql<number>`excluded.failed_1_at_ms`,
            failed_2_at_ms: sql<number>`model_circuit.failed_1_at_ms`,
            failed_3_at_ms: sql<number>`model_circuit.failed_2_at_ms`,
            failed_4_at_ms: sql<number>`model_circuit.failed_3_at_ms`,
            failed_5_at_ms: sql<number>`model_circuit.failed_4_at_ms`,
            breaker: sql<'open'>`case when model_circuit.failed_4_at_ms > cast(${p.sinceMs} as bigint) then 'open' else model_circuit.breaker end`,
            open_until_ms: sql<number>`case when model_circuit.failed_4_at_ms > cast(${p.sinceMs} as bigint)
            then cast(${p.openUntilMs} as bigint) else model_circuit.open_until_ms end`,
          })
          .where('model_circuit.breaker', '=', 'closed'),
      )
      .returning('breaker'),
)

/** Connections to models that are left alone at this moment. */
export const listRestingCircuits = statement((q, p: { nowMs: number }) =>
  q.selectFrom('model_circuit').select('id').where('breaker', '=', 'open').where('open_until_ms', '>', p.nowMs),
)
