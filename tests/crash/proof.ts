import type { Dialect } from '#db/db.ts'
import type { PostgresServer } from '#tests/support/postgres.ts'
import { type CrashDatabase, postgresDatabase, sqliteDatabase } from './database.ts'
import { tellFreezes } from './freeze-story.ts'
import { tellGates } from './gates-story.ts'
import type { Report } from './judge.ts'
import { tellOutages } from './outage-story.ts'
import { describe, holds, type Proven } from './report.ts'
import { tellStory } from './story.ts'

export interface ProofOptions {
  dialect: Dialect
  /** The server on which databases are made; needed on Postgres. */
  server: PostgresServer | undefined
  kills: number
  runs: number
  nodes: number
  /** Of the kills at random points; the program's own when left out. */
  leaseMs?: number | undefined
  /** Each n-th gate; 0 for none. */
  gates: number
  outages: number
  freezes: number
  seed: number
  print(line: string): void
  /** The program's folder, when a safeguard was taken out of it. One finding ends the proof then. */
  mutant?: string
}

const RUNS_PER_OUTAGE = 40
/** A mutant that lost something will not find it by waiting; steps that were cut off often only wait, and are not lost. */
const MUTANT_RECOVER_MS: Record<Dialect, number> = { sqlite: 30_000, postgres: 60_000 }

/** Each part that is asked for, one after the other, each on a database of its own; a mutant's only up to its end. */
export async function prove(options: ProofOptions): Promise<Proven[]> {
  const { dialect, seed, mutant, print } = options
  const proven: Proven[] = []
  for (const { title, tell } of partsOf(options)) {
    print(`\n── ${dialect}: ${title}, seed ${seed}`)
    const report = await tell()
    print(describe(report))
    proven.push({ dialect, title, report })
    if (mutant && !holds(proven)) break
  }
  return proven
}

interface Part {
  title: string
  tell(): Promise<Report>
}

function partsOf(options: ProofOptions): Part[] {
  const { dialect, server, kills, runs, nodes, leaseMs, gates, outages, freezes, seed, mutant, print } = options
  const newDatabase = async (): Promise<CrashDatabase> => (server ? postgresDatabase(server.url) : sqliteDatabase())
  const common = {
    seed,
    tell: print,
    ...(mutant ? { root: mutant, recoverMs: MUTANT_RECOVER_MS[dialect] } : {}),
  }
  const parts: Part[] = []
  if (kills > 0) {
    parts.push({
      title: `${kills} kills at random points, ${runs} runs, ${nodes === 1 ? 'one process' : `${nodes} processes`}`,
      tell: async () => tellStory(await newDatabase(), { ...common, kills, runs, nodes, leaseMs }),
    })
  }
  if (gates > 0) {
    parts.push({
      title: gates === 1 ? 'every commit and call in turn' : `one of ${gates} commits and calls, in turn`,
      tell: async () => tellGates(await newDatabase(), { ...common, every: gates }),
    })
  }
  if (freezes > 0) {
    parts.push({
      title: `one of three processes frozen for three leases, ${freezes} times`,
      tell: async () => tellFreezes(await newDatabase(), { ...common, freezes }),
    })
  }
  if (server && outages > 0) {
    const story = { ...common, outages, runs: RUNS_PER_OUTAGE * outages, nodes }
    parts.push({
      title: `${outages} times without a database`,
      tell: async () => tellOutages(await newDatabase(), server, story),
    })
  }
  return parts
}
