import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Actor } from '#core/actor.ts'
import { teamContext } from '#core/context.ts'
import { checkLedger } from '#core/economy/check.ts'
import { fund } from '#core/economy/fund.ts'
import { setPublished } from '#core/jobs/save.ts'
import { resumeSchedule, runScheduleNow } from '#core/schedules/change.ts'
import { explainSchedule } from '#core/schedules/explain.ts'
import { createTeam } from '#core/teams/create.ts'
import { removeMember } from '#core/teams/leave.ts'
import { addMember } from '#core/teams/members.ts'
import { updateMember } from '#core/teams/update-member.ts'
import { startWork } from '#core/work.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createScene, MINUTE_MS, person, type Scene, START } from './scene.ts'

const start = Date.parse(START)
const iso = (ms: number): string => new Date(ms).toISOString()

describe.each(DIALECTS)('a scheduled run that is refused, on %s', (dialect) => {
  let scene: Scene
  afterEach(async () => {
    expect(scene.world.errors).toEqual([])
    expect((await checkLedger(scene.core)).sound).toBe(true)
    await scene.end()
  })

  describe('for want of money', () => {
    beforeEach(async () => {
      scene = await createScene(dialect, { welcomeUsd: 0n })
    })

    it('is a row with its reason, told once, and the next time comes as planned', async () => {
      const { id } = await scene.make()
      await scene.live(MINUTE_MS, 5)
      const fires = await scene.fires(id)
      expect(fires).toHaveLength(5)
      expect(fires[0]).toMatchObject({ status: 'skipped', runId: null, reason: { code: 'insufficient_funds' } })
      expect(await scene.view(id)).toMatchObject({
        status: 'active',
        runs: 0,
        nextFires: [iso(start + 6 * MINUTE_MS), ...Array(4).fill(expect.any(String))],
      })
      const told = await scene.told()
      expect(told).toHaveLength(1)
      expect(told[0]?.conversation).toBe(`web_${scene.ada.accountId}`)
      expect(told[0]?.text).toContain('It did not run:')
      expect(await scene.runs()).toEqual([])
      // A day later it is told again.
      await scene.live(24 * 60 * MINUTE_MS)
      await scene.live(MINUTE_MS)
      expect((await scene.told()).filter(({ text }) => text.includes('It did not run:'))).toHaveLength(2)
    })

    it('ends what was to happen once, with a way to do it after all', async () => {
      const { id } = await scene.make({ kind: 'once', at: iso(start + MINUTE_MS) })
      await scene.live(MINUTE_MS)
      expect(await scene.view(id)).toMatchObject({ status: 'ended' })
      expect((await scene.told())[0]?.text).toContain('Run now')
      await expect(runScheduleNow(scene.core, scene.ada, { id })).rejects.toMatchObject({ code: 'insufficient_funds' })
    })
  })

  describe('because somebody has to do something', () => {
    let bob: Actor
    let adaInTeam: Actor
    let bobInTeam: Actor
    let teamId: string
    beforeEach(async () => {
      scene = await createScene(dialect)
      bob = await person(scene.core, 'bob')
      teamId = (await createTeam(scene.core, scene.ada, { name: 'Acme' })).id
      await addMember(scene.core, scene.ada, { teamId, accountId: bob.accountId, role: 'admin' })
      const context = teamContext(teamId)
      await fund(scene.core, { ...scene.ada, requestKey: 'fund' }, { context, amountUsd: '5', reason: 'test' })
      adaInTeam = { ...scene.ada, context }
      bobInTeam = { ...bob, context }
    })
    const job = { jobId: 'release-notes', inputs: { commits: 'a1b2c3d feat: first' } }

    it('pauses when its owner is in the team no more, and goes on for who resumes it', async () => {
      const { id } = await scene.make(job, bobInTeam)
      await scene.live(MINUTE_MS)
      await removeMember(scene.core, scene.ada, { teamId, accountId: bob.accountId })
      await scene.live(MINUTE_MS, 3)
      const fires = await scene.fires(id, adaInTeam)
      expect(fires.map(({ status }) => status)).toEqual(['started', 'skipped'])
      expect(await scene.view(id, adaInTeam)).toMatchObject({ status: 'paused', reason: 'not_found', nextFires: [] })
      expect(await scene.events('schedule.paused')).toHaveLength(1)
      // Who has left hears nothing of it; those do who may see to it.
      const told = (await scene.told()).filter(({ text }) => text.includes('is paused'))
      expect(told.map(({ conversation }) => conversation)).toEqual([`web_${scene.ada.accountId}`])
      await expect(scene.view(id, bob)).rejects.toMatchObject({ code: 'not_found' })
      await resumeSchedule(scene.core, adaInTeam, { id })
      await scene.live(MINUTE_MS)
      const runs = await scene.runs()
      expect(runs.map(({ account_id }) => account_id).sort()).toEqual([scene.ada.accountId, bob.accountId].sort())
      expect((await scene.view(id, adaInTeam)).ownerId).toBe(scene.ada.accountId)
    })

    it('pauses when its owner may not keep schedules any more', async () => {
      const { id } = await scene.make(job, bobInTeam)
      await updateMember(scene.core, scene.ada, { teamId, accountId: bob.accountId, change: { role: 'member' } })
      await scene.live(MINUTE_MS, 2)
      expect((await scene.fires(id, adaInTeam)).map(({ status }) => status)).toEqual(['skipped'])
      expect(await scene.view(id, adaInTeam)).toMatchObject({ status: 'paused', reason: 'forbidden' })
      await expect(resumeSchedule(scene.core, bobInTeam, { id })).rejects.toMatchObject({ code: 'forbidden' })
      await expect(runScheduleNow(scene.core, bobInTeam, { id })).rejects.toMatchObject({ code: 'forbidden' })
      await expect(scene.make(job, bobInTeam)).rejects.toMatchObject({ code: 'forbidden' })
    })

    it('pauses when its job is published no more', async () => {
      const { id } = await scene.make()
      await setPublished(scene.core, scene.ada, 'hello', false)
      await scene.live(MINUTE_MS, 3)
      expect(await scene.tally(id)).toEqual({ skipped: 1 })
      const { why, schedule } = await explainSchedule(scene.core, scene.ada, id)
      expect(schedule.status).toBe('paused')
      expect(why.join(' ')).toContain('Hello is a draft.')
      await setPublished(scene.core, scene.ada, 'hello', true)
      await resumeSchedule(scene.core, scene.ada, { id })
      await scene.live(MINUTE_MS)
      expect(await scene.tally(id)).toEqual({ skipped: 1, started: 1 })
    })
  })

  describe('by its own budget', () => {
    beforeEach(async () => {
      scene = await createScene(dialect)
    })

    it('counts what is held, gives back what was not used, and pauses when nothing will come free', async () => {
      await startWork(scene.core, { handle: async () => ({ replies: [] }), senders: new Map(), schedules: false })
      const { id } = await scene.make({ budgetUsd: '0.0012' })
      expect(await scene.view(id)).toMatchObject({ budgetUsd: '0.0012', usedUsd: '0.00' })
      const ended = async (count: number) =>
        eventually(async () => {
          const runs = await scene.runs()
          expect(runs.map(({ status }) => status)).toEqual(Array(count).fill('succeeded'))
        })
      await scene.live(MINUTE_MS)
      await ended(1)
      await scene.live(MINUTE_MS)
      await ended(2)
      await scene.live(MINUTE_MS, 2)
      expect(await scene.tally(id)).toEqual({ started: 2, skipped: 1 })
      expect(await scene.view(id)).toMatchObject({ status: 'paused', reason: 'limit_reached', usedUsd: '0.001' })
      await expect(runScheduleNow(scene.core, scene.ada, { id })).rejects.toMatchObject({ code: 'limit_reached' })
    })

    it('waits for runs that go on: what they hold may come free', async () => {
      const { id } = await scene.make({ budgetUsd: '0.0008' })
      await scene.live(MINUTE_MS, 2)
      expect(await scene.tally(id)).toEqual({ started: 1, skipped: 1 })
      expect(await scene.view(id)).toMatchObject({ status: 'active', usedUsd: '0.0005' })
    })

    it('is counted once for two processes', async () => {
      const other = await scene.another()
      const { id } = await scene.make({ budgetUsd: '0.0012' })
      const presses = Array.from({ length: 8 }, (_, n) =>
        runScheduleNow(n % 2 ? other : scene.core, scene.ada, { id }).then(
          () => 'started',
          ({ code }) => code,
        ),
      )
      const outcomes = await Promise.all(presses)
      expect(outcomes.filter((outcome) => outcome === 'started')).toHaveLength(2)
      expect(outcomes.filter((outcome) => outcome === 'limit_reached')).toHaveLength(6)
      expect(await scene.runs()).toHaveLength(2)
    })

    it('must be enough for one run', async () => {
      await expect(scene.make({ budgetUsd: '0.0004' })).rejects.toMatchObject({ code: 'bad_input' })
    })
  })
})
