import { insertAgentTurn, listTurnsOfStep } from '#db/agent-turns.ts'
import type { Tx } from '#db/db.ts'
import type { RunRow } from '#db/runs.ts'
import type { Json } from '../../json.ts'
import { turnOf, turnRow } from './turn.ts'

/**
 * The end of a call that is a run of its own, for an agent that ends before it has taken it: what the run cost is then among
 * what the agent's turns cost. Nothing for a call that has its result.
 */
export async function endNestedCall(
  tx: Tx,
  { runId, seq, child, nowMs }: { runId: string; seq: number; child: RunRow; nowMs: number },
): Promise<void> {
  const rows = await listTurnsOfStep.all(tx, { runId, seq })
  const turns = rows.map((row) => ({ group: row.attempt_group, number: row.turn, turn: turnOf(row) }))
  const call = turns.find(({ turn }) => turn.kind === 'call' && turn.childRunId === child.id)
  if (call?.turn.kind !== 'call') return
  const { n, toolId } = call.turn
  const ofGroup = turns.filter(({ group }) => group === call.group)
  if (ofGroup.some(({ turn }) => turn.kind === 'result' && turn.n === n)) return
  const last = Math.max(...ofGroup.map(({ number }) => number))
  const output: Json = JSON.parse(child.error_json ?? 'null') ?? { code: child.status }
  const result = { kind: 'result', n, toolId, status: 'failed', output, taint: toolId } as const
  const place = { runId, seq, group: call.group, turn: last + 1 }
  await insertAgentTurn.run(tx, turnRow(place, result, { costMicros: child.cost_micros, tookMs: 0, nowMs }))
}
