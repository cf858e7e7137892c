import { setTimeout as sleep } from 'node:timers/promises'
import { PgBoss } from 'pg-boss'

const STAGES = ['first', 'second', 'third']
const BATCH = 50

/** A chain of three jobs, fetched, put in and completed in batches: without its polling pauses. */
export async function start(url) {
  const boss = new PgBoss({ connectionString: url, schedule: false, max: 10 })
  boss.on('error', (error) => console.error(error))
  await boss.start()
  for (const stage of STAGES) await boss.createQueue(stage)
  const ended = new Map()
  let isStopped = false
  const work = async (stage, next) => {
    while (!isStopped) {
      const jobs = await boss.fetch(stage, { batchSize: BATCH })
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
      if (next) continue
      for (const { data } of jobs) {
        ended.get(data.run)?.()
        ended.delete(data.run)
      }
    }
  }
  const working = STAGES.map((stage, index) => work(stage, STAGES[index + 1]))
  let runs = 0
  return {
    async one() {
      const run = `run-${++runs}`
      const done = new Promise((resolve) => ended.set(run, resolve))
      await boss.send('first', { run, value: 'x' })
      await done
    },
    async stop() {
      isStopped = true
      await Promise.all(working)
      await boss.stop({ graceful: false, close: true })
    },
  }
}
