import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pauseSchedule, removeSchedule, resumeSchedule, runScheduleNow } from '#core/schedules/change.ts'
import { askToSchedule, confirmSchedule, declineSchedule } from '#core/schedules/confirm.ts'
import { createSchedule } from '#core/schedules/create.ts'
import { explainSchedule } from '#core/schedules/explain.ts'
import { findSchedules } from '#core/schedules/read.ts'
import { ScheduleTimer } from '#core/schedules/timer.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createScene, MINUTE_MS, person, type Scene, START } from './scene.ts'

const start = Date.parse(START)
const iso = (ms: number): string => new Date(ms).toISOString()

describe.each(DIALECTS)('what people do to schedules, on %s', (dialect) => {
  let scene: Scene
  beforeEach(async () => {
    scene = await createScene(dialect)
  })
  afterEach(async () => {
    expect(scene.world.errors).toEqual([])
    await scene.end()
  })

  it('a paused one does nothing and misses nothing', async () => {
    const { id } = await scene.make()
    await scene.live(MINUTE_MS)
    await pauseSchedule(scene.core, scene.ada, { id })
    expect(await scene.view(id)).toMatchObject({ status: 'paused', reason: 'by_hand', nextFires: [] })
    await scene.live(MINUTE_MS, 10)
    await resumeSchedule(scene.core, scene.ada, { id })
    await resumeSchedule(scene.core, scene.ada, { id })
    expect((await scene.view(id)).nextFires[0]).toBe(iso(start + 12 * MINUTE_MS))
    await scene.live(MINUTE_MS)
    expect(await scene.tally(id)).toEqual({ started: 2 })
    expect(await scene.events('schedule.resumed')).toHaveLength(1)
  })

  it('one that is paused until a moment goes on by itself', async () => {
    const { id } = await scene.make()
    await pauseSchedule(scene.core, scene.ada, { id, until: iso(start + 5 * MINUTE_MS) })
    expect(await scene.view(id)).toMatchObject({
      status: 'paused',
      pausedUntil: iso(start + 5 * MINUTE_MS),
      nextFires: [5, 6, 7, 8, 9].map((n) => iso(start + n * MINUTE_MS)),
    })
    await scene.live(MINUTE_MS, 6)
    expect(await scene.tally(id)).toEqual({ started: 2 })
    expect(await scene.view(id)).toMatchObject({ status: 'active', pausedUntil: null })
    await expect(pauseSchedule(scene.core, scene.ada, { id, until: iso(start) })).rejects.toMatchObject({
      code: 'bad_input',
    })
  })

  it('one that is resumed before its moment goes on at once', async () => {
    const { id } = await scene.make()
    await pauseSchedule(scene.core, scene.ada, { id, until: 'tomorrow 9am' })
    await resumeSchedule(scene.core, scene.ada, { id })
    expect((await scene.view(id)).nextFires[0]).toBe(iso(start + MINUTE_MS))
  })

  it('run now is beside its rhythm and its number of runs', async () => {
    const { id } = await scene.make({ maxRuns: 2 })
    const before = (await scene.view(id)).nextFires
    const { runId } = await runScheduleNow(scene.core, { ...scene.ada, requestKey: 'press' }, { id })
    expect(await runScheduleNow(scene.core, { ...scene.ada, requestKey: 'press' }, { id })).toEqual({ runId })
    await runScheduleNow(scene.core, scene.ada, { id })
    expect(await scene.view(id)).toMatchObject({ nextFires: before, runs: 0 })
    const fires = await scene.fires(id)
    expect(fires.map(({ byHand, status }) => [byHand, status])).toEqual([
      [true, 'started'],
      [true, 'started'],
    ])
    await scene.live(MINUTE_MS, 3)
    expect(await scene.view(id)).toMatchObject({ runs: 2, status: 'ended' })
    expect(await scene.runs()).toHaveLength(4)
  })

  it('a removed one is gone, and its runs stay', async () => {
    const { id } = await scene.make()
    await scene.live(MINUTE_MS)
    await removeSchedule(scene.core, { ...scene.ada, requestKey: 'x' }, { id })
    await removeSchedule(scene.core, { ...scene.ada, requestKey: 'x' }, { id })
    await scene.live(MINUTE_MS, 3)
    await expect(scene.view(id)).rejects.toMatchObject({ code: 'not_found' })
    expect((await findSchedules(scene.core, scene.ada, { limit: 10 })).items).toEqual([])
    expect(await scene.runs()).toHaveLength(1)
  })

  it('is made once for one request, and refused with what is wrong', async () => {
    const actor = { ...scene.ada, requestKey: 'same' }
    const request = { jobId: 'hello', inputs: {}, kind: 'once', at: 'in 10m' } as const
    const first = await createSchedule(scene.core, actor, request)
    scene.clock.advance(60 * MINUTE_MS)
    expect(await createSchedule(scene.core, actor, request)).toEqual(first)
    await expect(createSchedule(scene.core, actor, { ...request, inputs: { name: 'x' } })).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    })
    const refused = async (more: Parameters<Scene['make']>[0]) =>
      scene.make(more).then(
        () => 'made',
        (error) => `${error.code}: ${error.message}`,
      )
    expect(await refused({ kind: 'planned' })).toContain('bad_input: This schedule cannot be: everyMs is needed')
    expect(await refused({ kind: 'cron' })).toContain('cron is needed for kind cron')
    expect(await refused({ kind: 'cron', cron: '61 * * * *' })).toContain('bad_input')
    expect(await refused({ everyMs: 999 })).toContain('at least 1000')
    expect(await refused({ everyMs: 1000.5 })).toContain('whole number')
    expect(await refused({ kind: 'once' })).toContain('at is needed for kind once')
    expect(await refused({ kind: 'once', at: '2020-01-01' })).toContain('is over')
    expect(await refused({ timezone: 'Mars/Olympus' })).toContain('A time zone is a name like')
    expect(await refused({ timezone: '+02:00' })).toContain('A time zone is a name like')
    expect(await refused({ jobId: 'nothing' })).toContain('not_found')
    expect(await refused({ inputs: { name: 5 } })).toContain('name')
    expect(await refused({ missed: { policy: 'once', max: 3 } })).toContain('goes with the policy all only')
    expect(await refused({ missed: { policy: 'all', max: 501 } })).toContain('1 to 500')
    expect(await refused({ expiresAt: 'in 30s' })).toContain('before the first time')
    expect(await refused({ jobId: 'docs.lint', inputs: { text: '# Hi' } })).toBe('made')
  })

  it('a question is answered once, by who was asked', async () => {
    const request = { jobId: 'hello', inputs: {}, kind: 'once', at: iso(start + MINUTE_MS) } as const
    const { code } = await askToSchedule(scene.core, scene.ada, request)
    const bob = await person(scene.core, 'bob')
    await expect(confirmSchedule(scene.core, bob, code)).rejects.toMatchObject({ code: 'forbidden' })
    const answers = await Promise.allSettled([1, 2, 3].map(() => confirmSchedule(scene.core, scene.ada, code)))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect((await findSchedules(scene.core, scene.ada, { limit: 10 })).items).toHaveLength(1)
    const other = await askToSchedule(scene.core, scene.ada, request)
    await declineSchedule(scene.core, scene.ada, other.code)
    await expect(confirmSchedule(scene.core, scene.ada, other.code)).rejects.toMatchObject({ code: 'conflict' })
    const late = await askToSchedule(scene.core, scene.ada, request)
    scene.clock.advance(25 * 60 * MINUTE_MS)
    await expect(confirmSchedule(scene.core, scene.ada, late.code)).rejects.toMatchObject({ code: 'expired' })
  })

  it('are explained', async () => {
    const { id } = await scene.make({ kind: 'cron', cron: '0 9 * * 1-5', timezone: 'Europe/Berlin', maxRuns: 9 })
    const before = await explainSchedule(scene.core, scene.ada, id)
    expect(before.nextAt).toBe('2026-11-23T08:00:00.000Z')
    expect(before.why).toEqual([
      'It runs at 09:00, Monday through Friday (Europe/Berlin), and 2026-11-23T08:00:00.000Z is the first such time after the last one it dealt with.',
      'It has run 0 of at most 9 times.',
      'Its runs have the rights of @ada at that moment, and no others.',
      'It has not run yet.',
    ])
    await pauseSchedule(scene.core, scene.ada, { id })
    expect((await explainSchedule(scene.core, scene.ada, id)).why[0]).toContain('somebody paused it')
  })

  it('are woken for by one timer, also when one that is earlier is made', async () => {
    const timer = new ScheduleTimer(scene.core)
    scene.core.queue.accompany(timer)
    const late = await scene.make({ everyMs: 60 * MINUTE_MS })
    const early = await scene.make()
    await eventually(async () => {
      scene.clock.advance(MINUTE_MS)
      expect((await scene.tally(early.id)).started).toBeGreaterThan(0)
    })
    await eventually(async () => {
      scene.clock.advance(MINUTE_MS)
      expect((await scene.tally(late.id)).started).toBe(1)
    })
    await scene.core.queue.stop()
    const { length } = await scene.runs()
    scene.clock.advance(60 * MINUTE_MS)
    timer.wake()
    expect(await scene.runs()).toHaveLength(length)
  })

  it('are listed page by page, newest first', async () => {
    const made: string[] = []
    for (let n = 0; n < 5; n++) made.push((await scene.make()).id)
    const first = await findSchedules(scene.core, scene.ada, { limit: 2 })
    const rest = await findSchedules(scene.core, scene.ada, { limit: 9, cursor: first.nextCursor ?? '' })
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(made.toSorted().toReversed())
    expect(rest.nextCursor).toBeNull()
  })
})
