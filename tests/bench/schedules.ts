import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAccountByOperator } from '#core/accounts/create.ts'
import type { Actor } from '#core/actor.ts'
import { personal } from '#core/context.ts'
import type { Core } from '#core/core.ts'
import { createCore } from '#core/create-core.ts'
import { saveJob } from '#core/jobs/save.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { createSchedule } from '#core/schedules/create.ts'
import { fireDue } from '#core/schedules/fire.ts'
import { DEFAULT_SETTINGS } from '#core/settings.ts'
import { createToolRegistry } from '#core/tools/registry.ts'
import { migrateUp } from '#db/migrate.ts'
import { openDatabase } from '#db/open.ts'
import { findNextDue, findSchedule, insertSchedule } from '#db/schedules.ts'
import { TestClock } from '#tests/support/clock.ts'
import { noop, threeSteps } from './noop.ts'

const ROUNDS = 5
const DUE = 100
const FEW = 100
const MANY = 100_000
const LOOKS = 20_000
const HOUR_MS = 3_600_000

/**
 * What a fire costs beside a hundred schedules and beside a hundred thousand: a run submitted and paid, its row, the step to
 * the next slot, synchronous=FULL. And what a look costs that finds nothing.
 */
export async function benchSchedules(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'muster-bench-'))
  try {
    const few = await prepare(join(directory, 'few.db'), FEW)
    const many = await prepare(join(directory, 'many.db'), MANY)
    const costs: Record<'few' | 'many', number[]> = { few: [], many: [] }
    await Promise.all([few.fire(), many.fire()])
    for (let round = 0; round < ROUNDS; round++) {
      // Turn and turn about, so that a noisy moment meets both.
      costs.few.push(await few.fire())
      costs.many.push(await many.fire())
    }
    const looks = { few: await few.look(), many: await many.look() }
    print(costs, looks)
    await few.close()
    await many.close()
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

interface Prepared {
  /** Milliseconds a fire, over a hundred of them that are due at once. */
  fire(): Promise<number>
  /** Microseconds a look, when nothing is due. */
  look(): Promise<number>
  close(): Promise<void>
}

async function prepare(path: string, count: number): Promise<Prepared> {
  const url = `sqlite:${path}`
  await migrateUp(url, 0)
  const db = await openDatabase(url)
  const fail = (facts: object, message: string): void => console.error(message, facts)
  const clock = new TestClock()
  const core: Core = createCore({
    db,
    databaseUrl: url,
    tools: createToolRegistry([noop]),
    settings: { ...DEFAULT_SETTINGS, welcomeCreditMicros: 1_000_000_000_000n },
    log: { debug() {}, info() {}, warn: fail, error: fail },
    clock,
  })
  await core.queue.open()
  const account = await createAccountByOperator(core, { handle: 'bench', admin: true })
  const context = personal(account.id)
  const actor: Actor = { accountId: account.id, handle: 'bench', platformRole: 'user', channel: 'api', context }
  await seedShipped(core)
  await saveJob(core, actor, { source: threeSteps, publish: true })
  await fillWith(core, actor, count)
  return {
    async fire() {
      clock.advance(HOUR_MS)
      const startMs = performance.now()
      let done = 0
      for (let more = await fireDue(core); more > 0; more = await fireDue(core)) done += more
      if (done !== DUE) throw new Error(`${done} were due, not ${DUE}`)
      return (performance.now() - startMs) / DUE
    },
    async look() {
      const startMs = performance.now()
      for (let look = 0; look < LOOKS; look++) await findNextDue.first(db, {})
      return ((performance.now() - startMs) * 1_000) / LOOKS
    },
    async close() {
      await core.queue.close()
      await db.close()
    },
  }
}

/** A hundred that are due every hour; all others wait for their day. */
async function fillWith(core: Core, actor: Actor, count: number): Promise<void> {
  const request = { jobId: 'three-steps', inputs: {}, kind: 'interval', everyMs: HOUR_MS } as const
  const { id } = await createSchedule(core, actor, request)
  const pattern = await findSchedule.first(core.db, { id })
  if (!pattern) throw new Error('The schedule is not there')
  const nowMs = core.clock.nowMs()
  for (let from = 1; from < count; from += 1_000) {
    await core.db.write(async function fill(tx) {
      for (let number = from; number < Math.min(from + 1_000, count); number++) {
        const waits =
          number < DUE ? {} : { at_ms: nowMs + 400 * 24 * HOUR_MS, next_at_ms: nowMs + 400 * 24 * HOUR_MS + number }
        await insertSchedule.run(tx, { ...pattern, ...waits, id: `${id}-${number}` })
      }
    })
  }
}

function print(costs: { few: number[]; many: number[] }, looks: { few: number; many: number }): void {
  const [a, b] = [median(costs.few), median(costs.many)]
  console.log(`a scheduled run, ${DUE} due at once, synchronous=FULL, median of ${ROUNDS}`)
  console.log(`  beside ${FEW} schedules          ${a.toFixed(3).padStart(8)} ms each`)
  console.log(`  beside ${MANY} schedules       ${b.toFixed(3).padStart(8)} ms each`)
  console.log(`  ratio                        ${(b / a).toFixed(2).padStart(8)}×`)
  console.log(`  a look that finds nothing    ${looks.few.toFixed(1).padStart(8)} and ${looks.many.toFixed(1)} µs`)
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
