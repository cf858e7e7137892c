import { describe, expect, inject, it } from 'vitest'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { CHECKS } from './checks.ts'
import { postgresDatabase, sqliteDatabase } from './database.ts'
import { CrashHarness } from './harness.ts'
import { CRASH_JOBS } from './jobs.ts'
import { Random } from './random.ts'

const TIMEOUT_MS = 120_000
const QUIET_MAX_MS = 60_000
const COMMANDS = 20

describe.each(DIALECTS)('kill -9 between storing and handling on %s', (dialect) => {
  it('handles each update once, redelivered four times out of order', { timeout: TIMEOUT_MS }, async () => {
    const database = dialect === 'sqlite' ? sqliteDatabase() : await postgresDatabase(inject('postgresUrl'))
    const harness = await CrashHarness.create(database, { people: 6, mode: 'webhook' })
    try {
      const before = await database.backlog()
      // This role takes updates and acknowledges them; handling is somebody else's part.
      await harness.start(0, { role: 'web' }).ready()
      for (let number = 0; number < COMMANDS; number++) {
        const job = CRASH_JOBS[number % CRASH_JOBS.length]
        const senders = job ? harness.sendersOf(job) : []
        const sender = senders[number % senders.length]
        if (sender && job) harness.say(sender, job, `w${String(number).padStart(5, '0')}`)
      }
      await eventually(() => expect(harness.peer.pendingUpdates).toBe(0))
      await harness.kill()
      const left = await database.backlog()
      expect(left).toMatchObject({ inbox: COMMANDS, runs: 0, stored: (before?.stored ?? 0) + COMMANDS })

      await harness.redeliver(new Random(1), { count: harness.updateIds.length, times: 4 })
      await harness.startAll()
      expect(await harness.untilQuiet(QUIET_MAX_MS)).toBeUndefined()
      await harness.redeliver(new Random(2), { count: harness.updateIds.length, times: 4 })
      expect(await harness.untilQuiet(QUIET_MAX_MS)).toBeUndefined()
      await harness.stop()
      const facts = await harness.facts()
      expect(CHECKS.flatMap((check) => check(facts))).toEqual([])
    } finally {
      await harness.end()
    }
  })
})
