import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, inject, it } from 'vitest'
import { createAccountByOperator } from '#core/accounts/create.ts'
import { personal } from '#core/context.ts'
import { getRun } from '#core/runs/read.ts'
import { submitRun } from '#core/runs/submit.ts'
import { CHECKS } from '#tests/crash/checks.ts'
import { postgresDatabase, sqliteDatabase } from '#tests/crash/database.ts'
import { CrashHarness } from '#tests/crash/harness.ts'
import { CRASH_JOBS } from '#tests/crash/jobs.ts'
import { OWN_ROOT, ServerProcess } from '#tests/crash/server.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld } from '#tests/support/world.ts'

const NOTICED_MS = 1_000
const RECOVER_MAX_MS = 60_000

describe.each(DIALECTS)('a server process on %s', { timeout: 120_000 }, (dialect) => {
  it('works on what another process wrote, within a second', async () => {
    const world = await createWorld(dialect)
    const directory = mkdtempSync(join(tmpdir(), 'muster-server-'))
    const server = new ServerProcess(
      { DATABASE_URL: world.databaseUrl, PORT: '0', LOG_LEVEL: 'warn' },
      { directory, role: 'worker', root: OWN_ROOT },
    )
    try {
      const { id } = await createAccountByOperator(world.core, { handle: 'ana', admin: true })
      const actor = {
        accountId: id,
        handle: 'ana',
        platformRole: 'admin',
        channel: 'api',
        context: personal(id),
      } as const
      await server.ready()
      const target = { tool: 'text.template' }
      const { runId } = await submitRun(world.core, actor, { target, inputs: { template: 'x', data: {} } })
      const run = await eventually(async () => {
        const now = await getRun(world.core, actor, runId)
        expect(now.status).toBe('succeeded')
        return now
      })
      expect(Date.parse(run.startedAt ?? '') - Date.parse(run.createdAt)).toBeLessThan(NOTICED_MS)
      expect(await server.stop()).toBe(0)
    } finally {
      await server.kill()
      await world.end()
      rmSync(directory, { recursive: true, force: true })
    }
  })

  it('told to stop in the midst of work ends in time and leaves nothing half done behind', async () => {
    const database = dialect === 'sqlite' ? sqliteDatabase() : await postgresDatabase(inject('postgresUrl'))
    const harness = await CrashHarness.create(database, { people: 6 })
    try {
      let word = 0
      for (let stop = 0; stop < 3; stop++) {
        await harness.startAll()
        for (const job of CRASH_JOBS) {
          for (const sender of harness.sendersOf(job)) harness.say(sender, job, `w${String(++word).padStart(5, '0')}`)
        }
        await sleep(200 + 300 * stop)
        const beganMs = performance.now()
        expect(await harness.stop()).toEqual([0])
        expect(performance.now() - beganMs).toBeLessThan(10_000)
        // What runs was finished or given back, and of everything that was sent it is known that it was.
        expect(await database.backlog()).toMatchObject({ claimed: 0, sending: 0 })
      }
      await harness.startAll()
      expect(await harness.untilQuiet(RECOVER_MAX_MS)).toBeUndefined()
      await harness.stop()
      const facts = await harness.facts()
      expect(CHECKS.flatMap((check) => check(facts))).toEqual([])
    } finally {
      await harness.end()
    }
  })
})
