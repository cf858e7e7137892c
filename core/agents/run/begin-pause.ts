import { insertAgentTurn } from '#db/agent-turns.ts'
import type { Tx } from '#db/db.ts'
import type { Core } from '../../core.ts'
import { insertChild } from '../../runs/child.ts'
import type { StoredRun } from '../../runs/stored.ts'
import type { Pause } from './pause.ts'
import { turnRow } from './turn.ts'

/**
 * What an agent's wait for a run of its own brings with it, in the transaction in which its step begins to wait: the run and
 * the turn that names it. Gives the id of a new run.
 */
export async function beginNested(
  core: Pick<Core, 'ids' | 'queue' | 'clock'>,
  tx: Tx,
  run: StoredRun,
  pause: Extract<Pause, { for: 'job' }>,
): Promise<string | undefined> {
  if (pause.child === null) return undefined
  const childRunId = await insertChild(core, tx, run, { ...pause.child, seq: pause.place.seq })
  const { n, toolId, hash } = pause.call
  const spent = { costMicros: 0n, tookMs: 0, nowMs: core.clock.nowMs() }
  await insertAgentTurn.run(tx, turnRow(pause.place, { kind: 'call', n, toolId, hash, childRunId }, spent))
  return childRunId
}

/** The turn of a question to people, beside the review that was opened for it. */
export async function noteQuestion(
  tx: Tx,
  { place, call }: Extract<Pause, { for: 'review' }>,
  reviewId: string,
  nowMs: number,
): Promise<void> {
  const { n, toolId, hash, definitionHash } = call
  const spent = { costMicros: 0n, tookMs: 0, nowMs }
  await insertAgentTurn.run(tx, turnRow(place, { kind: 'approval', n, toolId, hash, definitionHash, reviewId }, spent))
}
