import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Actor } from '#core/actor.ts'
import { setCap } from '#core/economy/caps.ts'
import { setCreditLine } from '#core/economy/credit-line.ts'
import { grant } from '#core/economy/grant.ts'
import { placeHold, settleHolds } from '#core/economy/holds.ts'
import { wakeWaiting } from '#core/economy/wake.ts'
import { saveJob } from '#core/jobs/save.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { cancelRun } from '#core/runs/cancel.ts'
import { tryFund } from '#core/runs/fund-waiting.ts'
import { FUNDS_WAIT_MS } from '#core/runs/funds-wait.ts'
import { getRun, runEvents } from '#core/runs/read.ts'
import { submitRun } from '#core/runs/submit.ts'
import { createTeam } from '#core/teams/create.ts'
import { removeMember } from '#core/teams/leave.ts'
import { addMember } from '#core/teams/members.ts'
import { give, inTeam, newPerson, withKey } from '#tests/core/economy/people.ts'
import { ShiftedClock } from '#tests/support/chat-world.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { HELLO, isSound, lookAgain, PRICE_MICROS, statuses, submit, untilRun, work } from './waiting-runs.ts'

describe.each(DIALECTS)('runs that wait for money on %s', (dialect) => {
  let world: World
  let clock: ShiftedClock
  let ada: Actor
  let root: Actor
  beforeEach(async () => {
    clock = new ShiftedClock()
    world = await createWorld(dialect, { clock, settings: { welcomeCreditMicros: 0n } })
    await seedShipped(world.core)
    ada = await newPerson(world.core, 'ada')
    root = await newPerson(world.core, 'root', 'admin')
  })
  afterEach(async () => {
    await world.core.queue.stop(1_000)
    await world.end()
  })

  const pay = (usd: string, to: Actor = ada) =>
    grant(world.core, root, { to: `@${to.handle}`, amountUsd: usd, reason: 'help' })

  it('are kept, say what is missing, and begin by themselves when it is there', async () => {
    await work(world)
    const submitted = await submitRun(world.core, ada, HELLO)
    expect(submitted.waitingFor).toMatchObject({ kind: 'funds', limit: 'available', neededUsd: '0.0005' })
    const { runId } = submitted
    const waiting = await getRun(world.core, ada, runId)
    expect(waiting).toMatchObject({ status: 'waiting', startedAt: null, waitingFor: { missingUsd: '0.0005' } })
    expect(waiting.steps.map(({ status }) => status)).toEqual(['pending'])
    await isSound(world, ada.context, 1)
    await pay('0.0004')
    await pay('0.0001')
    expect(await untilRun(world, ada, runId, 'succeeded')).toMatchObject({ costUsd: '0.0005', waitingFor: null })
    await isSound(world, ada.context)
    const { items } = await runEvents(world.core, ada, runId)
    expect(items.map(({ type }) => type)).toEqual([
      'run.created',
      'run.waiting',
      'run.funded',
      'run.started',
      'step.started',
      'step.succeeded',
      'run.succeeded',
      'run.settled',
    ])
    expect(world.errors).toEqual([])
  })

  it('are a hundred, and with money for ten the ten that came first run', { timeout: 120_000 }, async () => {
    const runs: string[] = []
    for (let number = 0; number < 100; number++) {
      runs.push(await submit(world, ada))
      // Of two in the same millisecond nobody says which was first.
      clock.advance(1)
    }
    await work(world)
    await isSound(world, ada.context, 100)
    await give(world.core, ada.context, PRICE_MICROS * 10n)
    await world.core.db.write((tx) => wakeWaiting(world.core, tx, `user:${ada.accountId}`))
    for (const runId of runs.slice(0, 10)) await untilRun(world, ada, runId, 'succeeded')
    await eventually(async () => {
      expect(await statuses(world, ada.context)).toEqual({ succeeded: 10, waiting: 90 })
      await isSound(world, ada.context, 90)
    })
    // Paid in many small pieces at once, none is lost and none is spent twice.
    await Promise.all(Array.from({ length: 20 }, () => pay('0.00125')))
    await eventually(async () => {
      expect(await statuses(world, ada.context)).toEqual({ succeeded: 60, waiting: 40 })
      await isSound(world, ada.context, 40)
    }, 40_000)
    expect(world.errors).toEqual([])
  })

  it('take what another run gives back when it ends', async () => {
    await pay('0.0006')
    const { accountId, context } = ada
    const paid = { id: 'run_other', context, accountId, holds: 0 }
    await world.core.db.write((tx) => placeHold(tx, paid, { amountMicros: 600n, nowMs: clock.nowMs() }))
    await work(world)
    const runId = await submit(world, ada)
    await world.core.db.write(async function endOther(tx) {
      const settled = await settleHolds(tx, { ...paid, holds: 1 }, { costMicros: 100n, nowMs: clock.nowMs() })
      expect(settled.freesForOthers).toBe(true)
      await wakeWaiting(world.core, tx, `user:${accountId}`)
    })
    await untilRun(world, ada, runId, 'succeeded')
    await isSound(world, ada.context)
  })

  it('of one that needs much does not keep a small one behind it waiting', async () => {
    const big = {
      ...HELLO,
      target: { tool: 'docs.format' },
      inputs: { text: '# x', language: 'markdown' },
    }
    await work(world)
    const first = (await submitRun(world.core, ada, big)).runId
    const second = await submit(world, ada)
    await pay('0.0005')
    await untilRun(world, ada, second, 'succeeded')
    expect((await getRun(world.core, ada, first)).status).toBe('waiting')
    await isSound(world, ada.context, 1)
    await pay('0.001')
    await untilRun(world, ada, first, 'succeeded')
  })

  it('end after a day, with nothing spent and a sentence that says so', async () => {
    const runId = await submit(world, ada)
    clock.advance(FUNDS_WAIT_MS + 1_000)
    await work(world)
    await lookAgain(world, runId)
    const run = await untilRun(world, ada, runId, 'cancelled')
    expect(run.error?.message).toContain('none came within a day. Nothing was spent.')
    expect(run.costUsd).toBe('0.00')
    await pay('1')
    await isSound(world, ada.context)
    expect((await getRun(world.core, ada, runId)).status).toBe('cancelled')
    expect(world.errors).toEqual([])
  })

  it('can be stopped, also in the moment in which money comes', async () => {
    await work(world)
    const first = await submit(world, ada)
    await cancelRun(world.core, ada, first)
    await untilRun(world, ada, first, 'cancelled')
    await isSound(world, ada.context)
    for (let round = 0; round < 10; round++) {
      const runId = await submit(world, ada)
      await Promise.all([pay('0.0005'), cancelRun(world.core, ada, runId)])
      await eventually(async () => expect((await getRun(world.core, ada, runId)).finishedAt).not.toBeNull())
      await eventually(() => isSound(world, ada.context))
      if ((await getRun(world.core, ada, runId)).status === 'succeeded') continue
      // The money is still there: it is not for the next round.
      await world.core.db.write(async function spendIt(tx) {
        const paid = { id: `run_rest_${round}`, context: ada.context, accountId: ada.accountId, holds: 0 }
        await placeHold(tx, paid, { amountMicros: 500n, nowMs: clock.nowMs() })
        await settleHolds(tx, { ...paid, holds: 1 }, { costMicros: 500n, nowMs: clock.nowMs() })
      })
    }
    expect(world.errors).toEqual([])
  })

  it('stopped when their money was held already, give it back', async () => {
    const runId = await submit(world, ada)
    await pay('0.0005')
    // One worker gives the money, and dies before the run is looked at; meanwhile somebody stops it.
    const { core } = world
    expect(await core.db.write((tx) => tryFund(core, tx, runId, { nowMs: clock.nowMs() }))).toBe('funded')
    expect(await core.db.write((tx) => tryFund(core, tx, runId, { nowMs: clock.nowMs() }))).toBe('over')
    await cancelRun(core, ada, runId)
    await work(world)
    await untilRun(world, ada, runId, 'cancelled')
    await isSound(world, ada.context)
  })

  it('begin after a crash between the money and the run', async () => {
    const runId = await submit(world, ada)
    await pay('0.0005')
    await world.core.db.write((tx) => tryFund(world.core, tx, runId, { nowMs: clock.nowMs() }))
    await work(world)
    await untilRun(world, ada, runId, 'succeeded')
    await isSound(world, ada.context)
  })

  it('answer the same request again as they did', async () => {
    const asked = withKey(ada, 'again')
    const first = await submitRun(world.core, asked, HELLO)
    expect(await submitRun(world.core, asked, HELLO)).toEqual({ ...first, replayed: true })
    await work(world)
    await pay('1')
    await untilRun(world, ada, first.runId, 'succeeded')
    expect(await submitRun(world.core, asked, HELLO)).toEqual({ ...first, replayed: true })
    await isSound(world, ada.context)
  })

  describe('in a team', () => {
    let teamId: string
    let ben: Actor
    let bob: Actor
    beforeEach(async () => {
      teamId = (await createTeam(world.core, ada, { name: 'Acme' })).id
      for (const name of ['ben', 'bob']) {
        const person = await newPerson(world.core, name)
        await addMember(world.core, ada, { teamId, accountId: person.accountId, role: 'member' })
        if (name === 'ben') ben = inTeam(person, teamId)
        else bob = inTeam(person, teamId)
      }
    })

    it('wait for room under a cap, and keep nobody else waiting', async () => {
      await give(world.core, ben.context, 1_000_000n)
      await setCap(world.core, inTeam(ada, teamId), { subject: '@ben', amountUsd: '0.0005' })
      await work(world)
      await untilRun(world, ben, await submit(world, ben), 'succeeded')
      const second = await submitRun(world.core, ben, HELLO)
      expect(second.waitingFor).toMatchObject({ limit: 'member_monthly_cap', facts: { limitUsd: '0.0005' } })
      await untilRun(world, bob, await submit(world, bob), 'succeeded')
      expect((await getRun(world.core, ben, second.runId)).status).toBe('waiting')
      await isSound(world, ben.context, 1)
      await setCap(world.core, inTeam(ada, teamId), { subject: '@ben', amountUsd: '1' })
      await untilRun(world, ben, second.runId, 'succeeded')
      await isSound(world, ben.context)
    })

    it('begin when the team gets a credit line', async () => {
      await work(world)
      const runId = await submit(world, ben)
      await setCreditLine(world.core, root, { teamId, limitUsd: '1', enabled: true })
      await untilRun(world, ben, runId, 'succeeded')
      await isSound(world, ben.context)
    })

    it('say what is in the way when it is something else by now', async () => {
      await setCap(world.core, inTeam(ada, teamId), { subject: 'team', amountUsd: '0.0001' })
      await work(world)
      const { runId, waitingFor } = await submitRun(world.core, ben, HELLO)
      expect(waitingFor?.limit).toBe('team_monthly_cap')
      await setCap(world.core, inTeam(ada, teamId), { subject: 'team', amountUsd: null })
      await eventually(async () => expect((await getRun(world.core, ben, runId)).waitingFor?.limit).toBe('available'))
      await give(world.core, ben.context, PRICE_MICROS)
      await world.core.db.write((tx) => wakeWaiting(world.core, tx, `team:${teamId}`))
      await untilRun(world, ben, runId, 'succeeded')
    })

    it('of somebody who was removed meanwhile end, and spend nothing', async () => {
      const runId = await submit(world, ben)
      await removeMember(world.core, ada, { teamId, accountId: ben.accountId })
      await grant(world.core, root, { to: 'Acme', amountUsd: '1', reason: 'help' })
      await work(world)
      const run = await untilRun(world, inTeam(ada, teamId), runId, 'cancelled')
      expect(run.error?.message).toBe('Whoever started it may not spend there any more.')
      await isSound(world, ben.context)
    })
  })

  describe('in the middle', () => {
    /** Its list is longer than the quote assumed: after twenty of them the hold is used up. */
    const long = {
      jobId: 'long',
      displayName: 'Long',
      description: 'Many.',
      inputSchema: { type: 'object', properties: {} },
      steps: [
        {
          stepId: 'list',
          toolId: 'data.transform',
          inputMappings: { data: { value: {} }, expression: { value: '[1..30]' } },
        },
        {
          stepId: 'each',
          toolId: 'text.template',
          forEach: { step: 'list', output: 'value' },
          inputMappings: { template: { value: 'Hello' }, data: { value: {} } },
        },
      ],
      outputs: { texts: { step: 'each', output: 'items' } },
    }
    const request = { target: { job: 'long' }, inputs: {} }
    beforeEach(async () => {
      await saveJob(world.core, ada, { source: long, publish: true })
      await pay('0.0105')
      await work(world)
    })

    it('go on when more is there, and pay for each step once', { timeout: 60_000 }, async () => {
      const { runId } = await submitRun(world.core, ada, request)
      const waiting = await untilRun(world, ada, runId, 'waiting')
      expect(waiting.waitingFor).toMatchObject({ kind: 'funds', limit: 'available' })
      expect(waiting.steps.filter(({ status }) => status === 'succeeded').length).toBeGreaterThan(15)
      await pay('0.003')
      await pay('0.0015')
      await pay('0.0005')
      const run = await untilRun(world, ada, runId, 'succeeded')
      expect(run.costUsd).toBe('0.0155')
      expect(run.outputs?.texts).toHaveLength(30)
      expect(run.steps.every(({ attempts }) => attempts === 1)).toBe(true)
      await isSound(world, ada.context)
      expect(world.errors).toEqual([])
    })

    it('fail after a day, and pay for what was done', { timeout: 60_000 }, async () => {
      const { runId } = await submitRun(world.core, ada, request)
      await untilRun(world, ada, runId, 'waiting')
      clock.advance(FUNDS_WAIT_MS + 1_000)
      await lookAgain(world, runId)
      const run = await untilRun(world, ada, runId, 'failed')
      expect(run.error).toMatchObject({ code: 'insufficient_funds' })
      expect(Number(run.costUsd)).toBeGreaterThan(0.008)
      await isSound(world, ada.context)
    })

    it('are stopped while their money is on its way, and give it back', { timeout: 60_000 }, async () => {
      const { runId } = await submitRun(world.core, ada, request)
      await untilRun(world, ada, runId, 'waiting')
      await Promise.all([pay('1'), cancelRun(world.core, ada, runId)])
      await eventually(async () => expect((await getRun(world.core, ada, runId)).finishedAt).not.toBeNull())
      await eventually(() => isSound(world, ada.context))
    })

    it('fail at once above what the job itself allows', { timeout: 60_000 }, async () => {
      const limited = { ...long, jobId: 'limited', limits: { maxCostUsd: '0.011' } }
      await saveJob(world.core, ada, { source: limited, publish: true })
      await pay('1')
      const { runId } = await submitRun(world.core, ada, { target: { job: 'limited' }, inputs: {} })
      const run = await untilRun(world, ada, runId, 'failed')
      expect(run.error?.message).toContain('may cost at most $0.011')
      await isSound(world, ada.context)
    })
  })
})
