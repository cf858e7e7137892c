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

/** A run that was kept because there was no money for it, and has not begun or not been taken up again: no step of it waits. */
export const isAtGate = ({ row, state }: StoredRun): boolean =>
  row.status === 'waiting' && !state.steps.some(({ status }) => status === 'waiting')

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
    return begin(core, tx, claim, funded, reason)
  }
  if (wait?.state === 'waiting' && reason === null && wait.expires_at_ms > nowMs) {
    const nextAtMs = wait.limit_name === 'available' ? wait.expires_at_ms : nowMs + LOOK_AGAIN_MS
    if (wait.limit_name !== 'available') await wakeWaiting(core, tx, contextKey(run.context))
    const released = await core.queue.release(tx, claim, Math.min(nextAtMs, wait.expires_at_ms))
    return released ? undefined : 'look again'
  }
  await endFundsWait(tx, run, nowMs)
  return begin(core, tx, claim, run, reason ?? (run.pins.retried ? NOT_RETRIED : NOT_IN_TIME))
}

const NOT_IN_TIME = 'There was not enough money or room for it, and none came within a day. Nothing was spent.'
const NOT_RETRIED = 'There was not enough money or room to go on with it, and none came within a day.'

/** With a reason it ends instead. */
async function begin(core: Needs, tx: Tx, claim: Claim, run: StoredRun, reason: string | null): Promise<Passed> {
  const isRetry = run.pins.retried !== undefined
  // To the engine it is a run that nobody has begun; or one whose worker has died, like every one that is taken up again.
  const from: StoredRun = isRetry ? run : { ...run, state: { ...run.state, status: 'queued' } }
  const begins: Happened = { type: isRetry ? 'recovered' : 'started' }
  const happened: Happened = reason === null ? begins : { type: 'cancel', reason }
  const advanced = await advance(core, tx, from, happened)
  const released = advanced.hasEnded && (await core.queue.release(tx, claim, null))
  return { ...advanced, released, from }
}
