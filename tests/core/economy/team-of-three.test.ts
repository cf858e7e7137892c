import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor } from '#core/actor.ts'
import { teamContext } from '#core/context.ts'
import type { Core } from '#core/core.ts'
import { setCap } from '#core/economy/caps.ts'
import { checkLedger } from '#core/economy/check.ts'
import { setCreditLine } from '#core/economy/credit-line.ts'
import { debit } from '#core/economy/debit.ts'
import { fund, repay } from '#core/economy/fund.ts'
import { grant } from '#core/economy/grant.ts'
import { statement } from '#core/economy/statement.ts'
import { transferOwn } from '#core/economy/transfer-own.ts'
import { walletView } from '#core/economy/wallet.ts'
import { createTeam } from '#core/teams/create.ts'
import { setLimits } from '#core/teams/limits.ts'
import { addMember } from '#core/teams/members.ts'
import { TestClock } from '#tests/support/clock.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { inTeam, newPerson } from './people.ts'

/** One story, told in order; after each chapter the ledger is sound. */
describe.each(DIALECTS)('a team of three on %s', (dialect) => {
  const clock = new TestClock('2026-11-20T10:00:00Z')
  let world: World
  let core: Core
  let [ann, ben, cat, root]: Actor[] = []
  let teamId: string

  beforeAll(async () => {
    world = await createWorld(dialect, { clock, settings: { welcomeCreditMicros: 0n } })
    core = world.core
    ann = await newPerson(core, 'ann')
    ben = await newPerson(core, 'ben')
    cat = await newPerson(core, 'cat')
    root = await newPerson(core, 'root', 'admin')
    teamId = (await createTeam(core, ann, { name: 'Acme' })).id
    await addMember(core, ann, { teamId, accountId: ben.accountId, role: 'member' })
    await addMember(core, ann, { teamId, accountId: cat.accountId, role: 'viewer' })
  })
  afterAll(() => world.end())

  const who = (actor: Actor | undefined): Actor => actor as Actor
  const wallet = (actor: Actor | undefined) => walletView(core, who(actor), teamContext(teamId))
  const spend = (actor: Actor | undefined, amountUsd: string) => {
    const { accountId } = who(actor)
    return debit(core, who(actor), { accountId, amountUsd, description: 'Printing', teamId })
  }
  const isSound = async () => expect(await checkLedger(core)).toMatchObject({ sound: true, sumMicros: 0n })

  test('money comes from an admin, or from a member who has some', async () => {
    await grant(core, who(root), { to: '@ann', amountUsd: '30', reason: 'A good start' })
    await isSound()
    await expect(fund(core, who(cat), { context: teamContext(teamId), amountUsd: '1' })).rejects.toMatchObject({
      code: 'forbidden',
      message: 'Only members, admins and the owner of Acme may put money into its wallet. You are a viewer there.',
    })
    await expect(fund(core, who(ben), { context: who(ben).context, amountUsd: '1' })).rejects.toMatchObject({
      code: 'forbidden',
      message: 'Only a platform admin puts money into a personal wallet. Ask one for /grant @ben <amount>.',
    })
    const paid = await fund(core, who(ann), { context: teamContext(teamId), amountUsd: '10' })
    expect(paid).toMatchObject({ amountUsd: '10.00', balanceUsd: '10.00', availableUsd: '10.00' })
    await isSound()
    expect(await wallet(cat)).toMatchObject({ balanceUsd: '10.00', debtUsd: '0.00', limits: [], creditLine: null })
  })

  test('a member stops at their own cap in the team, by name and with when it starts anew', async () => {
    await setCap(core, inTeam(who(ann), teamId), { subject: '@ben', amountUsd: '3' })
    await spend(ben, '2.50')
    await isSound()
    await expect(spend(ben, '0.51')).rejects.toMatchObject({
      code: 'limit_reached',
      message:
        'Your monthly cap in Acme is $3.00; $2.50 is used and this needs up to $0.51. It starts anew on 2026-12-01.',
      details: { facts: { limit: 'member_monthly_cap', limitUsd: '3.00', usedUsd: '2.50' } },
    })
    expect((await wallet(ben)).limits).toEqual([
      {
        name: 'member_monthly_cap',
        title: 'Your monthly cap in Acme',
        limitUsd: '3.00',
        usedUsd: '2.50',
        remainingUsd: '0.50',
        resetsAt: '2026-12-01T00:00:00.000Z',
      },
    ])
    await isSound()
  })

  test('everybody stops at the cap of the team', async () => {
    await setLimits(core, who(ann), { teamId, limits: { monthlySpendCapUsd: '4', maxRunsPerMonth: 7 } })
    await spend(ann, '1.50')
    await expect(spend(ann, '0.01')).rejects.toMatchObject({ details: { facts: { limit: 'team_monthly_cap' } } })
    await expect(spend(cat, '0.01')).rejects.toMatchObject({ code: 'forbidden' })
    expect((await wallet(ann)).limits).toMatchObject([
      { name: 'team_monthly_cap', limitUsd: '4.00', remainingUsd: '0.00' },
      { name: 'team_monthly_runs', limitRuns: 7, usedRuns: 0, remainingRuns: 7 },
    ])
    await isSound()
  })

  test('a cap of one’s own counts over all contexts, and null lifts it', async () => {
    await setCap(core, inTeam(who(ann), teamId), { subject: 'team', amountUsd: null })
    await setCap(core, who(ann), { subject: 'me', amountUsd: '2' })
    await expect(spend(ann, '0.60')).rejects.toMatchObject({ details: { facts: { limit: 'person_monthly_cap' } } })
    const { accountId } = who(ann)
    const own = { accountId, amountUsd: '0.60', description: 'At home' }
    await expect(debit(core, who(ann), own)).rejects.toMatchObject({
      details: { facts: { limit: 'person_monthly_cap' } },
    })
    await setCap(core, who(ann), { subject: 'me', amountUsd: null })
    await debit(core, who(ann), own)
    await isSound()
  })

  test('with a credit line the team goes below zero, and repaying pays the debt', async () => {
    const line = { teamId, limitUsd: '5', enabled: true }
    await expect(setCreditLine(core, who(ann), line)).rejects.toMatchObject({
      code: 'forbidden',
      message: 'A platform admin approves the credit line of Acme. Ask one to set it.',
    })
    await expect(setCreditLine(core, who(ben), line)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(spend(ann, '6.01')).rejects.toMatchObject({ code: 'insufficient_funds' })
    await setCreditLine(core, who(root), line)
    await isSound()
    await spend(ann, '8')
    expect(await wallet(ben)).toMatchObject({
      balanceUsd: '-2.00',
      debtUsd: '2.00',
      creditLimitUsd: '5.00',
      availableUsd: '3.00',
      creditLine: { limitUsd: '5.00', enabled: true, approvedBy: who(root).accountId },
    })
    await isSound()

    const home = { from: teamContext(teamId), to: who(ann).context, amountUsd: '1' }
    await expect(transferOwn(core, who(ann), home)).rejects.toMatchObject({ code: 'insufficient_funds' })
    await setCreditLine(core, who(root), { ...line, enabled: false })
    expect(await wallet(ann)).toMatchObject({ debtUsd: '2.00', availableUsd: '-2.00', creditLimitUsd: '0.00' })
    await expect(spend(ann, '0.01')).rejects.toMatchObject({ code: 'insufficient_funds' })

    await repay(core, who(ann), { context: teamContext(teamId), amountUsd: '3.5' })
    expect(await wallet(ann)).toMatchObject({ debtUsd: '0.00', balanceUsd: '1.50', availableUsd: '1.50' })
    await isSound()
    await expect(transferOwn(core, who(ben), { ...home, to: who(ben).context })).rejects.toMatchObject({
      code: 'forbidden',
    })
    expect(await transferOwn(core, who(ann), home)).toMatchObject({ balanceUsd: '0.50' })
    await isSound()
  })

  test('a new month starts the limits anew', async () => {
    clock.advance(12 * 24 * 60 * 60 * 1000)
    await spend(ben, '0.50')
    expect((await wallet(ben)).limits[0]).toMatchObject({ usedUsd: '0.50', resetsAt: '2027-01-01T00:00:00.000Z' })
    await isSound()
  })

  test('the statement says who, why and what was left, to everybody in the team', async () => {
    const first = await statement(core, who(cat), { context: teamContext(teamId), limit: 4 })
    expect(
      first.items.map(({ kind, amountUsd, balanceAfterUsd, who: by }) => [kind, amountUsd, balanceAfterUsd, by]),
    ).toEqual([
      ['charge', '-0.50', '0.00', 'ben'],
      ['adjust', '-1.00', '0.50', 'ann'],
      ['repay', '3.50', '1.50', 'ann'],
      ['charge', '-8.00', '-2.00', 'ann'],
    ])
    const rest = await statement(core, who(cat), {
      context: teamContext(teamId),
      beforeSeq: first.nextBeforeSeq ?? 0,
      limit: 4,
    })
    expect(rest.items.map(({ kind, reason }) => [kind, reason])).toEqual([
      ['charge', 'Printing'],
      ['charge', 'Printing'],
      ['fund', null],
    ])
    expect(rest.nextBeforeSeq).toBeNull()
    await expect(statement(core, who(root), { context: teamContext(teamId), limit: 4 })).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(statement(core, who(cat), { context: who(ann).context, limit: 4 })).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})
