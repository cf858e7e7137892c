import { describe, expect, it } from 'vitest'
import { pauseSchedule } from '#core/schedules/change.ts'
import { migrateDown, migrateUp } from '#db/migrate.ts'
import { insertFire } from '#db/schedule-fires.ts'
import { query } from '#db/statement.ts'
import { createScene, MINUTE_MS, type Scene } from '#tests/core/schedules/scene.ts'
import { DIALECTS } from '#tests/support/database.ts'

const rowsOf = async ({ core }: Scene) => ({
  schedules: await query(core.db, (q) => q.selectFrom('schedule').selectAll().orderBy('id')),
  fires: await query(core.db, (q) =>
    q.selectFrom('schedule_fire').selectAll().orderBy('schedule_id').orderBy('due_at_ms').orderBy('by_hand'),
  ),
})

/** Takes back everything down to this migration, itself included. */
async function goBackBefore(name: string, url: string): Promise<string[]> {
  const reverted: string[] = []
  while (!reverted.includes(name)) {
    const { reverted: now } = await migrateDown(url, 0)
    if (now.length === 0) throw new Error(`${name} is not applied`)
    reverted.push(...now)
  }
  return reverted
}

describe.each(DIALECTS)('migrations of a %s database in use', (dialect) => {
  it('keep every schedule and its fires, there and back', async () => {
    const scene = await createScene(dialect)
    try {
      const minutely = await scene.make({ inputs: { name: 'a "quoted"; name\nof two lines' } })
      await scene.make({ kind: 'cron', cron: '0 9 * * 1-5', timezone: 'Europe/Berlin', missed: { policy: 'skip' } })
      const paused = await scene.make({ everyMs: 2 * MINUTE_MS, maxRuns: 7 })
      await scene.live(MINUTE_MS, 5)
      await pauseSchedule(scene.core, scene.ada, { id: paused.id })
      const before = await rowsOf(scene)
      expect(before.schedules).toHaveLength(3)
      expect(before.fires.length).toBeGreaterThan(5)

      const reverted = await goBackBefore('0023-plans', scene.world.databaseUrl)
      expect(await rowsOf(scene)).toEqual(before)
      const { applied } = await migrateUp(scene.world.databaseUrl, 0)
      expect(applied).toEqual(reverted.reverse())
      expect(await rowsOf(scene)).toEqual(before)

      // What stood behind the rows stands there again: it goes on, and what points at a schedule needs it.
      await scene.live(MINUTE_MS)
      expect(await scene.tally(minutely.id)).toEqual({ started: 6 })
      const { fires } = before
      const orphan = { ...fires[0], schedule_id: 'sch_nobody' } as (typeof fires)[number]
      await expect(scene.core.db.write((tx) => insertFire.run(tx, orphan))).rejects.toThrow(/foreign key/i)
    } finally {
      await scene.end()
    }
  })
})
