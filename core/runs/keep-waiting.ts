import type { Tx } from '#db/db.ts'
import { holdBackRun, insertRun } from '#db/runs.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import type { Shortage } from '../economy/shortage.ts'
import { appendEvents, type NewEvent } from '../events/append.ts'
import { showRunCard } from './advance.ts'
import { runKey } from './card-key.ts'
import { beginFundsWait, type NewWait, type WaitingFor } from './funds-wait.ts'
import type { StoredRun } from './stored.ts'

type Needs = Pick<Core, 'ids' | 'clock' | 'queue'>

/** Writes a new run for which there is no money yet: it stands in the line, and its worker looks when its time is over. */
export async function keepWaiting(
  core: Needs,
  tx: Tx,
  run: StoredRun,
  created: NewEvent,
  shortage: Shortage,
): Promise<WaitingFor> {
  const { row } = run
  const nowMs = row.created_at_ms
  await insertRun.run(tx, { ...row, status: 'waiting' })
  const wait = { shortage, amountMicros: row.max_micros, runs: 1, isAnswer: true, nowMs }
  return standInLine(core, tx, run, created, wait)
}

/** The same for a run that a person takes up again, and that is written by now: nothing of it goes on before its money is held. */
export async function keepRetryWaiting(
  core: Needs,
  tx: Tx,
  run: StoredRun,
  retried: NewEvent,
  wait: { shortage: Shortage; amountMicros: bigint; nowMs: number },
): Promise<WaitingFor> {
  const { row } = run
  await holdBackRun.run(tx, { id: row.id, heldMicros: row.cost_micros, holds: row.holds })
  return standInLine(core, tx, run, retried, { ...wait, runs: 0 })
}

async function standInLine(
  core: Needs,
  tx: Tx,
  run: StoredRun,
  asked: NewEvent,
  wait: Omit<NewWait, 'isStart'>,
): Promise<WaitingFor> {
  const waitingFor = await beginFundsWait(core, tx, run, { ...wait, isStart: true })
  const { limit, neededUsd, missingUsd, expiresAt } = waitingFor
  const waiting = { for: ['funds'], limit, neededUsd, missingUsd, expiresAt }
  await appendEvents(tx, wait.nowMs, [asked, { ...asked, type: 'run.waiting', actor: 'system', details: waiting }])
  await core.queue.enqueue(tx, {
    kind: 'run',
    key: runKey(run.row.id),
    runAtMs: Date.parse(expiresAt),
    fairGroup: contextKey(run.context),
  })
  await showRunCard(core, tx, run)
  return waitingFor
}
