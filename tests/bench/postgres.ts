import { setTimeout as sleep } from 'node:timers/promises'
import { PgBoss } from 'pg-boss'
import { startPostgres } from '#tests/support/postgres.ts'
import { newPostgresDatabase } from './postgres-database.ts'
import { median, rate, spread, startEngine } from './writes.ts'

const AT_ONCE = 50
const ROUNDS = Number(process.env.ROUNDS ?? 5)
const RUNS = Number(process.env.RUNS ?? 1_500)

/**
 * Durable three-step runs a second on Postgres, fifty at once: the whole engine on one node, beside pg-boss with a chain of
 * three jobs, fetched, put in and completed in batches of fifty.
 */
export async function benchPostgres(): Promise<void> {
  const given = process.env.TEST_DATABASE_URL
  const server = given ? { url: given, stop: async () => {} } : await startPostgres()
  try {
    const engine = await startEngine(await newPostgresDatabase(server.url))
    const chain = await startChain(await newPostgresDatabase(server.url))
    const [ours, theirs]: [number[], number[]] = [[], []]
    await engine.run(200)
    await chain.run(200)
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await rate(RUNS, () => engine.run(RUNS)))
      theirs.push(await rate(RUNS, () => chain.run(RUNS)))
    }
    await chain.stop()
    await engine.stop()
    const [a, b] = [median(ours), median(theirs)]
    console.log(`durable three-step runs per second on Postgres, ${AT_ONCE} at once, median of ${ROUNDS}`)
    console.log(`  engine (runs, steps, ledger, events, outbox)   ${a.toFixed(0).padStart(6)}  ${spread(ours)}`)
    console.log(`  pg-boss, three jobs in a chain                 ${b.toFixed(0).padStart(6)}  ${spread(theirs)}`)
    console.log(`  ratio                                          ${(a / b).toFixed(2).padStart(6)}×`)
  } finally {
    await server.stop()
  }
}

const STAGES = ['first', 'second', 'third'] as const

async function startChain(url: string): Promise<{ run(count: number): Promise<void>; stop(): Promise<void> }> {
  const boss = new PgBoss({ connectionString: url, schedule: false, max: 10 })
  boss.on('error', (error) => console.error(error))
  await boss.start()
  for (const stage of STAGES) await boss.createQueue(stage)
  const ended = new Map<string, () => void>()
  let isStopped = false
  const work = async (stage: (typeof STAGES)[number]): Promise<void> => {
    const next = STAGES[STAGES.indexOf(stage) + 1]
    while (!isStopped) {
      const jobs = await boss.fetch<{ id: string }>(stage, { batchSize: AT_ONCE })
      if (jobs.length === 0) {
        await sleep(1)
        continue
      }
      if (next)
        await boss.insert(
          next,
          jobs.map(({ data }) => ({ data })),
        )
      await boss.complete(
        stage,
        jobs.map(({ id }) => id),
      )
      if (!next) for (const { data } of jobs) ended.get(data.id)?.()
    }
  }
  const working = STAGES.map(work)
  let runs = 0
  return {
    async run(count) {
      let begun = 0
      const submit = async (): Promise<void> => {
        while (begun++ < count) {
          const id = `run-${++runs}`
          const done = new Promise<void>((resolve) => void ended.set(id, resolve))
          await boss.send('first', { id })
          await done
          ended.delete(id)
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, submit))
    },
    async stop() {
      isStopped = true
      await Promise.all(working)
      await boss.stop({ graceful: false, close: true })
    },
  }
}
