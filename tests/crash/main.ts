import { parseArgs } from 'node:util'
import type { Dialect } from '#db/db.ts'
import { startPostgres } from '#tests/support/postgres.ts'
import { postgresDatabase, sqliteDatabase } from './database.ts'
import { type Report, tellStory } from './story.ts'

/** `npm run crash -- --runs 200 --kills 40 --db postgres --seed 7`: exits with 1 when anything is not as it must be. */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    kills: { type: 'string', default: '40' },
    nodes: { type: 'string', default: '1' },
    db: { type: 'string', default: 'sqlite' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
/** Of each check; the first ones tell the story. */
const SHOWN_MAX = 6
const print = (line: string): void => void process.stdout.write(`${line}\n`)
const options = {
  runs: Number(values.runs),
  kills: Number(values.kills),
  seed: Number(values.seed),
  nodes: Number(values.nodes),
}

async function tellOn(dialect: Dialect): Promise<Report> {
  if (dialect === 'sqlite') return tellStory(sqliteDatabase(), { ...options, tell: print })
  const given = process.env.TEST_DATABASE_URL
  const server = given ? { url: given, stop: async () => {} } : await startPostgres()
  try {
    return await tellStory(await postgresDatabase(server.url), { ...options, tell: print })
  } finally {
    await server.stop()
  }
}

if (values.db !== 'sqlite' && values.db !== 'postgres') throw new Error('--db is sqlite or postgres')
print(
  `${options.runs} runs and ${options.kills} kills on ${values.db} with ${options.nodes} processes, seed ${options.seed}`,
)
const report = await tellOn(values.db)
print(describe(report))
process.exit(report.findings.length === 0 ? 0 : 1)

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
