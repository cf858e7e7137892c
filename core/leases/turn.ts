import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { pause } from '../pause.ts'
import { acquireLease, isLeaseFree, keepLease, type Lease, releaseLease } from './lease.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'log'>

export interface Turn {
  /** What only one process may do at a time. */
  resource: string
  purpose: string
  /** After this long without a sign of life another process takes over. */
  ttlMs: number
  /** Ends it all: the work is stopped and the resource given back. */
  stop: AbortSignal
}

/** How often those who wait look whether the resource has become free. */
const LOOK_MS = 1_000
/** After the work has failed; whoever else can do it better gets the chance. */
const FAILED_MS = 5_000
/** Of its lease a holder that cannot reach the database uses this much: it must have ended before another begins. */
const OWN_SHARE = 2 / 3

/**
 * Does something whenever it is this process's turn, one process at a time: takes the resource when it is free, works
 * until its signal ends it, and gives it back. Takes over from a process that died when its lease ends, from one that
 * stops at once. Resolves when it was told to stop and the work has ended.
 */
export async function inTurn(core: Needs, turn: Turn, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const holder = core.ids.newSecret()
  while (!turn.stop.aborted) {
    const lease = await take(core, turn, holder)
    if (!lease) {
      await pause(core.clock, Math.min(LOOK_MS, turn.ttlMs / 3), turn.stop)
      continue
    }
    const hasFailed = await workUnder(core, turn, lease, work)
    await core.db.write((tx) => releaseLease(tx, lease, core.clock.nowMs())).catch(() => {})
    if (hasFailed) await pause(core.clock, FAILED_MS, turn.stop)
  }
}

async function take(core: Needs, { resource, purpose, ttlMs }: Turn, holder: string): Promise<Lease | undefined> {
  const { db, clock, log } = core
  try {
    if (!(await isLeaseFree(db, resource, clock.nowMs()))) return undefined
    return await db.write(async function takeTurn(tx) {
      return acquireLease(tx, { resource, holder, purpose, ttlMs }, clock.nowMs())
    })
  } catch (err) {
    log.warn({ err, resource }, 'A lease could not be asked for; it will be tried again')
    return undefined
  }
}

/** True when the work ended in a failure of its own. */
async function workUnder(
  core: Needs,
  { resource, ttlMs, stop }: Turn,
  lease: Lease,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const lost = new AbortController()
  const endBeating = beat(core, lease, ttlMs, () => lost.abort())
  core.log.info({ resource, epoch: lease.epoch }, 'This process has the lease')
  try {
    await work(AbortSignal.any([stop, lost.signal]))
    return false
  } catch (err) {
    core.log.error({ err, resource }, 'What runs under a lease has failed and will be tried again')
    return true
  } finally {
    endBeating()
  }
}

/** Signs of life until it is ended; `isLost` when the lease is another's, or too long nobody could be told. */
function beat(core: Needs, lease: Lease, ttlMs: number, isLost: () => void): () => void {
  const { db, clock } = core
  let heardAtMs = clock.nowMs()
  const timer = setInterval(() => {
    const nowMs = clock.nowMs()
    if (nowMs - heardAtMs > ttlMs * OWN_SHARE) isLost()
    db.write((tx) => keepLease(tx, lease, nowMs)).then(
      () => {
        heardAtMs = nowMs
      },
      (error) => {
        if (error instanceof AppError) isLost()
      },
    )
  }, ttlMs / 4)
  return () => clearInterval(timer)
}
