import { setTimeout as sleep } from 'node:timers/promises'
import type { CrashDatabase } from './database.ts'
import { CrashHarness } from './harness.ts'
import { judge, type Report, seconds } from './judge.ts'
import { Random } from './random.ts'

export interface FreezeOptions {
  /** How often a process is stopped for three leases and goes on. */
  freezes: number
  seed: number
  recoverMs?: number | undefined
  root?: string
  tell?: (line: string) => void
}

/** The shortest that is allowed: what is frozen must lose its work to others, again and again. */
const LEASE_MS = 1_000
const FROZEN_MS = 3 * LEASE_MS + 200
const COMMANDS_PER_FREEZE = 6
const BUSY_MAX_MS = 120
const TELL_EVERY = 10

/**
 * One of three processes stands still in the middle of its work, for so long that others take it over, and then goes on
 * as if nothing had been: whatever it still holds in its hands, it may write nothing of it.
 */
export async function tellFreezes(database: CrashDatabase, options: FreezeOptions): Promise<Report> {
  const { freezes, seed, root, recoverMs, tell = () => {} } = options
  const random = new Random(seed)
  const beganMs = performance.now()
  const nodes = 3
  const environment = { LEASE_MS: String(LEASE_MS) }
  const harness = await CrashHarness.create(database, { people: 12, nodes, environment, ...(root ? { root } : {}) })
  try {
    await harness.startAll()
    let runs = 0
    for (let freeze = 1; freeze <= freezes; freeze++) {
      for (let index = 0; index < COMMANDS_PER_FREEZE; index++) {
        harness.sayAny(random, `w${String(++runs).padStart(5, '0')}`)
      }
      await sleep(random.whole(0, BUSY_MAX_MS))
      await harness.freeze(random.whole(0, nodes - 1), FROZEN_MS)
      if (freeze % TELL_EVERY === 0) tell(`frozen ${freeze} of ${freezes} times after ${seconds(beganMs)}`)
    }
    return await judge(harness, { seed, runs, recoverMs, tell, beganMs, random })
  } finally {
    await harness.end()
  }
}
