import { makeWorkerUtils, run } from 'graphile-worker'

/** A chain of three jobs; fifty at once, jobs taken in batches. */
export async function start(url) {
  const utils = await makeWorkerUtils({ connectionString: url })
  await utils.migrate()
  const ended = new Map()
  const runner = await run({
    preset: {
      worker: {
        connectionString: url,
        concurrentJobs: 50,
        maxPoolSize: 50,
        pollInterval: 500,
        localQueue: { size: 50 },
        completeJobBatchDelay: 0,
      },
    },
    noHandleSignals: true,
    taskList: {
      async step({ run: id, step, value }, { addJob }) {
        if (step < 3) await addJob('step', { run: id, step: step + 1, value })
        else {
          ended.get(id)?.()
          ended.delete(id)
        }
      },
    },
  })
  let runs = 0
  return {
    async one() {
      const id = `run-${++runs}`
      const done = new Promise((resolve) => ended.set(id, resolve))
      await utils.addJob('step', { run: id, step: 1, value: 'x' })
      await done
    },
    async stop() {
      await runner.stop()
      await utils.release()
    },
  }
}
