import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkLedger } from '#core/economy/check.ts'
import { saveJob } from '#core/jobs/save.ts'
import { decideAction, switchPlanSource } from '#core/plans/decide.ts'
import { hintSchedule } from '#core/plans/say.ts'
import { pauseSchedule, removeSchedule, runScheduleNow } from '#core/schedules/change.ts'
import { fireDue } from '#core/schedules/fire.ts'
import { query } from '#db/statement.ts'
import { person } from '#tests/core/schedules/scene.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { call, createPlanScene, HOUR, MINUTE, nextIn, type PlanScene, planOf, START } from './scene.ts'

describe.each(DIALECTS)('planned schedules on %s', (dialect) => {
  let scene: PlanScene
  beforeEach(async () => {
    scene = await createPlanScene(dialect)
    await scene.work()
  })
  afterEach(async () => {
    expect((await checkLedger(scene.core)).sound).toBe(true)
    expect(scene.world.errors).toEqual([])
    await scene.end()
  })

  const kinds = (): string[] => scene.asked.map(({ kind }) => kind)

  it('plan, call, and decide when to come next', async () => {
    scene.model = ({ kind, atMs }) => (kind === 'next' ? nextIn(atMs, 2 * HOUR) : planOf(call('weather')))
    const { id } = await scene.make()
    await scene.live(MINUTE)
    const last = await scene.last(id)
    expect(last).toMatchObject({ status: 'done', tokens: 1_200, mock: false, next: { by: 'model' } })
    expect(last.story).toContain('The model planned weather, parallel (80 % sure). Its reasons: To see how things are.')
    expect(last.story).toContain('weather answered.')
    expect(last.story).toContain(`The model asked for ${last.next?.at}.`)
    expect(scene.called.map(({ url }) => url)).toEqual(['https://weather.example/v1'])
    expect(kinds()).toEqual(['plan', 'next'])
    expect((await scene.view(id)).nextFires).toEqual([last.next?.at])
    expect(await scene.fires(id)).toMatchObject([{ status: 'started', byHand: false }])
    expect(await scene.events('schedule.cycle_done')).toHaveLength(1)
  })

  it('ask once more for a plan that cannot be used, with what is wrong', async () => {
    scene.model = ({ kind, atMs }) =>
      kind === 'next' ? nextIn(atMs, HOUR) : planOf(call(kind === 'plan' ? 'nothing' : 'weather'))
    const { id } = await scene.make()
    await scene.live(MINUTE)
    expect(kinds()).toEqual(['plan', 'repair', 'next'])
    expect(scene.asked[1]?.prompt).toContain(
      '- calls.0.endpoint names "nothing", which it may not call; there are weather',
    )
    const last = await scene.last(id)
    expect(last).toMatchObject({ status: 'done', plan: { by: 'repaired' } })
    expect(last.story).toContain('The plan was repaired: asked once more, the model mended it.')
    expect(scene.called).toHaveLength(1)
  })

  it('keep what is right of a plan that stays wrong, and say what was dropped', async () => {
    const bad = planOf(call('weather'), call('nothing'), call('weather', { id: 'second', dependsOn: ['nothing'] }))
    scene.model = ({ kind, atMs }) => (kind === 'next' ? nextIn(atMs, HOUR) : bad)
    const { id } = await scene.make()
    await scene.live(MINUTE)
    const last = await scene.last(id)
    expect(last).toMatchObject({ status: 'done', plan: { by: 'salvaged', calls: [{ endpoint: 'weather' }] } })
    expect(last.story).toContain('Left out the call to nothing: endpoint names "nothing"')
    expect(last.story).toContain('Left out the call to weather: it waits for one that is not made.')
    expect(scene.called).toHaveLength(1)
  })

  it('that are not lenient do nothing of a plan that stays wrong, but what needs no model', async () => {
    scene.model = ({ kind, atMs }) => (kind === 'next' ? nextIn(atMs, HOUR) : planOf(call('weather'), call('nothing')))
    const { id } = await scene.make({ lenient: false })
    await scene.live(MINUTE)
    expect(await scene.last(id)).toMatchObject({ status: 'done', plan: { by: 'without_model' } })
    expect((await scene.last(id)).story).toContain('The plan could not be used as it was')
  })

  it('go on without a model that is down, seldom asking it, and never in a hot loop', async () => {
    scene.model = () => new Error('The provider is down.')
    const { id } = await scene.make({ everyMs: 10 * MINUTE, minMs: MINUTE, maxMs: HOUR })
    await scene.live(90 * MINUTE)
    const early = (await scene.cycles(id)).map(({ story }) => story).join(' ')
    expect(early).toContain('No model was asked: it failed lately and is left alone until')
    await scene.live(24 * HOUR)
    const perHour = Map.groupBy(scene.asked, ({ atMs }) => Math.floor((atMs - START) / HOUR))
    expect(Math.max(...[...perHour.values()].map((asked) => asked.length))).toBeLessThanOrEqual(3)
    expect(scene.asked.length).toBeLessThanOrEqual(30)
    const calls = Map.groupBy(scene.called, ({ atMs }) => Math.floor((atMs - START) / HOUR))
    expect(Math.max(...[...calls.values()].map((one) => one.length))).toBeLessThanOrEqual(7)
    expect(scene.called.length).toBeGreaterThanOrEqual(20)
    expect((await scene.last(id)).story).toContain('so each source that needs no parameters was called once.')
    // It comes back: the next time it may be asked, it plans again.
    scene.model = ({ kind, atMs }) => (kind === 'next' ? nextIn(atMs, 10 * MINUTE) : planOf(call('weather')))
    await scene.live(3 * HOUR)
    expect((await scene.last(id)).plan?.by).toBe('model')
  }, 120_000)

  it('repeat the last plan where no model answers', async () => {
    await scene.endpoint('trains', {
      bodySchema: { type: 'object', required: ['from'], properties: { from: { type: 'string' } } },
    })
    scene.model = ({ kind, atMs }) =>
      kind === 'next' ? nextIn(atMs, HOUR) : planOf(call('trains', { parameters: { from: 'Porto' } }))
    const { id } = await scene.make({ endpoints: ['weather', 'trains'] })
    await scene.live(MINUTE)
    scene.model = () => new Error('The provider is down.')
    await scene.live(70 * MINUTE)
    expect(scene.called.map(({ url }) => url)).toEqual([
      'https://trains.example/v1?from=Porto',
      'https://trains.example/v1?from=Porto',
    ])
    expect((await scene.last(id)).story).toContain('No model planned it, so the last plan was done again.')
  })

  it('stop asking when the tokens of a day are used up, and begin anew the next day', async () => {
    const { id } = await scene.make({ tokensPerDay: 9_000 })
    await scene.live(13 * HOUR)
    const today = scene.asked.length
    expect(today).toBeLessThanOrEqual(15)
    expect((await scene.last(id)).story).toMatch(/of the 9000 of a day \d+ are used/)
    // On it goes, without a model.
    expect((await scene.last(id)).went).toContain('weather answered.')
    await scene.live(3 * HOUR)
    expect(scene.asked.length).toBeGreaterThan(today)
  }, 60_000)

  it('stop asking in a cycle whose tokens are used up', async () => {
    scene.usage = { inputTokens: 2_000, outputTokens: 1_000 }
    const { id } = await scene.make({ tokensPerCycle: 3_500 })
    await scene.live(MINUTE)
    expect(kinds()).toEqual(['plan'])
    expect(await scene.last(id)).toMatchObject({ status: 'done', next: { by: 'interval' } })
    expect((await scene.last(id)).story).toContain('of the 3500 of a cycle 3000 are used')
  })

  it('have one cycle at a time, and a row for each time that finds one going on', async () => {
    await saveJob(scene.core, scene.ada, { source: SLOW, publish: true })
    scene.model = ({ kind, atMs }) => (kind === 'next' ? nextIn(atMs, HOUR) : planOf(call('job:slow')))
    const { id } = await scene.make({ endpoints: [], jobs: ['slow'], everyMs: 30 * MINUTE })
    const minutes = async (count: number): Promise<void> => {
      for (let minute = 0; minute < count; minute++) {
        scene.clock.advance(MINUTE)
        while ((await fireDue(scene.core)) > 0);
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    }
    await minutes(1)
    // Its job has begun to wait.
    await eventually(async () => {
      const waiting = await query(scene.core.db, (q) =>
        q.selectFrom('run_step').select('run_id').where('wait_for', '=', 'timer'),
      )
      expect(waiting).toHaveLength(1)
    })
    await minutes(100)
    const going = await scene.fires(id)
    expect(going.map(({ status, reason }) => [status, reason?.code])).toEqual([
      ['started', undefined],
      ['skipped', 'busy'],
      ['skipped', 'busy'],
      ['skipped', 'busy'],
    ])
    await expect(runScheduleNow(scene.core, scene.ada, { id })).rejects.toMatchObject({ code: 'conflict' })
    await minutes(30)
    await scene.settled()
    expect((await scene.cycles(id)).at(-1)).toMatchObject({ status: 'done', went: ['job:slow answered.'] })
  }, 60_000)

  it('come round when somebody says so, beside their times', async () => {
    const { id } = await scene.make({ at: new Date(START + 24 * HOUR).toISOString() })
    const once = { ...scene.ada, requestKey: 'now' }
    const first = await runScheduleNow(scene.core, once, { id })
    await scene.settled()
    expect(await runScheduleNow(scene.core, once, { id })).toEqual(first)
    expect(await scene.cycles(id)).toMatchObject([{ byHand: true, status: 'done' }])
    expect(await scene.view(id)).toMatchObject({ runs: 0 })
  })

  it('end with their number of runs or their date', async () => {
    const twice = await scene.make({ maxRuns: 2 })
    const short = await scene.make({ expiresAt: new Date(START + 90 * MINUTE).toISOString() })
    await scene.live(4 * HOUR)
    expect(await scene.view(twice.id)).toMatchObject({ status: 'ended', reason: 'max_runs', runs: 2 })
    expect(await scene.view(short.id)).toMatchObject({ status: 'ended', reason: 'expired', runs: 2 })
    expect(await scene.cycles(twice.id)).toHaveLength(2)
  })

  it('that are paused or removed while a cycle goes on stay so', async () => {
    const paused = await scene.make()
    const removed = await scene.make()
    scene.clock.advance(MINUTE)
    await fireDue(scene.core)
    await pauseSchedule(scene.core, scene.ada, { id: paused.id })
    await removeSchedule(scene.core, scene.ada, { id: removed.id })
    await scene.settled()
    expect(await scene.view(paused.id)).toMatchObject({ status: 'paused', nextFires: [] })
    const asked = scene.asked.length
    await scene.live(5 * HOUR)
    expect(scene.asked).toHaveLength(asked)
  })

  it('miss what came while nothing ran, as others do', async () => {
    const { id } = await scene.make({ missed: { policy: 'skip' }, everyMs: HOUR })
    scene.clock.advance(5 * HOUR)
    await fireDue(scene.core)
    await scene.settled()
    expect((await scene.fires(id)).every(({ status }) => status === 'missed')).toBe(true)
    expect(Date.parse((await scene.view(id)).nextFires[0] ?? '')).toBeGreaterThan(scene.clock.nowMs())
    await scene.live(70 * MINUTE)
    expect(await scene.cycles(id)).toHaveLength(2)
  })

  it('count all their runs against their budget, and go on without the rest', async () => {
    const { id } = await scene.make({ budgetUsd: '0.0035', everyMs: 30 * MINUTE })
    await scene.live(6 * HOUR)
    // Held are up to so much, and what was not used comes free; then there is room for no further question.
    const view = await scene.view(id)
    expect(view).toMatchObject({ status: 'paused', reason: 'limit_reached' })
    expect(Number(view.usedUsd)).toBeLessThanOrEqual(0.0035)
    expect(Number(view.usedUsd)).toBeGreaterThan(0.0005)
    expect((await scene.told()).at(-1)?.text).toContain('The budget of this schedule is')
  })

  it('hear what a person says, at once and until it ends', async () => {
    scene.model = ({ kind, atMs }) => (kind === 'next' ? nextIn(atMs, 3 * HOUR) : planOf(call('weather')))
    const { id } = await scene.make({ everyMs: HOUR, minMs: 5 * MINUTE })
    await scene.live(MINUTE)
    await hintSchedule(scene.core, scene.ada, { id, everyMs: 5 * MINUTE, until: new Date(START + HOUR).toISOString() })
    expect((await scene.view(id)).nextFires).toEqual([new Date(scene.clock.nowMs() + 5 * MINUTE).toISOString()])
    await hintSchedule(scene.core, scene.ada, { id, note: 'The picnic is on Sunday' })
    await scene.live(55 * MINUTE)
    const cycles = await scene.cycles(id)
    expect(cycles.length).toBeGreaterThanOrEqual(9)
    expect(cycles[1]?.next).toMatchObject({ by: 'person' })
    expect(scene.asked.at(-1)?.prompt).toContain('The picnic is on Sunday')
    await scene.live(10 * MINUTE)
    expect((await scene.last(id)).next).toMatchObject({ by: 'model' })
  }, 60_000)

  it('turn off what fails, tell it once, and call it again when somebody says so', async () => {
    await scene.endpoint('trains')
    scene.model = ({ kind, atMs }) => (kind === 'next' ? nextIn(atMs, HOUR) : planOf(call('weather'), call('trains')))
    scene.server = ({ hostname }) => ({ status: hostname.startsWith('trains') ? 500 : 200, body: { at: hostname } })
    const { id } = await scene.make({ endpoints: ['weather', 'trains'], maxMs: 4 * HOUR })
    await scene.live(72 * HOUR)
    const { plan } = await scene.view(id)
    expect(plan?.sources).toMatchObject([
      { name: 'weather', state: 'ok' },
      { name: 'trains', state: 'disabled', health: '6 of its last 6 calls failed' },
    ])
    const told = (await scene.told()).map(({ text }) => text)
    expect(told).toEqual([
      'Schedule planned: trains fails often: 4 of its last 4 calls failed. It is called more seldom.',
      'Schedule planned: trains was turned off for this schedule: 6 of its last 6 calls failed. It is not called until somebody turns it on again.',
    ])
    expect((await scene.last(id)).story).toContain('Did not call trains: it is off until somebody turns it on again.')
    expect((await scene.last(id)).next?.because.join(' ')).not.toContain('failed')
    await switchPlanSource(scene.core, scene.ada, { id, name: 'trains', to: 'on' })
    scene.server = () => ({ status: 200, body: {} })
    await scene.live(5 * HOUR)
    expect((await scene.view(id)).plan?.sources[1]).toMatchObject({ state: 'ok' })
    expect((await scene.last(id)).went).toContain('trains answered.')
  }, 90_000)

  it('do what is recommended where they may, ask otherwise, and each once', async () => {
    const advice = [
      { action: 'notify', reason: 'Rain', message: 'It will rain' },
      { action: 'pause', reason: 'Nothing happens' },
      { action: 'disable_endpoint', reason: 'Old', endpoint: 'weather' },
    ]
    scene.model = ({ kind, atMs }) => (kind === 'next' ? nextIn(atMs, HOUR, ...advice) : planOf(call('weather')))
    const { id } = await scene.make({ apply: { disable_endpoint: 'never' } })
    await scene.live(130 * MINUTE)
    expect((await scene.last(id)).recommended).toEqual([
      'The model recommended to tell: It will rain, because: Rain. Not done: It was recommended within the last day already.',
      'The model recommended to pause this schedule, because: Nothing happens. Not done: It was recommended within the last day already.',
      'The model recommended to turn weather off, because: Old. Not done: This schedule never does that.',
    ])
    expect((await scene.told()).map(({ type }) => type)).toEqual(['schedule_missed', 'agent_blocked'])
    const [asked] = (await scene.view(id)).plan?.asked ?? []
    expect(asked).toMatchObject({ action: 'pause', description: 'pause this schedule' })
    const yes = { ...scene.ada, requestKey: 'yes' }
    await decideAction(scene.core, yes, { id: asked?.id ?? '', decision: 'yes' })
    await decideAction(scene.core, yes, { id: asked?.id ?? '', decision: 'yes' })
    expect(await scene.view(id)).toMatchObject({ status: 'paused', reason: 'by_plan' })
    await expect(decideAction(scene.core, scene.ada, { id: asked?.id ?? '', decision: 'no' })).rejects.toMatchObject({
      code: 'conflict',
    })
    const eve = await person(scene.core, 'eve')
    await expect(decideAction(scene.core, eve, { id: asked?.id ?? '', decision: 'no' })).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(hintSchedule(scene.core, eve, { id, note: 'x' })).rejects.toMatchObject({ code: 'not_found' })
  })

  it('say so where the mock answers, and do what needs no model', async () => {
    scene.mock = true
    const { id } = await scene.make()
    await scene.live(2 * HOUR)
    const last = await scene.last(id)
    expect(last).toMatchObject({
      status: 'done',
      mock: true,
      plan: { by: 'without_model' },
      went: ['weather answered.', '0 % of the answers were others than the time before.'],
    })
    expect(last.story).toContain('[mock] No model is connected; what it says here is made up.')
    expect(last.story).toContain('No model is connected: the mock answered, and it plans nothing.')
  })

  it('come more seldom where nothing changes at all', async () => {
    scene.model = ({ kind }) => (kind === 'next' ? new Error('No') : planOf(call('weather')))
    const { id } = await scene.make({ everyMs: 30 * MINUTE, minMs: 10 * MINUTE, maxMs: 12 * HOUR, tokensPerCycle: 0 })
    await scene.live(24 * HOUR)
    const cycles = await scene.cycles(id)
    expect(cycles.length).toBeLessThanOrEqual(10)
    expect((await scene.last(id)).story).toContain('0 % of the answers had changed')
    expect((await scene.last(id)).next?.because.join(' ')).toMatch(
      /The same plan has got the same answers \d+ times over/,
    )
  }, 60_000)
})

const SLOW = {
  jobId: 'slow',
  displayName: 'Slow',
  steps: [{ stepId: 'rest', toolId: 'wait', inputMappings: { ms: { value: 2 * HOUR } } }],
}
