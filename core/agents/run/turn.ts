import type { AgentTurnRow } from '#db/agent-turns.ts'
import type { Json, JsonObject } from '../../json.ts'
import type { ModelAnswer, ModelToolCall } from '../../models/model.ts'
import type { TurnPlace } from './pause.ts'

/**
 * How a call ended: by the tool, because it was not allowed, or because people did not want it; `proposed` is done after the
 * approval of the task that it belongs to.
 */
export type CallStatus = 'succeeded' | 'failed' | 'refused' | 'rejected' | 'proposed'

/** What an agent that works on a task wants done to the world once the task is approved. */
export type Proposal = { toolId: string; input: JsonObject }

/** One thing an agent did or learned. */
export type Turn =
  | {
      kind: 'start'
      agentId: string
      agentVersion: number
      /** Stands around everything that is not an instruction; nobody outside can know it. */
      mark: string
      memory: string[]
      /** What from outside was there before it began, in words. */
      taints: string[]
    }
  | {
      kind: 'model'
      text: string
      toolCalls: ModelToolCall[]
      finish: ModelAnswer['finish']
      isMock: boolean
      tokens: number
      providerState: Json
    }
  /** The model was asked and gave no answer; what that cost is kept. */
  | { kind: 'lost'; message: string }
  /** It is about to be made, or was: with `childRunId` it is a run of its own. */
  | { kind: 'call'; n: number; toolId: string; hash: string; childRunId: string | null }
  | { kind: 'approval'; n: number; toolId: string; hash: string; definitionHash: string; reviewId: string }
  | {
      kind: 'result'
      n: number
      toolId: string
      status: CallStatus
      output: Json
      taint: string | null
      /** The whole input of what is proposed. */
      proposed?: JsonObject
    }

/** A turn as it is stored, with what it cost and how long it took. */
export type StoredTurn = Turn & { costMicros: bigint; tookMs: number }

export function turnRow(
  place: TurnPlace,
  turn: Turn,
  spent: { costMicros: bigint; tookMs: number; nowMs: number },
): AgentTurnRow {
  const { kind, ...rest } = turn
  return {
    run_id: place.runId,
    seq: place.seq,
    attempt_group: place.group,
    turn: place.turn,
    kind,
    is_tainted: isTainting(turn) ? 1 : 0,
    cost_micros: spent.costMicros,
    is_charged: 0,
    took_ms: Math.max(0, Math.round(spent.tookMs)),
    at_ms: spent.nowMs,
    json: JSON.stringify(rest),
  }
}

export const turnOf = (row: AgentTurnRow): StoredTurn =>
  ({ kind: row.kind, ...JSON.parse(row.json), costMicros: row.cost_micros, tookMs: row.took_ms }) as StoredTurn

function isTainting(turn: Turn): boolean {
  if (turn.kind === 'start') return turn.taints.length > 0
  return turn.kind === 'result' && turn.taint !== null
}
