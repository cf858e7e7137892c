import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createAccountByOperator } from '#core/accounts/create.ts'
import { personal } from '#core/context.ts'
import { checkLedger } from '#core/economy/check.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { createSchedule } from '#core/schedules/create.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'

// Real processes, on a machine that may have more to do.
vi.setConfig({ testTimeout: 240_000 })

const MAIN = join(import.meta.dirname, '..', '..', 'server', 'cli', 'main.ts')

const SCHEDULES = 20
const RUNS_EACH = 4

describe.each(DIALECTS)('schedules of several processes on %s', (dialect) => {
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
    const args = [MAIN, 'start', '--role', 'worker']
    const worker = spawn(process.execPath, args, { cwd: directory, env, stdio: 'ignore' })
    workers.push(worker)
    return worker
  }

  it('fire each time once, and go on when one of them is killed', async () => {
    world = await createWorld(dialect)
    directory = mkdtempSync(join(tmpdir(), 'muster-workers-'))
    const { core } = world
    await seedShipped(core)
    const { id: accountId } = await createAccountByOperator(core, { handle: 'ada', admin: true })
    const actor = {
      accountId,
      handle: 'ada',
      platformRole: 'user',
      channel: 'api',
      context: personal(accountId),
    } as const
    const request = {
      jobId: 'release-notes',
      inputs: { commits: 'a1b2c3d feat: first' },
      kind: 'interval',
      everyMs: 1_000,
    } as const
    for (let n = 0; n < SCHEDULES; n++) await createSchedule(core, actor, { ...request, maxRuns: RUNS_EACH })
    const first = startWorker()
    startWorker()
    const started = () =>
      query(core.db, (q) => q.selectFrom('schedule_fire').selectAll().where('status', '=', 'started'))
    await eventually(async () => expect((await started()).length).toBeGreaterThan(SCHEDULES), 90_000)
    await kill(first)
    await eventually(async () => expect(await started()).toHaveLength(SCHEDULES * RUNS_EACH), 90_000)
    const fires = await query(core.db, (q) => q.selectFrom('schedule_fire').selectAll())
    const dues = fires.map(({ schedule_id, due_at_ms }) => `${schedule_id} ${due_at_ms}`)
    expect(new Set(dues).size).toBe(dues.length)
    const runs = await query(core.db, (q) => q.selectFrom('run').select('id'))
    expect(runs.map(({ id }) => id).sort()).toEqual((await started()).map(({ run_id }) => run_id).sort())
    const schedules = await query(core.db, (q) => q.selectFrom('schedule').selectAll())
    expect(schedules.every(({ status, runs }) => status === 'ended' && runs === RUNS_EACH)).toBe(true)
    expect((await checkLedger(core)).sound).toBe(true)
  })
})

async function kill(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return
  const exited = new Promise((resolve) => worker.once('exit', resolve))
  worker.kill('SIGKILL')
  await exited
}
