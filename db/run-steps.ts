import type { RunStepTable } from './schema.ts'
import { blind, statement } from './statement.ts'

export type StepRow = RunStepTable

/** Writes a run's step; one that exists is replaced. */
export const putStep = blind((q, p: StepRow) =>
  q
    .insertInto('run_step')
    .values({
      run_id: p.run_id,
      seq: p.seq,
      step_id: p.step_id,
      parent_seq: p.parent_seq,
      item_index: p.item_index,
      status: p.status,
      attempt: p.attempt,
      starts: p.starts,
      wait_for: p.wait_for,
      wake_at_ms: p.wake_at_ms,
      pending_output_json: p.pending_output_json,
      output_json: p.output_json,
      error_json: p.error_json,
      cost_micros: p.cost_micros,
      child_run_id: p.child_run_id,
      started_at_ms: p.started_at_ms,
      finished_at_ms: p.finished_at_ms,
    })
    .onConflict((conflict) =>
      conflict.columns(['run_id', 'seq']).doUpdateSet((row) => ({
        status: row.ref('excluded.status'),
        attempt: row.ref('excluded.attempt'),
        starts: row.ref('excluded.starts'),
        wait_for: row.ref('excluded.wait_for'),
        wake_at_ms: row.ref('excluded.wake_at_ms'),
        pending_output_json: row.ref('excluded.pending_output_json'),
        output_json: row.ref('excluded.output_json'),
        error_json: row.ref('excluded.error_json'),
        cost_micros: row.ref('excluded.cost_micros'),
        child_run_id: row.ref('excluded.child_run_id'),
        started_at_ms: row.ref('excluded.started_at_ms'),
        finished_at_ms: row.ref('excluded.finished_at_ms'),
      })),
    ),
)

export const listSteps = statement((q, p: { runId: string }) =>
  q.selectFrom('run_step').selectAll().where('run_id', '=', p.runId).orderBy('seq'),
)

/** When a step ended; null while it goes on. */
export const findStepEnd = statement((q, p: { runId: string; seq: number }) =>
  q.selectFrom('run_step').select('finished_at_ms').where('run_id', '=', p.runId).where('seq', '=', p.seq),
)

export const listStepsOnCard = statement((q, p: { runId: string }) =>
  q
    .selectFrom('run_step')
    .select(['seq', 'step_id', 'parent_seq', 'status', 'attempt', 'cost_micros'])
    .where('run_id', '=', p.runId)
    .orderBy('seq'),
)
