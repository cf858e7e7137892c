import { insertAgentTurn, listTurnsOfStep } from '#db/agent-turns.ts'
import type { Tx } from '#db/db.ts'
import type { Json } from '../../json.ts'
import type { StoredRun } from '../../runs/stored.ts'
import { shortOutput } from './limits.ts'
import { turnOf, turnRow } from './turn.ts'

/**
 * The end of a call that is a run of its own, for an agent that ends before it has taken it: what the run cost is then among
 * what the agent's turns cost. Nothing for a call that has its result.
 */
export async function endNestedCall(
  tx: Tx,
  { runId, seq, child, nowMs }: { runId: string; seq: number; child: StoredRun; nowMs: number },
): Promise<void> {
  const rows = await listTurnsOfStep.all(tx, { runId, seq })
  const turns = rows.map((row) => ({ group: row.attempt_group, number: row.turn, turn: turnOf(row) }))
  const call = turns.find(({ turn }) => turn.kind === 'call' && turn.childRunId === child.row.id)
  if (call?.turn.kind !== 'call') return
  const { n, toolId } = call.turn
  const ofGroup = turns.filter(({ group }) => group === call.group)
  if (ofGroup.some(({ turn }) => turn.kind === 'result' && turn.n === n)) return
  const last = Math.max(...ofGroup.map(({ number }) => number))
  const { status, outputs, error } = child.state
  const isDone = status === 'succeeded' || status === 'partially_completed'
  const given: Json = isDone ? (outputs ?? {}) : { ...(error ?? { code: status }) }
  const ended = { status: isDone ? 'succeeded' : 'failed', output: shortOutput(given) } as const
  // Whatever it looked at may stand in that.
  const result = { kind: 'result', n, toolId, ...ended, taint: toolId } as const
  const place = { runId, seq, group: call.group, turn: last + 1 }
  await insertAgentTurn.run(tx, turnRow(place, result, { costMicros: child.row.cost_micros, tookMs: 0, nowMs }))
}
