import type { Tx } from '#db/db.ts'
import { insertRun } from '#db/runs.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import type { Shortage } from '../economy/shortage.ts'
import { appendEvents, type NewEvent } from '../events/append.ts'
import { showRunCard } from './advance.ts'
import { runKey } from './card-key.ts'
import { beginFundsWait, type WaitingFor } from './funds-wait.ts'
import type { StoredRun } from './stored.ts'

/** Writes a new run for which there is no money yet: it stands in the line, and its worker looks when its time is over. */
export async function keepWaiting(
  core: Pick<Core, 'ids' | 'clock' | 'queue'>,
  tx: Tx,
  run: StoredRun,
  created: NewEvent,
  shortage: Shortage,
): Promise<WaitingFor> {
  const { row } = run
  const nowMs = row.created_at_ms
  await insertRun.run(tx, { ...row, status: 'waiting' })
  const wait = { shortage, amountMicros: row.max_micros, runs: 1, isStart: true, nowMs }
  const waitingFor = await beginFundsWait(core, tx, run, wait)
  const { limit, neededUsd, missingUsd, expiresAt } = waitingFor
  const waiting = { for: ['funds'], limit, neededUsd, missingUsd, expiresAt }
  await appendEvents(tx, nowMs, [created, { ...created, type: 'run.waiting', actor: 'system', details: waiting }])
  await core.queue.enqueue(tx, {
    kind: 'run',
    key: runKey(row.id),
    runAtMs: Date.parse(expiresAt),
    fairGroup: contextKey(run.context),
  })
  await showRunCard(core, tx, run)
  return waitingFor
}
