import type { Tx } from '#db/db.ts'
import { holdFundsWait } from '#db/funds-waits.ts'
import { confirmClaim } from '#db/queue/claims.ts'
import type { Claim } from '#db/queue/queue.ts'
import { findRun } from '#db/runs.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { wakeWaiting } from '../economy/wake.ts'
import { type Advanced, advance } from './advance.ts'
import type { Happened } from './decide.ts'
import { endFundsWait, takeFunds } from './funds-wait.ts'
import type { StoredRun } from './stored.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'settings'>

/** How often a run that a limit keeps waiting has it looked at again: what frees room in another wallet tells nobody. */
const LOOK_AGAIN_MS = 5 * 60 * 1000

/** A run that was kept because there was no money for it, and has not begun. */
export const isAtGate = ({ row }: StoredRun): boolean => row.status === 'waiting' && row.started_at_ms === null

export type Passed = Advanced & { released: boolean; from: StoredRun }

/**
 * Lets a waiting run begin when its money is held, or ends it when it was stopped or has waited too long; undefined, and
 * the claim given back, while it goes on waiting.
 */
export async function passGate(core: Needs, claim: Claim, run: StoredRun): Promise<Passed | undefined> {
  for (;;) {
    const passed = await core.db.write(async function passGateOnce(tx) {
      await confirmClaim(tx, claim)
      return lookAtGate(core, tx, claim, run)
    })
    if (passed !== 'look again') return passed
  }
}

async function lookAtGate(
  core: Needs,
  tx: Tx,
  claim: Claim,
  run: StoredRun,
): Promise<Passed | undefined | 'look again'> {
  const nowMs = core.clock.nowMs()
  const wait = await holdFundsWait.first(tx, { runId: run.row.id })
  const reason = (await findRun.first(tx, { id: run.row.id }))?.cancel_reason ?? null
  if (wait?.state === 'funded') {
    const funded = (await takeFunds(tx, run, nowMs)) ?? run
    return begin(core, tx, claim, funded, reason === null ? { type: 'started' } : { type: 'cancel', reason })
  }
  if (wait?.state === 'waiting' && reason === null && wait.expires_at_ms > nowMs) {
    const nextAtMs = wait.limit_name === 'available' ? wait.expires_at_ms : nowMs + LOOK_AGAIN_MS
    if (wait.limit_name !== 'available') await wakeWaiting(core, tx, contextKey(run.context))
    const released = await core.queue.release(tx, claim, Math.min(nextAtMs, wait.expires_at_ms))
    return released ? undefined : 'look again'
  }
  await endFundsWait(tx, run, nowMs)
  return begin(core, tx, claim, run, { type: 'cancel', reason: reason ?? NOT_IN_TIME })
}

const NOT_IN_TIME = 'There was not enough money or room for it, and none came within a day. Nothing was spent.'

async function begin(
  core: Needs,
  tx: Tx,
  claim: Claim,
  { state, ...run }: StoredRun,
  happened: Happened,
): Promise<Passed> {
  // To the engine it is a run that nobody has begun.
  const from: StoredRun = { ...run, state: { ...state, status: 'queued' } }
  const advanced = await advance(core, tx, from, happened)
  const released = advanced.hasEnded && (await core.queue.release(tx, claim, null))
  return { ...advanced, released, from }
}
