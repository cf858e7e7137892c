import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Actor } from '#core/actor.ts'
import { askForBudget } from '#core/budgets/ask.ts'
import { declineBudget, grantBudget } from '#core/budgets/decide.ts'
import { findBudgetRequests, getBudgetRequest } from '#core/budgets/read.ts'
import { setCap } from '#core/economy/caps.ts'
import { debit } from '#core/economy/debit.ts'
import { fund } from '#core/economy/fund.ts'
import { walletView } from '#core/economy/wallet.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { FUNDS_WAIT_MS } from '#core/runs/funds-wait.ts'
import { getRun } from '#core/runs/read.ts'
import { createTeam } from '#core/teams/create.ts'
import { removeMember } from '#core/teams/leave.ts'
import { setLimits } from '#core/teams/limits.ts'
import { addMember } from '#core/teams/members.ts'
import { query } from '#db/statement.ts'
import { codeOf, give, inTeam, newPerson, withKey } from '#tests/core/economy/people.ts'
import { isSound, submit, untilRun, work } from '#tests/core/runs/waiting-runs.ts'
import { ShiftedClock } from '#tests/support/chat-world.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createWorld, type World } from '#tests/support/world.ts'

describe.each(DIALECTS)('asking for more on %s', (dialect) => {
  let world: World
  let clock: ShiftedClock
  let teamId: string
  let owner: Actor
  let admin: Actor
  let ben: Actor
  let root: Actor
  beforeEach(async () => {
    clock = new ShiftedClock()
    world = await createWorld(dialect, { clock, settings: { welcomeCreditMicros: 0n } })
    const { core } = world
    await seedShipped(core)
    const ann = await newPerson(core, 'ann')
    teamId = (await createTeam(core, ann, { name: 'Acme' })).id
    owner = inTeam(ann, teamId)
    admin = inTeam(await newPerson(core, 'abe'), teamId)
    ben = inTeam(await newPerson(core, 'ben'), teamId)
    root = await newPerson(core, 'root', 'admin')
    await addMember(core, owner, { teamId, accountId: admin.accountId, role: 'admin' })
    await addMember(core, owner, { teamId, accountId: ben.accountId, role: 'member' })
  })
  afterEach(async () => {
    await world.core.queue.stop(1_000)
    await world.end()
  })

  const raisesOf = () => query(world.core.db, (q) => q.selectFrom('budget_raise').selectAll())
  const memberCap = async (usd: string) => {
    await give(world.core, ben.context, 1_000_000n)
    await setCap(world.core, owner, { subject: '@ben', amountUsd: usd })
  }

  it('for room under a cap raises it for a time, and the run goes on', async () => {
    const { core } = world
    await memberCap('0.0001')
    const runId = await submit(world, ben)
    const asked = await askForBudget(core, ben, { runId, untilMs: clock.nowMs() + 3_600_000 })
    expect(asked).toMatchObject({ limit: 'member_monthly_cap', amountUsd: '0.0005', status: 'open', runId })
    expect(await askForBudget(core, ben, {})).toEqual(asked)
    await work(world)
    const granted = await grantBudget(core, admin, { requestId: asked.id })
    expect(granted).toMatchObject({ status: 'granted', decidedBy: { handle: 'abe' }, run: { started: true } })
    await untilRun(world, ben, runId, 'succeeded')
    const { limits } = await walletView(core, ben, ben.context)
    expect(limits).toMatchObject([{ limitUsd: '0.0006', usedUsd: '0.0005', raised: { byUsd: '0.0005' } }])
    clock.advance(3_600_001)
    expect((await walletView(core, ben, ben.context)).limits).toMatchObject([{ limitUsd: '0.0001' }])
    expect((await walletView(core, ben, ben.context)).limits[0]).not.toHaveProperty('raised')
    const spend = { accountId: ben.accountId, teamId, amountUsd: '0.000001', description: 'A stamp' }
    expect(await codeOf(debit(core, ben, spend))).toBe('limit_reached')
    await isSound(world, ben.context)
    expect(world.errors).toEqual([])
  })

  it('for money takes it out of the wallet of who grants, and holds it for that run in the same moment', async () => {
    const { core } = world
    const runId = await submit(world, ben)
    const asked = await askForBudget(core, ben, { runId })
    expect(asked).toMatchObject({ limit: 'available', amountUsd: '0.0005', until: null })
    await expect(grantBudget(core, owner, { requestId: asked.id })).rejects.toMatchObject({
      code: 'insufficient_funds',
      message: expect.stringContaining('What you grant comes out of your own wallet.'),
    })
    expect((await getBudgetRequest(core, ben, asked.id)).status).toBe('open')
    await give(core, { type: 'user', id: owner.accountId }, 700n)
    await grantBudget(core, owner, { requestId: asked.id })
    // Nobody works yet: what was granted is held for the run, and stays so over a crash.
    expect(await walletView(core, ben, ben.context)).toMatchObject({ heldUsd: '0.0005', availableUsd: '0.00' })
    await work(world)
    await untilRun(world, ben, runId, 'succeeded')
    await isSound(world, ben.context)
    expect(await walletView(core, owner, { type: 'user', id: owner.accountId })).toMatchObject({ balanceUsd: '0.0002' })
  })

  it('for a personal wallet goes to platform admins', async () => {
    const { core } = world
    const own = { ...ben, context: { type: 'user', id: ben.accountId } } as const
    const runId = await submit(world, own)
    const asked = await askForBudget(core, own, { runId })
    expect(await codeOf(grantBudget(core, admin, { requestId: asked.id }))).toBe('not_found')
    expect(await codeOf(grantBudget(core, own, { requestId: asked.id }))).toBe('forbidden')
    expect((await findBudgetRequests(core, root, { status: 'open', limit: 5 })).items).toHaveLength(1)
    await work(world)
    await grantBudget(core, root, { requestId: asked.id, amount: '2' })
    await untilRun(world, own, runId, 'succeeded')
    expect((await walletView(core, own, own.context)).balanceUsd).toBe('1.9995')
  })

  it('is decided once, whoever decides at the same moment', async () => {
    const { core } = world
    await memberCap('0.0001')
    for (let round = 0; round < 5; round++) {
      const asked = await askForBudget(core, ben, { limit: 'member_monthly_cap', amount: '0.10' })
      const outcomes = await Promise.all([
        codeOf(grantBudget(core, owner, { requestId: asked.id })),
        codeOf(grantBudget(core, admin, { requestId: asked.id })),
        codeOf(declineBudget(core, admin, { requestId: asked.id })),
      ])
      expect(outcomes.toSorted()).toEqual(['conflict', 'conflict', 'none'])
    }
    const { items } = await findBudgetRequests(core, owner, { status: 'granted', limit: 50 })
    expect(await raisesOf()).toHaveLength(items.length)
  })

  it('answers the same grant again, and tells the second who was first', async () => {
    const { core } = world
    await memberCap('0.0001')
    const asked = await askForBudget(core, ben, { amount: '0.10', limit: 'member_monthly_cap' })
    const first = await grantBudget(core, withKey(owner, 'g1'), { requestId: asked.id })
    expect(await grantBudget(core, withKey(owner, 'g1'), { requestId: asked.id })).toEqual(first)
    await expect(grantBudget(core, admin, { requestId: asked.id })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/^@ann granted this already, on .* UTC\.$/),
    })
    expect(await raisesOf()).toHaveLength(1)
  })

  it('is not granted to who left, by who may not any more, or too late', async () => {
    const { core } = world
    await memberCap('0.0001')
    const ask = () => askForBudget(core, ben, { limit: 'member_monthly_cap', amount: '1' })
    const first = await ask()
    expect(await codeOf(grantBudget(core, ben, { requestId: first.id }))).toBe('forbidden')
    await removeMember(core, owner, { teamId, accountId: admin.accountId })
    expect(await codeOf(grantBudget(core, admin, { requestId: first.id }))).toBe('not_found')
    clock.advance(8 * FUNDS_WAIT_MS)
    expect(await codeOf(grantBudget(core, owner, { requestId: first.id }))).toBe('expired')
    expect((await getBudgetRequest(core, ben, first.id)).status).toBe('expired')
    const second = await ask()
    await removeMember(core, owner, { teamId, accountId: ben.accountId })
    expect(await codeOf(grantBudget(core, owner, { requestId: second.id }))).toBe('conflict')
    expect(await raisesOf()).toEqual([])
  })

  it('says when what was granted is not enough, and the run goes on waiting', async () => {
    const { core } = world
    await memberCap('0.0001')
    const runId = await submit(world, ben)
    const asked = await askForBudget(core, ben, { runId })
    await work(world)
    const granted = await grantBudget(core, owner, { requestId: asked.id, amount: '0.0001' })
    expect(granted.run).toMatchObject({ started: false, stillMissing: expect.stringContaining('$0.0002') })
    expect((await getRun(core, ben, runId)).status).toBe('waiting')
    const more = await askForBudget(core, ben, { runId })
    expect(more.id).not.toBe(asked.id)
    await grantBudget(core, owner, { requestId: more.id })
    await untilRun(world, ben, runId, 'succeeded')
    await isSound(world, ben.context)
  })

  it('counts runs where the limit is one of runs', async () => {
    const { core } = world
    await give(core, ben.context, 1_000_000n)
    await setLimits(core, owner, { teamId, limits: { maxRunsPerMonth: 1 } })
    await work(world)
    await untilRun(world, ben, await submit(world, ben), 'succeeded')
    const runId = await submit(world, ben)
    expect(await getRun(core, ben, runId)).toMatchObject({ waitingFor: { limit: 'team_monthly_runs' } })
    expect(await codeOf(askForBudget(core, ben, { runId, amount: '1.5' }))).toBe('bad_input')
    const asked = await askForBudget(core, ben, { runId, amount: '2' })
    expect(asked).toMatchObject({ limit: 'team_monthly_runs', runs: 2 })
    await grantBudget(core, owner, { requestId: asked.id })
    await untilRun(world, ben, runId, 'succeeded')
    expect((await walletView(core, ben, ben.context)).limits).toMatchObject([
      { limitRuns: 3, usedRuns: 2, remainingRuns: 1, raised: { byRuns: 2 } },
    ])
  })

  it('is read by who asked and who decides, and by nobody else', async () => {
    const { core } = world
    await memberCap('0.0001')
    const asked = await askForBudget(core, ben, { limit: 'member_monthly_cap', amount: '1', reason: 'Spring' })
    const bob = inTeam(await newPerson(core, 'bob'), teamId)
    expect(await codeOf(getBudgetRequest(core, bob, asked.id))).toBe('not_found')
    await addMember(core, owner, { teamId, accountId: bob.accountId, role: 'member' })
    expect(await codeOf(getBudgetRequest(core, bob, asked.id))).toBe('not_found')
    const ids = async (actor: Actor) => (await findBudgetRequests(core, actor, { limit: 5 })).items.map(({ id }) => id)
    expect(await ids(bob)).toEqual([])
    expect(await ids(ben)).toEqual([asked.id])
    expect(await ids(owner)).toEqual([asked.id])
    expect(await getBudgetRequest(core, admin, asked.id)).toMatchObject({
      reason: 'Spring',
      requester: { handle: 'ben' },
    })
  })

  it('needs a limit that is not one’s own, and an amount', async () => {
    const { core } = world
    const own = { ...ben, context: { type: 'user', id: ben.accountId } } as const
    await give(core, own.context, 1_000_000n)
    await setCap(core, own, { subject: 'me', amountUsd: '0.0001' })
    const runId = await submit(world, own)
    await expect(askForBudget(core, own, { runId })).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('/cap me'),
    })
    expect(await codeOf(askForBudget(core, ben, {}))).toBe('bad_input')
    expect(await codeOf(askForBudget(core, ben, { limit: 'team_monthly_cap', amount: '1' }))).toBe('conflict')
    expect(await codeOf(askForBudget(core, ben, { amount: '1', untilMs: 1 }))).toBe('bad_input')
    await work(world)
    await setCap(core, own, { subject: 'me', amountUsd: null })
    await untilRun(world, own, runId, 'succeeded')
    await expect(askForBudget(core, own, { runId })).rejects.toMatchObject({ code: 'conflict' })
    expect(await codeOf(fund(core, own, { context: own.context, amountUsd: '1' }))).toBe('forbidden')
  })
})
