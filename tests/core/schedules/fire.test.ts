import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkLedger } from '#core/economy/check.ts'
import { pauseSchedule, resumeSchedule } from '#core/schedules/change.ts'
import { fireDue } from '#core/schedules/fire.ts'
import { insertFire } from '#db/schedule-fires.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createScene, MINUTE_MS, type Scene, START } from './scene.ts'

const start = Date.parse(START)
const iso = (ms: number): string => new Date(ms).toISOString()

describe.each(DIALECTS)('schedules on %s', (dialect) => {
  let scene: Scene
  beforeEach(async () => {
    scene = await createScene(dialect)
  })
  afterEach(async () => {
    expect(scene.world.errors).toEqual([])
    await scene.end()
  })

  it('start one run at each of their times, which a row says', async () => {
    const { id } = await scene.make()
    expect((await scene.view(id)).nextFires).toEqual([1, 2, 3, 4, 5].map((n) => iso(start + n * MINUTE_MS)))
    await scene.look()
    expect(await scene.fires(id)).toEqual([])
    await scene.live(MINUTE_MS / 2, 6)
    const fires = await scene.fires(id)
    expect(fires.map(({ dueAt }) => dueAt)).toEqual([1, 2, 3].map((n) => iso(start + n * MINUTE_MS)))
    expect(fires.every(({ status, runId }) => status === 'started' && runId?.startsWith('run_'))).toBe(true)
    expect((await scene.runs()).map(({ id }) => id).sort()).toEqual(fires.map(({ runId }) => runId).sort())
    expect(await scene.view(id)).toMatchObject({ runs: 3, status: 'active' })
    expect(await scene.events('schedule.fired')).toHaveLength(3)
    expect((await checkLedger(scene.core)).sound).toBe(true)
  })

  it.each([
    ['skip', {}, 0, 10],
    ['once', {}, 1, 9],
    ['all', {}, 10, 0],
    ['all', { max: 4 }, 4, 6],
  ] as const)('down over ten of their times with %s %o start %i runs', async (policy, max, started, missed) => {
    const { id } = await scene.make({ missed: { policy, ...max } })
    scene.clock.advance(10 * MINUTE_MS)
    await scene.look()
    expect(await scene.tally(id)).toEqual({ ...(started ? { started } : {}), ...(missed ? { missed } : {}) })
    const fires = await scene.fires(id)
    expect(fires.map(({ dueAt }) => dueAt)).toEqual(
      Array.from({ length: 10 }, (_, n) => iso(start + (n + 1) * MINUTE_MS)),
    )
    // The latest are the ones that are made up for.
    expect(fires.slice(missed).every(({ status }) => status === 'started')).toBe(true)
    expect((await scene.told()).length).toBe(missed ? 1 : 0)
    // From there on it goes its way.
    await scene.live(MINUTE_MS)
    expect((await scene.tally(id)).started).toBe(started + 1)
    expect(await scene.runs()).toHaveLength(started + 1)
  })

  it('down for a year say so in few rows, and go on', async () => {
    const { id } = await scene.make({ everyMs: 1_000, missed: { policy: 'all', max: 2 } })
    scene.clock.advance(365 * 86_400_000)
    await scene.look()
    const fires = await scene.fires(id)
    expect(fires.length).toBeLessThan(150)
    expect(fires[0]).toMatchObject({ dueAt: iso(start + 1_000), status: 'missed', until: expect.any(String) })
    expect(fires.filter(({ status }) => status === 'started').map(({ dueAt }) => dueAt)).toEqual(
      [-1_000, 0].map((ms) => iso(scene.clock.nowMs() + ms)),
    )
    await scene.live(1_000)
    expect((await scene.tally(id)).started).toBe(3)
  })

  it('a late look of some seconds misses nothing', async () => {
    const { id } = await scene.make({ missed: { policy: 'skip' } })
    scene.clock.advance(MINUTE_MS + 10_000)
    await scene.look()
    expect(await scene.tally(id)).toEqual({ started: 1 })
    scene.clock.advance(MINUTE_MS + 20_000)
    await scene.look()
    expect(await scene.tally(id)).toEqual({ started: 1, missed: 1 })
  })

  it('a busy moment of who was there misses nothing', async () => {
    const { id } = await scene.make({ everyMs: 1_000, missed: { policy: 'skip' } })
    scene.clock.advance(5_000)
    while ((await fireDue(scene.core, start)) > 0);
    expect(await scene.tally(id)).toEqual({ started: 5 })
  })

  it('any number of processes start one run for each time', async () => {
    const others = [await scene.another(), await scene.another()]
    const ids = await Promise.all(Array.from({ length: 50 }, () => scene.make()))
    for (let step = 0; step < 20; step++) {
      scene.clock.advance(MINUTE_MS)
      await Promise.all([scene.core, ...others].map((core) => scene.look(core)))
    }
    // Who lost a race has left it to the winner, and finds nothing to do either.
    await scene.look()
    const runs = await scene.runs()
    expect(runs).toHaveLength(1_000)
    expect(new Set(runs.map(({ idempotency_key }) => idempotency_key)).size).toBe(1_000)
    for (const { id } of ids) expect(await scene.tally(id)).toEqual({ started: 20 })
    expect((await checkLedger(scene.core)).sound).toBe(true)
  }, 120_000)

  it('any number of processes miss each time once', async () => {
    const other = await scene.another()
    const { id } = await scene.make({ missed: { policy: 'all', max: 5 } })
    scene.clock.advance(20 * MINUTE_MS)
    await Promise.all([scene.look(), scene.look(other), scene.look(), scene.look(other)])
    await scene.look()
    expect(await scene.tally(id)).toEqual({ started: 5, missed: 15 })
    expect(await scene.runs()).toHaveLength(5)
    expect(await scene.told()).toHaveLength(1)
  })

  it('a run and the row that says so are there both or not at all', async () => {
    const { id } = await scene.make()
    scene.clock.advance(MINUTE_MS)
    // The row is in the way: the run, which is written before it, must not stay.
    await scene.core.db.write((tx) =>
      insertFire.run(tx, {
        schedule_id: id,
        due_at_ms: start + MINUTE_MS,
        by_hand: 0,
        status: 'missed',
        run_id: null,
        reason_code: 'test',
        reason: null,
        until_ms: null,
        at_ms: start,
        held_micros: 0n,
        is_open: 0,
      }),
    )
    await fireDue(scene.core)
    expect(await scene.runs()).toEqual([])
    expect((await scene.view(id)).nextFires[0]).toBe(iso(start + MINUTE_MS))
    expect(await scene.events('schedule.fired')).toEqual([])
    expect((await checkLedger(scene.core)).sound).toBe(true)
    // It was told, and nothing else was done.
    expect(scene.world.errors.splice(0).length).toBeGreaterThan(0)
  })

  it('clocks that jump forth and back start nothing twice', async () => {
    const { id } = await scene.make({ missed: { policy: 'once' } })
    await scene.live(MINUTE_MS, 2)
    await scene.live(60 * MINUTE_MS)
    expect(await scene.tally(id)).toEqual({ started: 3, missed: 59 })
    await scene.live(-60 * MINUTE_MS)
    for (let step = 0; step < 60; step++) await scene.live(MINUTE_MS)
    expect(await scene.tally(id)).toEqual({ started: 3, missed: 59 })
    await scene.live(MINUTE_MS)
    expect(await scene.tally(id)).toEqual({ started: 4, missed: 59 })
    const dues = (await scene.fires(id)).map(({ dueAt }) => dueAt)
    expect(new Set(dues).size).toBe(dues.length)
  })

  it('that are resumed on a clock that has gone back start nothing twice', async () => {
    const { id } = await scene.make()
    await scene.live(MINUTE_MS, 3)
    scene.clock.advance(-3 * MINUTE_MS)
    await pauseSchedule(scene.core, scene.ada, { id })
    await resumeSchedule(scene.core, scene.ada, { id })
    expect((await scene.view(id)).nextFires[0]).toBe(iso(start + 4 * MINUTE_MS))
    await scene.live(MINUTE_MS, 4)
    expect(await scene.tally(id)).toEqual({ started: 4 })
  })

  it('come once in the nights in which clocks change', async () => {
    const inNewYork = { kind: 'cron', timezone: 'America/New_York', missed: { policy: 'skip' } } as const
    scene.clock.advance(Date.parse('2027-03-14T04:00:00Z') - scene.clock.nowMs())
    const spring = await scene.make({ ...inNewYork, cron: '30 2 * * *' })
    await scene.live(MINUTE_MS * 10, 12 * 6)
    expect((await scene.fires(spring.id)).map(({ dueAt }) => dueAt)).toEqual(['2027-03-14T07:00:00.000Z'])
    await pauseSchedule(scene.core, scene.ada, { id: spring.id })
    scene.clock.advance(Date.parse('2027-11-07T04:00:00Z') - scene.clock.nowMs())
    const autumn = await scene.make({ ...inNewYork, cron: '30 1 * * *' })
    await scene.live(MINUTE_MS * 10, 12 * 6)
    expect((await scene.fires(autumn.id)).map(({ dueAt }) => dueAt)).toEqual(['2027-11-07T05:30:00.000Z'])
  })

  it('end with their number of runs, their date, or their only time', async () => {
    const twice = await scene.make({ maxRuns: 2 })
    const short = await scene.make({ expiresAt: iso(start + 3.5 * MINUTE_MS) })
    const single = await scene.make({ kind: 'once', at: iso(start + MINUTE_MS) })
    expect((await scene.view(twice.id)).nextFires).toHaveLength(2)
    expect((await scene.view(short.id)).nextFires).toHaveLength(3)
    expect((await scene.view(single.id)).nextFires).toEqual([iso(start + MINUTE_MS)])
    await scene.live(MINUTE_MS, 6)
    expect(await scene.view(twice.id)).toMatchObject({ status: 'ended', reason: 'max_runs', runs: 2, nextFires: [] })
    expect(await scene.view(short.id)).toMatchObject({ status: 'ended', reason: 'expired', runs: 3 })
    expect(await scene.view(single.id)).toMatchObject({ status: 'ended', reason: 'done', runs: 1 })
    expect(await scene.runs()).toHaveLength(6)
  })

  it('that happen once are late rather than never, unless they are to be skipped', async () => {
    const late = await scene.make({ kind: 'once', at: iso(start + MINUTE_MS) })
    const never = await scene.make({ kind: 'once', at: iso(start + MINUTE_MS), missed: { policy: 'skip' } })
    scene.clock.advance(60 * MINUTE_MS)
    await scene.look()
    expect(await scene.tally(late.id)).toEqual({ started: 1 })
    expect(await scene.tally(never.id)).toEqual({ missed: 1 })
    expect(await scene.view(never.id)).toMatchObject({ status: 'ended' })
  })
})
