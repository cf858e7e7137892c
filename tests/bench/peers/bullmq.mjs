import { FlowProducer, Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'

let queues = 0

/** Three steps that hand a value on, in one of the three ways that BullMQ has for them. */
export async function start(url, shape) {
  const connect = () => new Redis(url, { maxRetriesPerRequest: null })
  const name = `bench-${process.pid}-${++queues}`
  const queue = new Queue(name, { connection: connect() })
  const flows = new FlowProducer({ connection: connect() })
  const ended = new Map()
  const end = (run) => {
    ended.get(run)?.()
    ended.delete(run)
  }
  const shapes = {
    job: {
      begin: (run) => queue.add('run', { run, value: 'x' }),
      async work(job) {
        let { value } = job.data
        for (const step of ['first', 'second', 'third']) {
          value = String(value)
          await job.updateProgress({ step, value })
        }
        return { value }
      },
      completed: (job) => end(job.data.run),
    },
    chain: {
      begin: (run) => queue.add('step', { run, step: 1, value: 'x' }),
      async work({ data: { run, step, value } }) {
        if (step < 3) await queue.add('step', { run, step: step + 1, value })
        return { value }
      },
      completed: ({ data }) => data.step === 3 && end(data.run),
    },
    flow: {
      begin: (run) => {
        const step = (number, children) => ({
          name: 'step',
          queueName: name,
          data: { run, step: number, value: 'x' },
          children,
        })
        return flows.add(step(3, [step(2, [step(1)])]))
      },
      async work(job) {
        const [before] = Object.values(await job.getChildrenValues())
        return { value: before?.value ?? job.data.value }
      },
      completed: ({ data }) => data.step === 3 && end(data.run),
    },
  }
  const { begin, work, completed } = shapes[shape]
  const worker = new Worker(name, work, { connection: connect(), concurrency: 50 })
  worker.on('completed', completed)
  let runs = 0
  return {
    async one() {
      const run = `run-${++runs}`
      const done = new Promise((resolve) => ended.set(run, resolve))
      await begin(run)
      await done
    },
    async stop() {
      await worker.close(true)
    },
  }
}
