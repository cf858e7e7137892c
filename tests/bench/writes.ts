import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAccountByOperator } from '#core/accounts/create.ts'
import type { Actor } from '#core/actor.ts'
import type { Sender } from '#core/chat/sender.ts'
import { personal } from '#core/context.ts'
import type { Core } from '#core/core.ts'
import { createCore } from '#core/create-core.ts'
import { saveJob } from '#core/jobs/save.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { submitRun } from '#core/runs/submit.ts'
import { DEFAULT_SETTINGS } from '#core/settings.ts'
import { createToolRegistry } from '#core/tools/registry.ts'
import { startWork } from '#core/work.ts'
import { migrateUp } from '#db/migrate.ts'
import { openDatabase } from '#db/open.ts'
import { countingDb } from './counting.ts'
import { runNaively } from './naive.ts'
import { noop, threeSteps } from './noop.ts'

const AT_ONCE = 50
const ROUNDS = 5
const RUNS = 3_000
const NAIVE_RUNS = 300

/**
 * Durable three-step runs a second, fifty at once, synchronous=FULL: the whole engine with ledger, events, card and
 * outbox, beside a loop that makes the same changes one transaction each.
 */
export async function benchWrites(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'muster-bench-'))
  const ours: number[] = []
  const naive: number[] = []
  try {
    const engine = await startEngine(`sqlite:${join(directory, 'muster.db')}`)
    await engine.run(300)
    for (let round = 0; round < ROUNDS; round++) {
      // Turn and turn about, so that a noisy moment meets both.
      ours.push(await rate(RUNS, () => engine.run(RUNS)))
      naive.push(await rate(NAIVE_RUNS, () => runNaively(join(directory, `naive-${round}.db`), NAIVE_RUNS, AT_ONCE)))
    }
    await engine.stop()
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
  print(ours, naive)
}

function print(ours: number[], naive: number[]): void {
  const [a, b] = [median(ours), median(naive)]
  console.log(`durable three-step runs per second, ${AT_ONCE} at once, synchronous=FULL, median of ${ROUNDS}`)
  console.log(`  engine (runs, steps, ledger, events, outbox)   ${a.toFixed(0).padStart(6)}  ${spread(ours)}`)
  console.log(`  one transaction per change                     ${b.toFixed(0).padStart(6)}  ${spread(naive)}`)
  console.log(`  ratio                                          ${(a / b).toFixed(1).padStart(6)}×`)
}

export async function startEngine(
  url: string,
): Promise<{ run(count: number): Promise<void>; stop(): Promise<void>; db: any }> {
  await migrateUp(url, 0)
  const db = process.env.COUNT ? countingDb(await openDatabase(url)) : await openDatabase(url)
  const fail = (facts: object, message: string): void => console.error(message, facts)
  const core: Core = createCore({
    db,
    databaseUrl: url,
    tools: createToolRegistry([noop]),
    settings: { ...DEFAULT_SETTINGS, welcomeCreditMicros: 1_000_000_000_000n },
    log: { debug() {}, info() {}, warn: fail, error: fail },
  })
  const account = await createAccountByOperator(core, { handle: 'bench', admin: true })
  const actor: Actor = {
    accountId: account.id,
    handle: 'bench',
    platformRole: 'admin',
    channel: 'web',
    context: personal(account.id),
  }
  await seedShipped(core)
  await saveJob(core, actor, { source: threeSteps, publish: true })
  /** Runs whose result has not been sent yet. */
  const ended = new Map<string, () => void>()
  const sender: Sender = {
    name: 'web',
    pace: { editPrivateMs: 300, editSharedMs: 300 },
    isPrivate: () => true,
    async send({ cause, parts, key }) {
      const isCard = parts[0]?.type === 'progress'
      if (!isCard) ended.get(cause)?.()
      return { outcome: 'sent', messageRef: key }
    },
    edit: async (messageRef) => ({ outcome: 'sent', messageRef }),
    download: async () => new Uint8Array(),
  }
  await core.queue.open()
  await startWork(core, { handle: async () => ({ replies: [] }), senders: new Map([['web', sender]]) })
  return {
    async run(count) {
      let next = 0
      const worker = async (slot: number): Promise<void> => {
        while (next++ < count) {
          const request = { target: { job: 'three-steps' }, inputs: { value: 'x' }, conversation: `bench-${slot}` }
          const { runId } = await submitRun(core, actor, request)
          await new Promise<void>((resolve) => void ended.set(runId, resolve))
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, (_, slot) => worker(slot)))
    },
    db,
    async stop() {
      await core.queue.stop()
      await core.queue.close()
      await db.close()
    },
  }
}

export async function rate(count: number, work: () => Promise<void>): Promise<number> {
  const startMs = performance.now()
  await work()
  return (count * 1000) / (performance.now() - startMs)
}

export const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
export const spread = (values: number[]): string =>
  `(${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)})`
