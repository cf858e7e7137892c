import type { Dialect } from '#db/db.ts'
import type { PostgresServer } from '#tests/support/postgres.ts'
import { type CrashDatabase, postgresDatabase, sqliteDatabase } from './database.ts'
import { tellFreezes } from './freeze-story.ts'
import { tellGates } from './gates-story.ts'
import type { Report } from './judge.ts'
import { tellOutages } from './outage-story.ts'
import { tellStory } from './story.ts'

export interface ProofOptions {
  dialect: Dialect
  /** The server on which databases are made; needed on Postgres. */
  server: PostgresServer | undefined
  kills: number
  runs: number
  nodes: number
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
/** A mutant that lost something will not find it by waiting. */
const MUTANT_RECOVER_MS: Record<Dialect, number> = { sqlite: 10_000, postgres: 45_000 }
/** Findings shown of each check; the first ones tell the story. */
const SHOWN_MAX = 6

/** Each part that is asked for, one after the other, each on a database of its own. True when all of them hold. */
export async function prove(options: ProofOptions): Promise<boolean> {
  const { dialect, seed, mutant, print } = options
  let holds = true
  for (const { title, tell } of partsOf(options)) {
    print(`\n── ${dialect}: ${title}, seed ${seed}`)
    const report = await tell()
    print(describe(report))
    holds &&= report.findings.length === 0
    if (mutant && !holds) return false
  }
  return holds
}

interface Part {
  title: string
  tell(): Promise<Report>
}

function partsOf(options: ProofOptions): Part[] {
  const { dialect, server, kills, runs, nodes, gates, outages, freezes, seed, mutant, print } = options
  const newDatabase = async (): Promise<CrashDatabase> => (server ? postgresDatabase(server.url) : sqliteDatabase())
  const common = {
    seed,
    tell: print,
    ...(mutant ? { root: mutant, recoverMs: MUTANT_RECOVER_MS[dialect] } : {}),
  }
  const parts: Part[] = []
  if (kills > 0) {
    parts.push({
      title: `${kills} kills at random points, ${runs} runs, ${nodes} processes`,
      tell: async () => tellStory(await newDatabase(), { ...common, kills, runs, nodes }),
    })
  }
  if (gates > 0) {
    parts.push({
      title: gates === 1 ? 'every commit and call in turn' : `every ${gates}th commit and call in turn`,
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

function describe({ findings, kills, runs, recoveredMs, tookMs }: Report): string {
  const left = kills.flatMap((kill) => kill.left ?? [])
  const most = (name: keyof (typeof left)[number]): number => Math.max(0, ...left.map((backlog) => backlog[name]))
  const total = (name: keyof (typeof left)[number]): number => left.reduce((sum, backlog) => sum + backlog[name], 0)
  const met =
    left.length === 0
      ? []
      : [
          `Met by ${left.length} of the kills, together (at most at once):`,
          `  runs under way ${total('runs')} (${most('runs')}), claimed work ${total('claimed')} (${most('claimed')})`,
          `  updates stored and not handled ${total('inbox')} (${most('inbox')})`,
          `  messages not sent ${total('outbox')} (${most('outbox')}), sent or not, nobody knows ${total('sending')} (${most('sending')})`,
        ]
  return [
    `${runs} runs, ${kills.length} kills: ${(tookMs / 1000).toFixed(1)} s, the last recovery ${(recoveredMs / 1000).toFixed(1)} s`,
    ...met,
    findings.length === 0 ? 'Everything holds.' : `${findings.length} findings:`,
    ...[...Map.groupBy(findings, ({ check }) => check)].flatMap(([check, found]) => [
      `  ${check}: ${found.length}`,
      ...found.slice(0, SHOWN_MAX).map(({ what }) => `    ${what}`),
    ]),
  ].join('\n')
}
