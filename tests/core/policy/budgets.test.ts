import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '#core/actor.ts'
import type { Core } from '#core/core.ts'
import { type PaidRun, placeHold, settleHolds, tryHold } from '#core/economy/holds.ts'
import type { AppError } from '#core/errors.ts'
import { readBudget, readBudgets } from '#core/policy/budgets/read.ts'
import { createBudget, type NewBudget, removeBudget, updateBudget } from '#core/policy/budgets/save.ts'
import { createTeam } from '#core/teams/create.ts'
import { addMember } from '#core/teams/members.ts'
import { statement } from '#db/statement.ts'
import { give, inTeam, newPerson, USD } from '#tests/core/economy/people.ts'
import { TestClock } from '#tests/support/clock.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createWorld, type World } from '#tests/support/world.ts'

const DAY_MS = 86_400_000

const renameSubject = statement((q, p: { id: string; subject: string }) =>
  q.updateTable('budget').set({ subject: p.subject }).where('id', '=', p.id),
)

describe.each(DIALECTS)('budgets on %s', (dialect) => {
  let world: World
  let core: Core
  let clock: TestClock
  let number = 0
  beforeAll(async () => {
    clock = new TestClock()
    world = await createWorld(dialect, { clock, settings: { welcomeCreditMicros: 0n } })
    core = world.core
  })
  afterAll(() => world.end())

  /** A team with money, its owner acting in it, and a member. */
  async function team(): Promise<{ ann: Actor; ben: Actor }> {
    const [ann, ben] = [await newPerson(core, `ann${++number}`), await newPerson(core, `ben${number}`)]
    const { id: teamId } = await createTeam(core, ann, { name: `Acme ${number}` })
    await addMember(core, ann, { teamId, accountId: ben.accountId, role: 'member' })
    await give(core, inTeam(ann, teamId).context, 100n * USD)
    return { ann: inTeam(ann, teamId), ben: inTeam(ben, teamId) }
  }

  const runOf = (actor: Actor, more: Partial<PaidRun> = {}): PaidRun => ({
    id: `run_${dialect}_${++number}`,
    context: actor.context,
    accountId: actor.accountId,
    holds: 0,
    jobId: 'brief',
    ...more,
  })
  const hold = (run: PaidRun, amountMicros: bigint) =>
    core.db.write(async function holdForRun(tx) {
      return placeHold(tx, run, { amountMicros, nowMs: clock.nowMs() })
    })
  const settle = (run: PaidRun, costMicros: bigint) =>
    core.db.write(async function settleRun(tx) {
      return settleHolds(tx, run, { costMicros, nowMs: clock.nowMs() })
    })
  const usedUsd = async (actor: Actor, id: string): Promise<string> => (await readBudget(core, actor, id)).usedUsd
  const refusal = async (promise: Promise<unknown>): Promise<AppError> => {
    const error = await promise.then(
      () => undefined,
      (reason: AppError) => reason,
    )
    if (!error) throw new Error('It was not refused')
    return error
  }

  const SUBJECTS: [of: string, counts: Partial<PaidRun>, doesNot: Partial<PaidRun>][] = [
    ['team', {}, {}],
    ['job:brief', { jobId: 'brief' }, { jobId: 'other' }],
    ['agent:agt_1', { agentIds: ['agt_1'] }, { agentIds: ['agt_2'] }],
    ['schedule:sch_1', { scheduleId: 'sch_1' }, {}],
    ['provider:openai', { providers: ['google', 'openai'] }, { providers: ['google'] }],
  ]

  describe.each(['day', 'month'] as const)('for a %s', (period) => {
    it.each(SUBJECTS)('of %s count what belongs to them and stop at the limit', async (of, counts, doesNot) => {
      const { ann } = await team()
      const id = await put(ann, { of, period, limitUsd: '1' })
      await hold(runOf(ann, counts), 600_000n)
      expect(await usedUsd(ann, id)).toBe('0.60')
      const error = await refusal(hold(runOf(ann, counts), 400_001n))
      expect(error.code).toBe('limit_reached')
      expect(error.message).toMatch(
        /^The budget of .+ is \$1\.00; \$0\.60 is used and this needs up to \$0\.4\S+\. It starts anew on 2026-/,
      )
      expect(error.details.facts).toMatchObject({ limit: 'budget', limitUsd: '1.00', usedUsd: '0.60' })
      await hold(runOf(ann, counts), 400_000n)
      if (of !== 'team') await hold(runOf(ann, doesNot), 5n * USD)
      expect(await usedUsd(ann, id)).toBe('1.00')
    })
  })

  /** Without the checks of who is here: schedules and agents of these names are in no table. */
  async function put(actor: Actor, given: NewBudget): Promise<string> {
    if (!/^(agent|schedule):/.test(given.of)) return (await createBudget(core, actor, given)).id
    const { id } = await createBudget(core, actor, { ...given, of: 'job:stand-in' })
    await core.db.write(async function renameBudget(tx) {
      await renameSubject.run(tx, { id, subject: given.of })
    })
    return id
  }

  it('of a person count that person alone', async () => {
    const { ann, ben } = await team()
    const { id } = await createBudget(core, ann, { of: `person:@${ben.handle}`, period: 'day', limitUsd: '1' })
    await hold(runOf(ann), 5n * USD)
    expect(await usedUsd(ann, id)).toBe('0.00')
    await hold(runOf(ben), USD)
    expect((await refusal(hold(runOf(ben), 1n))).code).toBe('limit_reached')
  })

  it('of each run count the run with its top-ups, and no other', async () => {
    const { ann } = await team()
    await createBudget(core, ann, { of: 'run', period: 'run', limitUsd: '1' })
    const run = runOf(ann)
    await hold(run, 700_000n)
    await hold(runOf(ann), 700_000n)
    const error = await refusal(hold({ ...run, holds: 1 }, 400_000n))
    expect(error.message).toBe(
      'The budget of each run is $1.00; $0.70 is used and this needs up to $0.40. It is for each run.',
    )
    await hold({ ...run, holds: 1 }, 300_000n)
  })

  it('start anew with the day, and what is given back goes to the day it was counted in', async () => {
    const { ann } = await team()
    const { id } = await createBudget(core, ann, { of: 'team', period: 'day', limitUsd: '1' })
    const run = runOf(ann)
    await hold(run, USD)
    expect((await refusal(hold(runOf(ann), 1n))).code).toBe('limit_reached')
    clock.advance(DAY_MS)
    expect(await usedUsd(ann, id)).toBe('0.00')
    const next = runOf(ann)
    await hold(next, 900_000n)
    await settle({ ...run, holds: 1 }, 100_000n)
    expect(await usedUsd(ann, id)).toBe('0.90')
    await settle({ ...next, holds: 1 }, 200_000n)
    expect(await usedUsd(ann, id)).toBe('0.20')
  })

  it('count what was spent in their day or month before they were made, where it was held', async () => {
    const { ann } = await team()
    const spend = async (heldMicros: bigint, costMicros: bigint, untilSettled = 0): Promise<void> => {
      const run = runOf(ann)
      await hold(run, heldMicros)
      clock.advance(untilSettled)
      await settle({ ...run, holds: 1 }, costMicros)
    }
    // Of a month, of which nothing is left to count; then of yesterday, over midnight, and of today.
    await spend(USD, 700_000n)
    clock.advance(31 * DAY_MS)
    for (let n = 0; n < 20; n++) await spend(10_000n, 1_000n)
    await spend(USD, 200_000n, DAY_MS)
    for (let n = 0; n < 20; n++) await spend(10_000n, 2_000n)
    await spend(300_000n, 400_000n)
    await spend(300_000n, 0n)
    const { id: day } = await createBudget(core, ann, { of: 'team', period: 'day', limitUsd: '5' })
    const { id: month } = await createBudget(core, ann, { of: `person:@${ann.handle}`, period: 'month', limitUsd: '5' })
    expect(await usedUsd(ann, day)).toBe('0.44')
    expect(await usedUsd(ann, month)).toBe('0.66')
    await spend(USD, 60_000n)
    expect(await usedUsd(ann, day)).toBe('0.50')
    expect(await usedUsd(ann, month)).toBe('0.72')
    const other = await team()
    const { id: none } = await createBudget(core, other.ann, { of: 'team', period: 'month', limitUsd: '5' })
    expect(await usedUsd(other.ann, none)).toBe('0.00')
  })

  it('count top-ups, and give back what of all holds was not spent', async () => {
    const { ann } = await team()
    const { id } = await createBudget(core, ann, { of: 'job:brief', period: 'month', limitUsd: '1' })
    const run = runOf(ann)
    await hold(run, 300_000n)
    await hold({ ...run, holds: 1 }, 500_000n)
    expect(await usedUsd(ann, id)).toBe('0.80')
    await settle({ ...run, holds: 2 }, 350_000n)
    expect(await usedUsd(ann, id)).toBe('0.35')
    await hold(runOf(ann), 650_000n)
  })

  it('count what was charged beyond the holds', async () => {
    const { ann } = await team()
    const { id } = await createBudget(core, ann, { of: 'team', period: 'month', limitUsd: '1' })
    const run = runOf(ann)
    await hold(run, 300_000n)
    await settle({ ...run, holds: 1 }, 500_000n)
    expect(await usedUsd(ann, id)).toBe('0.50')
  })

  it('keep nothing of what the wallet or another budget has no room for', async () => {
    const { ann } = await team()
    const { id } = await createBudget(core, ann, { of: 'team', period: 'month', limitUsd: '500' })
    await createBudget(core, ann, { of: 'job:brief', period: 'month', limitUsd: '1' })
    const held = await core.db.write(async function tryMuch(tx) {
      const run = runOf(ann, { jobId: 'other' })
      return tryHold(tx, run, { amountMicros: 200n * USD, nowMs: clock.nowMs() })
    })
    expect(held).toMatchObject({ shortage: { limit: 'available' } })
    expect(await usedUsd(ann, id)).toBe('0.00')
    const other = await core.db.write(async function tryMore(tx) {
      return tryHold(tx, runOf(ann), { amountMicros: 2n * USD, nowMs: clock.nowMs() })
    })
    expect(other).toMatchObject({ shortage: { limit: 'budget' } })
    expect(await usedUsd(ann, id)).toBe('0.00')
  })

  it('that only warn stop nobody, and warn once for each crossing', async () => {
    const { ann } = await team()
    const { id } = await createBudget(core, ann, {
      of: 'team',
      period: 'day',
      limitUsd: '1',
      warnPercent: 60,
      stop: false,
    })
    const crossed: number[][] = []
    for (const amount of [500_000n, 200_000n, 200_000n, 200_000n, 200_000n]) {
      const placed = await hold(runOf(ann), amount)
      crossed.push(placed.crossed.flatMap(({ percents }) => percents))
    }
    expect(crossed).toEqual([[], [60], [], [100], []])
    expect(await readBudget(core, ann, id)).toMatchObject({ usedUsd: '1.30', remainingUsd: '0.00', level: 'low' })
  })

  it('let exactly what fits through, of 200 at once', { timeout: 120_000 }, async () => {
    const { ann } = await team()
    const { id } = await createBudget(core, ann, { of: 'job:brief', period: 'day', limitUsd: '0.0001' })
    const tries = Array.from({ length: 200 }, () => hold(runOf(ann), 10n))
    const results = await Promise.allSettled(tries)
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
    const codes = results.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))
    expect(new Set(codes)).toEqual(new Set(['limit_reached']))
    expect(await usedUsd(ann, id)).toBe('0.0001')
  })

  it('are set, changed and ended by admins, and by nobody twice', async () => {
    const { ann, ben } = await team()
    const given: NewBudget = { of: 'team', period: 'month', limitUsd: '5' }
    expect((await refusal(createBudget(core, ben, given))).code).toBe('forbidden')
    const { id } = await createBudget(core, ann, given)
    expect((await refusal(createBudget(core, ann, given))).code).toBe('conflict')
    await updateBudget(core, ann, { id, version: 1, change: { limitUsd: '6' } })
    expect((await refusal(updateBudget(core, ann, { id, version: 1, change: { limitUsd: '7' } }))).code).toBe(
      'precondition_failed',
    )
    expect(await readBudgets(core, ben)).toMatchObject([{ id, limitUsd: '6.00', warnPercent: 80, version: 2 }])
    const other = await team()
    expect((await refusal(updateBudget(core, other.ann, { id, change: { limitUsd: '7' } }))).code).toBe('not_found')
    await removeBudget(core, ann, id)
    expect(await readBudgets(core, ann)).toEqual([])
    for (const wrong of [
      { of: 'everything', period: 'month', limitUsd: '1' },
      { of: 'run', period: 'month', limitUsd: '1' },
      { of: 'team', period: 'run', limitUsd: '1' },
      { of: 'team', period: 'month', limitUsd: '0' },
      { of: 'team', period: 'month', limitUsd: '1', warnPercent: 0 },
    ] as const) {
      expect((await refusal(createBudget(core, ann, wrong))).code).toBe('bad_input')
    }
    expect((await refusal(createBudget(core, ann, { of: 'agent:none', period: 'day', limitUsd: '1' }))).code).toBe(
      'not_found',
    )
  })
})
