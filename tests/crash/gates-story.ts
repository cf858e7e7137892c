import type { CrashDatabase } from './database.ts'
import { CrashHarness } from './harness.ts'
import { CRASH_JOBS } from './jobs.ts'
import { judge, type Report } from './judge.ts'
import { Random } from './random.ts'

export interface GatesOptions {
  seed: number
  /** Only each n-th gate, to be quicker. Another seed begins at another, so that a few of them meet all. */
  every?: number
  recoverMs?: number | undefined
  /** The program's folder, when it is another one than this. */
  root?: string
  tell?: (line: string) => void
}

const PEOPLE = 6
/**
 * On Postgres a dead process is followed when its lease ends; with hundreds of deaths a short one saves hours. Not shorter
 * than a busy machine stands still: who loses a lease begins its steps again, and nobody was killed.
 */
const LEASE_MS = 3_000
const TELL_EVERY = 20

/**
 * The program is ended at its first gate, then at its second, and so on, until all there is to do is done before it comes
 * to its gate: then each commit and each call was cut off once, before and behind. Each life finds what the one before
 * left, and a new command of each kind.
 */
export async function tellGates(database: CrashDatabase, options: GatesOptions): Promise<Report> {
  const { seed, every = 1, tell = () => {}, root, recoverMs } = options
  const random = new Random(seed)
  const beganMs = performance.now()
  const environment = { LEASE_MS: String(LEASE_MS) }
  const harness = await CrashHarness.create(database, { people: PEOPLE, environment, ...(root ? { root } : {}) })
  try {
    let runs = 0
    const sayAll = (): void => {
      for (const job of CRASH_JOBS) harness.sayJob(random, job, `w${String(++runs).padStart(5, '0')}`)
    }
    sayAll()
    let lives = 0
    for (let gate = 1 + (seed % every); await harness.liveUntil(gate); gate += every) {
      if (++lives % TELL_EVERY === 0) tell(`ended at gate ${gate}`)
      sayAll()
    }
    return await judge(harness, { seed, runs, recoverMs, tell, beganMs, random })
  } finally {
    await harness.end()
  }
}
