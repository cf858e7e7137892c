import type { AgentTurnTable } from './schema.ts'
import { statement } from './statement.ts'

export type AgentTurnRow = AgentTurnTable

/** Fails for a turn that is there: whoever wrote it is the one who goes on. */
export const insertAgentTurn = statement((q, p: AgentTurnRow) =>
  q.insertInto('agent_turn').values({
    run_id: p.run_id,
    seq: p.seq,
    attempt_group: p.attempt_group,
    turn: p.turn,
    kind: p.kind,
    is_tainted: p.is_tainted,
    cost_micros: p.cost_micros,
    is_charged: p.is_charged,
    took_ms: p.took_ms,
    at_ms: p.at_ms,
    json: p.json,
  }),
)

/** Everything an agent did in one step, from its first turn on. */
export const listAgentTurns = statement((q, p: { runId: string; seq: number; group: number }) =>
  q
    .selectFrom('agent_turn')
    .selectAll()
    .where('run_id', '=', p.runId)
    .where('seq', '=', p.seq)
    .where('attempt_group', '=', p.group)
    .orderBy('turn'),
)

/** The same, of every time that a person had it done again. */
export const listTurnsOfStep = statement((q, p: { runId: string; seq: number }) =>
  q
    .selectFrom('agent_turn')
    .selectAll()
    .where('run_id', '=', p.runId)
    .where('seq', '=', p.seq)
    .orderBy('attempt_group')
    .orderBy('turn'),
)

/** What the turns of a step cost that stand with no step yet; asked again, nothing. */
export const chargeAgentTurns = statement((q, p: { runId: string; seq: number }) =>
  q
    .updateTable('agent_turn')
    .set({ is_charged: 1 })
    .where('run_id', '=', p.runId)
    .where('seq', '=', p.seq)
    .where('is_charged', '=', 0)
    // What its model cost is charged from the record of those calls.
    .where('kind', 'in', ['call', 'result'])
    .returning('cost_micros'),
)

/** What a step's model was asked since then, whatever came of it. */
export const listModelCostsSince = statement((q, p: { runId: string; seq: number; sinceMs: number }) =>
  q
    .selectFrom('model_call')
    .select('cost_micros')
    .where('run_id', '=', p.runId)
    .where('seq', '=', p.seq)
    .where('began_at_ms', '>=', p.sinceMs),
)

export const findTaintedTurn = statement((q, p: { runId: string }) =>
  q.selectFrom('agent_turn').select('turn').where('run_id', '=', p.runId).where('is_tainted', '=', 1).limit(1),
)

/** What the agents of a context are like; those that are retired are not asked any more. */
export const listAgentProfiles = statement((q, p: { context: string }) =>
  q
    .selectFrom('agent')
    .select(['id', 'name', 'profile_json'])
    .where('context', '=', p.context)
    .where('status', '<>', 'retired')
    .orderBy('name'),
)
