import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAccountByOperator } from '#core/accounts/create.ts'
import type { Actor } from '#core/actor.ts'
import { personal } from '#core/context.ts'
import type { Core } from '#core/core.ts'
import { createCore } from '#core/create-core.ts'
import { saveJob } from '#core/jobs/save.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { getRun } from '#core/runs/read.ts'
import { submitRun } from '#core/runs/submit.ts'
import { DEFAULT_SETTINGS } from '#core/settings.ts'
import { createToolRegistry } from '#core/tools/registry.ts'
import { startWork } from '#core/work.ts'
import { migrateUp } from '#db/migrate.ts'
import { openDatabase } from '#db/open.ts'
import { noop, threeSteps } from './noop.ts'

const FLOOD = 1_000
const CALM_RUNS = Number(process.env.RUNS ?? 60)
/** As long as a quick call to somebody else's API; three of them a run. */
const STEP_MS = 150
const GOAL = 1.2

/**
 * How long the runs of one person take alone, and while another has started a thousand: the ratio of the 95th percentiles.
 * On `DATABASE_URL`, or on an SQLite file of its own.
 */
export async function benchFairness(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'muster-fairness-'))
  const url = process.env.DATABASE_URL ?? `sqlite:${join(directory, 'muster.db')}`
  await migrateUp(url, 0)
  const db = await openDatabase(url)
  const fail = (facts: object, message: string): void => console.error(message, facts)
  const core = createCore({
    db,
    databaseUrl: url,
    tools: createToolRegistry([
      { ...noop, execute: async (...call) => sleep(STEP_MS).then(() => noop.execute(...call)) },
    ]),
    settings: { ...DEFAULT_SETTINGS, welcomeCreditMicros: 1_000_000_000n },
    log: { debug() {}, info() {}, warn: fail, error: fail },
  })
  await core.queue.open()
  await seedShipped(core)
  const [calm, flooding] = [await newPerson(core, 'calm'), await newPerson(core, 'flooding')]
  await startWork(core, { senders: new Map() })
  try {
    await timesOf(core, calm, 10)
    const alone = p95(await timesOf(core, calm, CALM_RUNS))
    const request = { target: { job: 'three-steps' }, inputs: { value: 'x' } }
    await Promise.all(Array.from({ length: FLOOD }, () => submitRun(core, flooding, request)))
    const beside = p95(await timesOf(core, calm, CALM_RUNS))
    console.log(`one person's runs of three steps of ${STEP_MS} ms, 95th percentile of ${CALM_RUNS}, on ${db.dialect}`)
    console.log(`  alone                                 ${alone.toFixed(0).padStart(6)} ms`)
    console.log(`  while another has ${FLOOD} runs to do    ${beside.toFixed(0).padStart(6)} ms`)
    console.log(`  ratio (at most ${GOAL})                   ${(beside / alone).toFixed(2).padStart(6)}×`)
  } finally {
    await core.queue.stop(100)
    await core.queue.close()
    await db.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

async function newPerson(core: Core, handle: string): Promise<Actor> {
  const { id } = await createAccountByOperator(core, { handle, admin: true })
  const actor: Actor = { accountId: id, handle, platformRole: 'admin', channel: 'api', context: personal(id) }
  await saveJob(core, actor, { source: threeSteps, publish: true })
  return actor
}

/** From the submission to the end as it is stored, one run after the other. */
async function timesOf(core: Core, actor: Actor, count: number): Promise<number[]> {
  const times: number[] = []
  for (let run = 0; run < count; run++) {
    const { runId } = await submitRun(core, actor, { target: { job: 'three-steps' }, inputs: { value: 'x' } })
    for (;;) {
      const { createdAt, finishedAt } = await getRun(core, actor, runId)
      if (finishedAt) {
        times.push(Date.parse(finishedAt) - Date.parse(createdAt))
        break
      }
      await sleep(25)
    }
  }
  return times
}

const p95 = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? Number.NaN
