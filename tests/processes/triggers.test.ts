import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createAccountByOperator } from '#core/accounts/create.ts'
import { keyringOf, readMasterKey } from '#core/connections/keyring.ts'
import { personal } from '#core/context.ts'
import { checkLedger } from '#core/economy/check.ts'
import { createRule } from '#core/rules/save.ts'
import { receiveDelivery } from '#core/triggers/receive.ts'
import { createTrigger } from '#core/triggers/save.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { SENDERS } from '../server/hook-senders.ts'

// Real processes, on a machine that may have more to do.
vi.setConfig({ testTimeout: 240_000 })

const MAIN = join(import.meta.dirname, '..', '..', 'server', 'cli', 'main.ts')
const SECRET = 'a secret of the other side'.replaceAll(' ', '-')
const KEK = Buffer.alloc(32, 7).toString('hex')
const DELIVERIES = 24
const EVENTS = 10

describe.each(DIALECTS)('triggers and rules of several processes on %s', (dialect) => {
  let world: World
  let directory: string
  const workers: ChildProcess[] = []
  afterEach(async () => {
    await Promise.all(workers.splice(0).map(kill))
    rmSync(directory, { recursive: true, force: true })
    await world.end()
  })
  const startWorker = (): ChildProcess => {
    const PATH = process.env.PATH ?? ''
    const env = { PATH, HOME: directory, PORT: '0', DATABASE_URL: world.databaseUrl, MUSTER_KEK: KEK }
    const worker = spawn(process.execPath, [MAIN, 'start', '--role', 'worker'], {
      cwd: directory,
      env,
      stdio: 'ignore',
    })
    workers.push(worker)
    return worker
  }

  it('start one run for each delivery and say each command once, whoever is killed in between', async () => {
    const key = readMasterKey(KEK)
    if (!key) throw new Error('That is a key')
    const settings = { keyring: keyringOf([key]), welcomeCreditMicros: 100_000_000n }
    world = await createWorld(dialect, { settings })
    directory = mkdtempSync(join(tmpdir(), 'muster-triggers-'))
    const { core } = world
    const { id: accountId } = await createAccountByOperator(core, { handle: 'ada', admin: false })
    const context = personal(accountId)
    const actor = { accountId, handle: 'ada', platformRole: 'user', channel: 'api', context } as const
    const trigger = await createTrigger(core, actor, {
      name: 'Bell',
      jobId: 'text.template',
      scheme: 'github',
      secret: SECRET,
      mapping: { template: { value: 'x' }, data: { body: '' } },
      budgetUsd: '50',
      ratePerMinute: 6_000,
    })
    const rule = await createRule(core, actor, {
      command: '/task once',
      on: { types: ['trigger.fired'] },
      ratePerHour: 3_000,
    })
    const take = async (id: string): Promise<void> => {
      const signed = SENDERS.github({ secret: SECRET, body: JSON.stringify({ id }), id, atMs: core.clock.nowMs() })
      await receiveDelivery(core, trigger.id, { bytes: Buffer.from(signed.raw), headers: signed.headers })
    }
    // Stored while nobody works: they wait, and each comes three times.
    for (let n = 0; n < DELIVERIES; n++) await Promise.all([take(`d${n}`), take(`d${n}`), take(`d${n}`)])
    const first = startWorker()
    startWorker()
    const rows = () => query(core.db, (q) => q.selectFrom('trigger_delivery').selectAll())
    const started = async () => (await rows()).filter(({ status }) => status === 'started')
    await eventually(async () => expect((await started()).length).toBeGreaterThan(0), 90_000)
    await kill(first)
    await eventually(async () => expect(await started()).toHaveLength(DELIVERIES), 120_000)
    expect(await rows()).toHaveLength(DELIVERIES)
    const runs = await query(core.db, (q) => q.selectFrom('run').select('id'))
    expect(runs.map(({ id }) => id).sort()).toEqual((await started()).map(({ run_id }) => run_id).sort())
    const tasks = () => query(core.db, (q) => q.selectFrom('task').select('id'))
    await eventually(async () => expect((await tasks()).length).toBeGreaterThanOrEqual(EVENTS), 120_000)
    await eventually(async () => expect(await tasks()).toHaveLength(DELIVERIES), 120_000)
    const fires = await query(core.db, (q) => q.selectFrom('rule_fire').selectAll().where('rule_id', '=', rule.id))
    expect(new Set(fires.map(({ event_seq }) => event_seq)).size).toBe(DELIVERIES)
    const unfinished = () => query(core.db, (q) => q.selectFrom('run').select('id').where('finished_at_ms', 'is', null))
    await eventually(async () => expect(await unfinished()).toEqual([]), 90_000)
    expect((await checkLedger(core)).sound).toBe(true)
  })
})

async function kill(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return
  const exited = new Promise((resolve) => worker.once('exit', resolve))
  worker.kill('SIGKILL')
  await exited
}
