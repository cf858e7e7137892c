import { parseArgs } from 'node:util'
import type { Dialect } from '#db/db.ts'
import { startPostgres } from '#tests/support/postgres.ts'
import { type CrashDatabase, postgresDatabase, sqliteDatabase } from './database.ts'
import { MUTANTS, withMutant } from './mutants.ts'
import { type Report, type StoryOptions, tellStory } from './story.ts'

/**
 * `npm run crash -- --runs 200 --kills 40 --nodes 2 --db postgres --seed 7`: exits with 1 when anything is not as it
 * must be. With `--mutants` it takes out one safeguard after the other, and exits with 1 when one is not missed.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    kills: { type: 'string', default: '40' },
    nodes: { type: 'string', default: '1' },
    db: { type: 'string', default: 'sqlite' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    mutants: { type: 'boolean', default: false },
  },
})
const dialect = values.db
if (dialect !== 'sqlite' && dialect !== 'postgres') throw new Error('--db is sqlite or postgres')
const options: StoryOptions = {
  runs: Number(values.runs),
  kills: Number(values.kills),
  nodes: Number(values.nodes),
  seed: Number(values.seed),
}
/** Of each check; the first ones tell the story. */
const SHOWN_MAX = 6
/** A mutant that lost something will not find it by waiting. */
const MUTANT_RECOVER_MS: Record<Dialect, number> = { sqlite: 10_000, postgres: 45_000 }

const print = (line: string): void => void process.stdout.write(`${line}\n`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    print(`Stopped by ${signal}; nothing is proven.`)
    process.exit(130)
  })
}
print(`${options.runs} runs, ${options.kills} kills, ${options.nodes} processes on ${dialect}, seed ${options.seed}`)
process.exit((await withDatabases(dialect, values.mutants ? catchMutants : proveOnce)) ? 0 : 1)

async function proveOnce(database: () => Promise<CrashDatabase>): Promise<boolean> {
  const report = await tellStory(await database(), { ...options, tell: print })
  print(describe(report))
  return report.findings.length === 0
}

async function catchMutants(database: () => Promise<CrashDatabase>): Promise<boolean> {
  let areAllCaught = true
  for (const mutant of MUTANTS.filter((one) => (one.dialect ?? dialect) === dialect)) {
    const recoverMs = MUTANT_RECOVER_MS[dialect as Dialect]
    const { findings } = await withMutant(mutant, async (root) =>
      tellStory(await database(), { ...options, root, recoverMs }),
    )
    const by = [...new Set(findings.map(({ check }) => check))]
    print(`${by.length > 0 ? 'caught' : 'MISSED'}: ${mutant.name}${by.length > 0 ? ` (${by.join(', ')})` : ''}`)
    areAllCaught &&= by.length > 0
  }
  return areAllCaught
}

async function withDatabases<T>(on: Dialect, use: (database: () => Promise<CrashDatabase>) => Promise<T>): Promise<T> {
  if (on === 'sqlite') return use(async () => sqliteDatabase())
  const given = process.env.TEST_DATABASE_URL
  const server = given ? { url: given, stop: async () => {} } : await startPostgres()
  try {
    return await use(() => postgresDatabase(server.url))
  } finally {
    await server.stop()
  }
}

function describe({ findings, kills, runs, seed, recoveredMs, tookMs }: Report): string {
  const left = kills.flatMap((kill) => kill.left ?? [])
  const most = (name: keyof (typeof left)[number]): number => Math.max(0, ...left.map((backlog) => backlog[name]))
  const total = (name: keyof (typeof left)[number]): number => left.reduce((sum, backlog) => sum + backlog[name], 0)
  return [
    `${runs} runs, ${kills.length} kills, seed ${seed}: ${(tookMs / 1000).toFixed(1)} s, the last recovery ${(recoveredMs / 1000).toFixed(1)} s`,
    `Met by ${left.length} of the kills, together (at most at once):`,
    `  runs under way ${total('runs')} (${most('runs')}), claimed work ${total('claimed')} (${most('claimed')})`,
    `  updates stored and not handled ${total('inbox')} (${most('inbox')})`,
    `  messages not sent ${total('outbox')} (${most('outbox')}), sent or not, nobody knows ${total('sending')} (${most('sending')})`,
    findings.length === 0 ? 'Everything holds.' : `${findings.length} findings:`,
    ...[...Map.groupBy(findings, ({ check }) => check)].flatMap(([check, found]) => [
      `  ${check}: ${found.length}`,
      ...found.slice(0, SHOWN_MAX).map(({ what }) => `    ${what}`),
    ]),
  ].join('\n')
}
