import { setTimeout as sleep } from 'node:timers/promises'
import { checkLedger } from '#core/economy/check.ts'
import { getRun } from '#core/runs/read.ts'
import { submitRun } from '#core/runs/submit.ts'
import { startWork } from '#core/work.ts'
import { listEventsOf } from '#db/events.ts'
import type { TestDatabase } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { heldCore, heldTool, prepareHeldJob } from './held-job.ts'
import { Worker } from './worker.ts'

const HEIR = 'the heir'

export interface Fenced {
  runs: number
  /** What the frozen worker tried to write after it was thawed. */
  refused: number
  written: number
  /** By whom each run's step was executed, as stored. */
  executedBy: unknown[]
  /** Times that a step was told to have succeeded, for each run. */
  successes: number[]
  ledger: Awaited<ReturnType<typeof checkLedger>>
}

/** A worker that holds this many runs is frozen for three lease lengths, while another takes over; then it goes on. */
export async function freezeAndThaw(database: TestDatabase, runs: number, leaseMs: number): Promise<Fenced> {
  const { db, url } = database
  const core = heldCore({ db, databaseUrl: url, leaseMs, tool: heldTool(HEIR, async () => {}) })
  await core.queue.open()
  const worker = new Worker(url, leaseMs)
  try {
    const actor = await prepareHeldJob(core)
    await worker.until('working')
    const submitted = await Promise.all(
      Array.from({ length: runs }, () => submitRun(core, actor, { target: { job: 'held' }, inputs: {} })),
    )
    await worker.until('holding', ({ tools }) => tools === runs)
    worker.freeze()
    await startWork(core, { senders: new Map() })
    await sleep(3 * leaseMs)
    await eventually(async () => {
      for (const { runId } of submitted) await requireEnded(core, actor, runId)
    }, 30_000)
    worker.thaw()
    const { refused, written } = await worker.until('wrote')
    const stored = await Promise.all(submitted.map(({ runId }) => getRun(core, actor, runId)))
    const events = await Promise.all(
      submitted.map(({ runId }) => listEventsOf.all(db, { subject: runId, after: 0, limit: 100 })),
    )
    return {
      runs,
      refused,
      written,
      executedBy: stored.map(({ outputs }) => outputs?.by),
      successes: events.map((list) => list.filter(({ type }) => type === 'step.succeeded').length),
      ledger: await checkLedger(core),
    }
  } finally {
    await worker.kill()
    await core.queue.stop(500)
    await core.queue.close()
  }
}

/** Of a worker that is killed while it holds a run: milliseconds from the kill until another executes it. */
export async function killAndTakeOver(database: TestDatabase, leaseMs: number): Promise<number> {
  const { db, url } = database
  const taken = Promise.withResolvers<number>()
  const tool = heldTool(HEIR, async () => taken.resolve(performance.now()))
  const core = heldCore({ db, databaseUrl: url, leaseMs, tool })
  await core.queue.open()
  const worker = new Worker(url, leaseMs)
  try {
    const actor = await prepareHeldJob(core)
    await worker.until('working')
    await submitRun(core, actor, { target: { job: 'held' }, inputs: {} })
    await worker.until('holding')
    await startWork(core, { senders: new Map() })
    await worker.kill()
    const killedMs = performance.now()
    return (await taken.promise) - killedMs
  } finally {
    await worker.kill()
    await core.queue.stop(500)
    await core.queue.close()
  }
}

async function requireEnded(...read: Parameters<typeof getRun>): Promise<void> {
  const { status } = await getRun(...read)
  if (status !== 'succeeded') throw new Error(`${read[2]} is ${status}`)
}
