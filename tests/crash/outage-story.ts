import { setTimeout as sleep } from 'node:timers/promises'
import type { PostgresServer } from '#tests/support/postgres.ts'
import { noErrorsLogged } from './checks/work.ts'
import type { CrashDatabase } from './database.ts'
import { CrashHarness } from './harness.ts'
import { judge, type Report, seconds } from './judge.ts'
import { Random } from './random.ts'

export interface OutageOptions {
  runs: number
  /** How often the database goes away. */
  outages: number
  nodes: number
  seed: number
  recoverMs?: number | undefined
  root?: string
  tell?: (line: string) => void
}

const UP_MIN_MS = 5_000
const UP_MAX_MS = 10_000
const DOWN_MAX_MS = 2_000

/** The program stays, and the database goes away and comes back, again and again, while commands come in. */
export async function tellOutages(
  database: CrashDatabase,
  server: PostgresServer,
  { runs, outages, nodes, seed, recoverMs, root, tell = () => {} }: OutageOptions,
): Promise<Report> {
  const random = new Random(seed)
  const beganMs = performance.now()
  const people = Math.min(60, Math.max(6, Math.round(runs / 8)))
  const harness = await CrashHarness.create(database, { people, nodes, ...(root ? { root } : {}) })
  try {
    await harness.startAll()
    let said = 0
    for (let outage = 1; outage <= outages; outage++) {
      const upMs = random.whole(UP_MIN_MS, UP_MAX_MS)
      const share = Math.round((runs * outage) / outages) - said
      for (let index = 0; index < share; index++) {
        harness.sayAny(random, `w${String(++said).padStart(5, '0')}`)
        await sleep(upMs / share)
      }
      const downMs = random.whole(0, DOWN_MAX_MS)
      await server.interrupt(downMs)
      tell(`outage ${outage} of ${outages}: ${downMs} ms, ${said} commands so far, after ${seconds(beganMs)}`)
    }
    // That the database is away is worth an error in the log; that something was lost would not be.
    return await judge(harness, { seed, runs, recoverMs, tell, beganMs, random, without: [noErrorsLogged] })
  } finally {
    await harness.end()
  }
}
