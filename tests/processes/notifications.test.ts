import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { personal } from '#core/context.ts'
import { wakeHeldAt } from '#core/notifications/held-key.ts'
import { insertNotification } from '#db/notifications.ts'
import { query } from '#db/statement.ts'
import { newPerson } from '#tests/core/economy/people.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'

// Real processes, on a machine that may have more to do.
vi.setConfig({ testTimeout: 240_000 })

const MAIN = join(import.meta.dirname, '..', '..', 'server', 'cli', 'main.ts')

const PEOPLE = 30
const EACH = 4
/** Long enough for two processes to be up, and for one of them to be killed in the midst of it. */
const FIRST_MS = 3_000
const SPAN_MS = 6_000

describe.each(DIALECTS)('what was held back, with several processes on %s', (dialect) => {
  let world: World
  let directory: string
  const workers: ChildProcess[] = []
  afterEach(async () => {
    await Promise.all(workers.splice(0).map(kill))
    rmSync(directory, { recursive: true, force: true })
    await world.end()
  })
  const startWorker = (): ChildProcess => {
    const env = { PATH: process.env.PATH ?? '', HOME: directory, PORT: '0', DATABASE_URL: world.databaseUrl }
    const worker = spawn(process.execPath, [MAIN, 'start', '--role', 'worker'], {
      cwd: directory,
      env,
      stdio: 'ignore',
    })
    workers.push(worker)
    return worker
  }

  it('is told once each, when one of them is killed in the midst of it', async () => {
    world = await createWorld(dialect)
    directory = mkdtempSync(join(tmpdir(), 'muster-workers-'))
    const { core } = world
    const nowMs = core.clock.nowMs()
    for (let n = 0; n < PEOPLE; n++) {
      const { accountId } = await newPerson(core, `person-${n}`)
      const dueAtMs = (one: number): number =>
        nowMs + FIRST_MS + Math.round((SPAN_MS * (one * PEOPLE + n)) / (EACH * PEOPLE))
      await core.db.write(async function holdBack(tx) {
        for (let one = 0; one < EACH; one++) {
          await insertNotification.run(tx, {
            id: core.ids.newId('ntf'),
            account_id: accountId,
            type: 'schedule_missed',
            priority: 'normal',
            context: `user:${personal(accountId).id}`,
            cause: 'sch_1',
            text: `News ${one}`,
            parts_json: null,
            card_key: null,
            place_json: null,
            fold_key: null,
            state: 'held',
            hold: 'quiet',
            due_at_ms: dueAtMs(one),
            created_at_ms: nowMs,
            read_at_ms: null,
          })
        }
        await wakeHeldAt(core, tx, accountId, dueAtMs(0))
      })
    }
    const first = startWorker()
    startWorker()
    const told = () => query(core.db, (q) => q.selectFrom('notification').select('id').where('state', '=', 'out'))
    const messages = () =>
      query(core.db, (q) => q.selectFrom('outbox').select(['conversation', 'reply_json']).orderBy('seq'))
    await eventually(async () => expect((await told()).length).toBeGreaterThan(PEOPLE), 90_000)
    await kill(first)
    await eventually(async () => expect(await told()).toHaveLength(PEOPLE * EACH), 120_000)
    // A few that were due together are one message; what each person reads is each thing, once.
    const read = (await messages()).flatMap(({ conversation, reply_json }) =>
      [...(reply_json ?? '').matchAll(/News \d/g)].map(([news]) => `${conversation} ${news}`),
    )
    expect(read).toHaveLength(PEOPLE * EACH)
    expect(new Set(read).size).toBe(PEOPLE * EACH)
  })
})

async function kill(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return
  const exited = new Promise((resolve) => worker.once('exit', resolve))
  worker.kill('SIGKILL')
  await exited
}
