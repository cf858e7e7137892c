import type { Tx } from '#db/db.ts'
import { countWaiters, type FundsWaitRow, holdFundsWait, moveFundsWait, putFundsWait } from '#db/funds-waits.ts'
import { findRun } from '#db/runs.ts'
import { contextKey, walletOf } from '../context.ts'
import type { Core } from '../core.ts'
import type { Shortage } from '../economy/shortage.ts'
import { wakeWaiting } from '../economy/wake.ts'
import { formatUsd } from '../money.ts'
import type { StoredRun } from './stored.ts'

/** A run that waits for money longer than this is ended. */
export const FUNDS_WAIT_MS = 24 * 60 * 60 * 1000

/** Why a run waits, as clients see it: what is too small, what it needs, and how long it is kept. */
export type WaitingFor = {
  kind: 'funds'
  /** `available` for money in the wallet, else the limit. */
  limit: string
  message: string
  neededUsd: string
  /** What the wallet or the limit would have to have more, when it was last looked at. */
  missingUsd: string
  expiresAt: string
  /** Of the limit or the wallet, as in a refusal: `availableUsd`, `limitUsd`, `usedUsd`, `resetsAt`, `limitRuns`, … */
  facts: Record<string, string | number>
}

type StoredShortage = Pick<Shortage, 'message' | 'facts' | 'missingRuns'> & { missingUsd: string }

export const shortageJson = ({ message, facts, missingMicros, missingRuns }: Shortage): string =>
  JSON.stringify({ message, facts, missingRuns, missingUsd: formatUsd(missingMicros) } satisfies StoredShortage)

export function waitingForOf(
  row: Pick<FundsWaitRow, 'limit_name' | 'shortage_json' | 'amount_micros' | 'expires_at_ms'>,
): WaitingFor {
  const { message, facts, missingUsd } = JSON.parse(row.shortage_json) as StoredShortage
  return {
    kind: 'funds',
    limit: row.limit_name,
    message,
    neededUsd: formatUsd(row.amount_micros),
    missingUsd,
    expiresAt: new Date(row.expires_at_ms).toISOString(),
    facts,
  }
}

export interface NewWait {
  shortage: Shortage
  amountMicros: bigint
  /** To be counted against a limit of runs when the money is held. */
  runs: number
  /** False for a run in the midst of its work. Else who started it must still be allowed to spend when the money is there. */
  isStart: boolean
  /** Whether the request that made the run is answered with this, also when it is asked again. */
  isAnswer?: boolean
  nowMs: number
}

/** A run begins to wait for money or room, in the transaction in which it was found that there is none. */
export async function beginFundsWait(
  core: Pick<Core, 'queue' | 'clock'>,
  tx: Tx,
  { row: { id, account_id }, context }: Pick<StoredRun, 'row' | 'context'>,
  { shortage, amountMicros, runs, isStart, isAnswer = false, nowMs }: NewWait,
): Promise<WaitingFor> {
  const key = contextKey(context)
  const wait = {
    run_id: id,
    context: key,
    account_id,
    is_start: isStart ? 1 : 0,
    amount_micros: amountMicros,
    runs,
    limit_name: shortage.limit,
    shortage_json: shortageJson(shortage),
    created_at_ms: nowMs,
    expires_at_ms: nowMs + FUNDS_WAIT_MS,
  }
  const waitingFor = waitingForOf(wait)
  await putFundsWait.run(tx, { ...wait, accepted_json: isAnswer ? JSON.stringify(waitingFor) : null })
  await countWaiters.run(tx, { wallet: walletOf(context), by: 1 })
  // Money that came while this was being written found nobody waiting: it is looked at once more, after the commit.
  await wakeWaiting(core, tx, key)
  return waitingFor
}

/**
 * Takes over what was held for a run from outside, in the transaction of the worker that has the run: with it in hand the
 * run as it is now, or undefined when nothing came. From then on nobody else funds this wait.
 */
export async function takeFunds(tx: Tx, run: StoredRun, nowMs: number): Promise<StoredRun | undefined> {
  const { id } = run.row
  const wait = await holdFundsWait.first(tx, { runId: id })
  if (wait?.state !== 'funded') return undefined
  await moveFundsWait.run(tx, { runId: id, from: 'funded', to: 'taken', endedAtMs: nowMs })
  const stored = await findRun.first(tx, { id })
  if (!stored) return undefined
  return { ...run, row: { ...run.row, held_micros: stored.held_micros, holds: stored.holds } }
}

/** The run does not wait any more, and not because money came. */
export async function endFundsWait(tx: Tx, { row, context }: StoredRun, nowMs: number): Promise<void> {
  const moved = await moveFundsWait.run(tx, { runId: row.id, from: 'waiting', to: 'ended', endedAtMs: nowMs })
  if (moved > 0) await countWaiters.run(tx, { wallet: walletOf(context), by: -1 })
}
