import { listTurnsOfStep } from '#db/agent-turns.ts'
import type { Reader, Tx } from '#db/db.ts'
import { findMemoryText, holdMemories, insertMemory, listMemories } from '#db/memory.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { JsonObject } from '../json.ts'
import type { StoredRun } from '../runs/stored.ts'
import type { SendOrder } from '../sending/order.ts'
import { requireSpender } from '../teams/spender.ts'
import type { Supply } from '../tools/supply.ts'
import { ToolError } from '../tools/tool.ts'
import { MEMORIES_MOST, memoriesFull } from './memory.ts'
import { ASKED_BY_AGENT, taintsBefore } from './run/taint.ts'
import { turnOf } from './run/turn.ts'

/** Tells the tool what from outside may be in what it is asked to keep. Refused where there is no room for more. */
export async function supplyMemory(
  core: Pick<Core, 'db' | 'tools' | 'outbound'>,
  run: StoredRun,
  input: JsonObject,
): Promise<Supply> {
  const kept = await listMemories.all(core.db, { owner: contextKey(run.context), limit: MEMORIES_MOST })
  if (kept.length >= MEMORIES_MOST) throw new ToolError('limit_exceeded', memoriesFull().message)
  const taints = await taintsBefore(core, run, {})
  const { taints: ofAgent } = await askedBy(core.db, run)
  // What the agent had seen says more than that there was an agent.
  const outside = new Set([...taints.filter((taint) => taint !== ASKED_BY_AGENT), ...ofAgent])
  return { input, context: { outbound: core.outbound, outside: [...outside] } }
}

/**
 * Remembers what a step wants kept, for the context of its run and no other, in the transaction in which that step succeeds: once.
 * What is there in the same words is not kept again. Whoever may not work there any more has nothing remembered, and the
 * record says so.
 */
export async function keepMemory(
  core: Pick<Core, 'ids' | 'clock'>,
  tx: Tx,
  run: StoredRun,
  { text, outside }: Extract<SendOrder, { kind: 'memory' }>,
): Promise<void> {
  const owner = contextKey(run.context)
  const nowMs = core.clock.nowMs()
  const { agentId } = await askedBy(tx, run)
  const savedBy = agentId ?? run.row.account_id
  const event = { actor: run.row.account_id, context: owner }
  await holdMemories.first(tx, { owner })
  if (await findMemoryText.first(tx, { owner, text })) return
  const why = await whyNot(tx, run)
  if (why) {
    await appendEvents(tx, nowMs, [{ ...event, type: 'memory.refused', subject: run.row.id, details: { why } }])
    return
  }
  const id = core.ids.newId('mem')
  await insertMemory.run(tx, { id, owner, text, saved_by: savedBy, at_ms: nowMs, outside })
  const details = { savedBy, runId: run.row.id, ...(outside === null ? {} : { outside }) }
  await appendEvents(tx, nowMs, [{ ...event, type: 'memory.added', subject: id, details }])
}

async function whyNot(tx: Tx, { row, context }: StoredRun): Promise<string | undefined> {
  if ((await listMemories.all(tx, { owner: contextKey(context), limit: MEMORIES_MOST })).length >= MEMORIES_MOST) {
    return memoriesFull().message
  }
  try {
    await requireSpender(tx, { accountId: row.account_id, context }, [])
    return undefined
  } catch (error) {
    if (error instanceof AppError) return error.message
    throw error
  }
}

/** The agent whose call this run is, and what from outside it had seen by then. */
async function askedBy(on: Reader, { row }: StoredRun): Promise<{ agentId?: string; taints: string[] }> {
  if (row.parent_run_id === null || row.parent_seq === null) return { taints: [] }
  const rows = await listTurnsOfStep.all(on, { runId: row.parent_run_id, seq: row.parent_seq })
  const turns = rows.map(turnOf)
  const start = turns.findLast((turn) => turn.kind === 'start')
  const seen = turns.flatMap((turn) => {
    if (turn.kind === 'start') return turn.taints
    return turn.kind === 'result' && turn.taint !== null ? [turn.taint] : []
  })
  return { ...(start ? { agentId: start.agentId } : {}), taints: [...new Set(seen)] }
}
