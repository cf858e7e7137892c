import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkLedger } from '#core/economy/check.ts'
import { switchPlanSource } from '#core/plans/decide.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { call, createPlanScene, HOUR, MINUTE, nextIn, type PlanScene, planOf, START } from './scene.ts'

const DAY = 24 * HOUR
const MIN = 15 * MINUTE
const MAX = 6 * HOUR
const PER_DAY = 40_000
const isBadHour = (atMs: number): boolean => Math.floor((atMs - START) / (2 * HOUR)) % 3 === 0
const dayOf = (atMs: number): number => (atMs - START) / DAY

describe.each(DIALECTS)('a fortnight of a planned schedule on %s', (dialect) => {
  let scene: PlanScene
  beforeEach(async () => {
    scene = await createPlanScene(dialect)
    await scene.work()
  })
  afterEach(async () => {
    expect(scene.world.errors).toEqual([])
    await scene.end()
  })

  it('finds what fails, spares it, comes back to it, and never runs hot', async () => {
    await scene.endpoint('trains')
    await scene.endpoint('ferries')
    scene.usage = { inputTokens: 1_500, outputTokens: 500 }
    // The weather changes with the hour. Trains fail one time in three for two days, ferries are gone from the sixth to the tenth.
    scene.server = ({ hostname }) => {
      const day = dayOf(scene.clock.nowMs())
      if (hostname.startsWith('trains') && day >= 2 && day < 4 && isBadHour(scene.clock.nowMs()))
        return { status: 503, body: 'busy' }
      if (hostname.startsWith('ferries') && day >= 5 && day < 9) return undefined
      return {
        status: 200,
        body: { hour: hostname.startsWith('weather') ? Math.floor(scene.clock.nowMs() / HOUR) : 0 },
      }
    }
    // On the eleventh day no model answers.
    scene.model = ({ kind, atMs }) => {
      const day = dayOf(atMs)
      if (day >= 10 && day < 11) return new Error('The provider is down.')
      if (kind === 'next') return nextIn(atMs, 2 * HOUR)
      return planOf(call('weather', { priority: 2 }), call('trains'), call('ferries'))
    }
    const { id } = await scene.make({
      goal: 'Watch how people get home',
      endpoints: ['weather', 'trains', 'ferries'],
      everyMs: 2 * HOUR,
      minMs: MIN,
      maxMs: MAX,
      tokensPerDay: PER_DAY,
    })
    const stories: string[] = []
    for (let half = 0; half < 28; half++) {
      await scene.live(12 * HOUR)
      stories.push(...(await scene.cycles(id)).map(({ story }) => story))
      // On the ninth day ferries sail again, and somebody says so.
      if (half === 18) await switchPlanSource(scene.core, scene.ada, { id, name: 'ferries', to: 'on' })
    }
    const cycles = await query(scene.core.db, (q) =>
      q.selectFrom('plan_cycle').select(['started_at_ms', 'ended_at_ms', 'status', 'tokens']).orderBy('started_at_ms'),
    )

    // It never comes sooner or later than it may.
    expect(cycles.length).toBeGreaterThan(14 * 4)
    expect(cycles.length).toBeLessThan(14 * 13)
    for (const [index, { started_at_ms }] of cycles.entries()) {
      const before = cycles[index - 1]
      if (!before) continue
      expect(started_at_ms - before.started_at_ms).toBeGreaterThanOrEqual(MIN)
      expect(started_at_ms - (before.ended_at_ms ?? 0)).toBeLessThanOrEqual(MAX)
    }
    // Nor does it use more than it may, of a day or of an hour.
    const days = Map.groupBy(cycles, ({ started_at_ms }) => Math.floor(started_at_ms / DAY))
    for (const ofDay of days.values())
      expect(ofDay.reduce((sum, { tokens }) => sum + tokens, 0)).toBeLessThanOrEqual(PER_DAY)
    const hourly = (list: readonly { atMs: number }[]): number =>
      Math.max(...[...Map.groupBy(list, ({ atMs }) => Math.floor(atMs / HOUR)).values()].map((one) => one.length))
    expect(hourly(scene.asked)).toBeLessThanOrEqual(2 * (HOUR / MIN) + 2)
    expect(hourly(scene.called)).toBeLessThanOrEqual(3 * 2 * (HOUR / MIN))
    const down = scene.asked.filter(({ atMs }) => dayOf(atMs) >= 10 && dayOf(atMs) < 11)
    expect(down.length).toBeGreaterThan(0)
    expect(down.length).toBeLessThanOrEqual(12)
    // Without a model it goes on with what was planned before.
    const meanwhile = scene.called.filter(({ atMs }) => dayOf(atMs) >= 10 && dayOf(atMs) < 11)
    expect(meanwhile.length).toBeGreaterThanOrEqual(4)

    // It found what failed, and what came back.
    const sourceOf = async (type: string): Promise<unknown[]> => (await scene.events(type)).map(({ source }) => source)
    expect(new Set(await sourceOf('schedule.source_warned'))).toEqual(new Set(['trains', 'ferries']))
    expect(await sourceOf('schedule.source_disabled')).toEqual(['ferries'])
    expect(await sourceOf('schedule.source_enabled')).toEqual(['ferries'])
    expect(await sourceOf('schedule.source_recovered')).toContain('trains')
    const gone = scene.called.filter(({ url, atMs }) => url.includes('ferries') && dayOf(atMs) >= 5 && dayOf(atMs) < 9)
    // Ten calls, each tried twice, are half of what is looked at.
    expect(gone.length).toBeLessThanOrEqual(20)
    const back = scene.called.filter(({ url, atMs }) => url.includes('ferries') && dayOf(atMs) >= 9.5)
    expect(back.length).toBeGreaterThan(10)
    expect((await scene.view(id)).plan?.sources.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok'])

    // And it tells the story.
    const story = stories.join('\n')
    for (const told of [
      'The model planned weather, trains, ferries, parallel (80 % sure). Its reasons: To see how things are.',
      'trains failed: GET trains.example answered 503: "busy".',
      'trains fails often:',
      'Much has failed once in a row, so it waits longer.',
      'ferries: it rests until',
      'Did not call ferries: it is off until somebody turns it on again.',
      'ferries was turned off for this schedule: 10 of its last 20 calls failed',
      'The model gave no plan:',
      'No model planned it, so the last plan was done again.',
      'No model was asked: it failed lately and is left alone until',
      'The model asked for',
    ]) {
      expect(story).toContain(told)
    }
    const told = (await scene.told()).map(({ text }) => text).filter((text) => text.includes('turned off'))
    expect(told).toHaveLength(1)
    expect((await checkLedger(scene.core)).sound).toBe(true)
  }, 300_000)
})
