import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { attachIdentity } from '#core/accounts/identities.ts'
import type { Actor } from '#core/actor.ts'
import type { Part } from '#core/chat/message.ts'
import { plainText } from '#core/chat/plain.ts'
import { setCap } from '#core/economy/caps.ts'
import { crossedPercents, fallenBelow } from '#core/economy/crossings.ts'
import { debit } from '#core/economy/debit.ts'
import { fund } from '#core/economy/fund.ts'
import { placeHold } from '#core/economy/holds.ts'
import { warnOf } from '#core/economy/warnings.ts'
import { budgetScope } from '#core/policy/budgets/budget.ts'
import { readBudgets } from '#core/policy/budgets/read.ts'
import { createBudget } from '#core/policy/budgets/save.ts'
import { createTeam } from '#core/teams/create.ts'
import { addMember } from '#core/teams/members.ts'
import { updateTeam } from '#core/teams/update.ts'
import { query } from '#db/statement.ts'
import { giveBackUsage } from '#db/usage.ts'
import { TestClock } from '#tests/support/clock.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { give, inTeam, newPerson, USD } from './people.ts'

describe('thresholds', () => {
  it('of a limit are crossed by what reaches them, and not by what lies beyond already', () => {
    const at = (used: bigint, added: bigint) => crossedPercents({ size: 100n, used, added })
    expect(at(49n, 49n)).toEqual([])
    expect(at(50n, 1n)).toEqual([50])
    expect(at(51n, 1n)).toEqual([])
    expect(at(100n, 60n)).toEqual([50, 80, 100])
    expect(at(100n, 20n)).toEqual([100])
    expect(at(80n, 0n)).toEqual([])
    expect(crossedPercents({ size: 0n, used: 0n, added: 0n })).toEqual([])
  })

  it('of a balance are crossed from above', () => {
    expect(fallenBelow([5n, 20n, 10n], 20n, 9n)).toEqual([20n, 10n])
    expect(fallenBelow([5n], 5n, 5n)).toEqual([])
    expect(fallenBelow([5n], 4n, 3n)).toEqual([])
  })
})

describe.each(DIALECTS)('warnings on %s', (dialect) => {
  let world: World
  let clock: TestClock
  let ann: Actor
  let ben: Actor
  let teamId: string
  beforeEach(async () => {
    clock = new TestClock()
    world = await createWorld(dialect, { clock, settings: { welcomeCreditMicros: 0n } })
    const { core } = world
    const [first, second] = [await newPerson(core, 'ann'), await newPerson(core, 'ben')]
    for (const { accountId, handle } of [first, second]) {
      const identity = { channel: 'telegram', externalId: handle, name: handle, privateConversation: `p-${handle}` }
      await core.db.write((tx) => attachIdentity(tx, accountId, identity, clock.nowMs()))
    }
    teamId = (await createTeam(core, first, { name: 'Acme' })).id
    await addMember(core, first, { teamId, accountId: second.accountId, role: 'member' })
    ann = inTeam(first, teamId)
    ben = inTeam(second, teamId)
    await give(core, ann.context, 100n * USD)
  })
  afterEach(() => world.end())

  const spend = (amountUsd: string, actor = ben) =>
    debit(world.core, actor, { accountId: actor.accountId, teamId, amountUsd, description: 'A book' })
  const told = async (name: string): Promise<string[]> => {
    const rows = await query(world.core.db, (q) =>
      q.selectFrom('outbox').select('reply_json').where('conversation', '=', `p-${name}`).orderBy('seq'),
    )
    const words = rows.map(({ reply_json }) => plainText(JSON.parse(reply_json ?? '[]') as Part[]))
    // That they were put into the team, people are told too.
    return words.filter((one) => !one.includes('has put you into'))
  }

  it('come once at half, four fifths and all of a member’s cap, to the member', async () => {
    await setCap(world.core, ann, { subject: '@ben', amountUsd: '10' })
    for (const usd of ['4.99', '0.01', '0.01', '2.99', '1', '1']) await spend(usd)
    expect(await told('ben')).toEqual([
      'Your monthly cap in Acme: 50 % is used or set aside ($5.00 of $10.00). It starts anew on 2026-12-01.',
      'Your monthly cap in Acme: 80 % is used or set aside ($8.00 of $10.00). It starts anew on 2026-12-01.',
      'Your monthly cap in Acme: 100 % is used or set aside ($10.00 of $10.00). It starts anew on 2026-12-01.',
    ])
    expect(await told('ann')).toEqual([])
    clock.advance(31 * 24 * 3_600_000)
    await spend('5')
    expect(await told('ben')).toHaveLength(4)
  })

  it('of a team’s cap go to its admins, with the highest threshold that was passed', async () => {
    await setCap(world.core, ann, { subject: 'team', amountUsd: '10' })
    await spend('9')
    expect(await told('ann')).toEqual([
      'The monthly cap of Acme: 80 % is used or set aside ($9.00 of $10.00). It starts anew on 2026-12-01.',
    ])
    expect(await told('ben')).toEqual([])
  })

  it('come once, however many cross at the same moment', async () => {
    await setCap(world.core, ann, { subject: 'team', amountUsd: '10' })
    await Promise.all(Array.from({ length: 10 }, () => spend('1')))
    const all = await told('ann')
    expect(all.filter((words) => words.includes(': 50 %'))).toHaveLength(1)
    expect(all.filter((words) => words.includes(': 80 %'))).toHaveLength(1)
    expect(all.filter((words) => words.includes(': 100 %'))).toHaveLength(1)
    expect(all).toHaveLength(3)
  })

  it('of a budget go to the admins, once for each threshold and period, and not to who spent', async () => {
    const { core } = world
    await createBudget(core, ann, { of: 'team', period: 'day', limitUsd: '10', warnPercent: 60 })
    await createBudget(core, ann, { of: `person:${ben.accountId}`, period: 'month', limitUsd: '20', stop: false })
    const DAY = 'The budget of everything here for a day'
    for (const usd of ['5', '1', '1']) await spend(usd)
    expect(await told('ann')).toEqual([
      `${DAY}: 60 % is used or set aside ($6.00 of $10.00). It starts anew on 2026-11-21.`,
    ])
    // What is free again and crossed once more is no news.
    const run = { id: 'run_1', context: ben.context, accountId: ben.accountId, holds: 0 }
    const nowMs = clock.nowMs()
    const [budget] = (await readBudgets(core, ann)).filter(({ of }) => of === 'team')
    const scope = budgetScope(budget?.id ?? '')
    await core.db.write((tx) => giveBackUsage.run(tx, { scope, period: '2026-11-20', amountMicros: 4n * USD, runs: 0 }))
    await core.db.write(async function holdAgain(tx) {
      const { crossed, availableMicros } = await placeHold(tx, run, { amountMicros: 4n * USD, nowMs })
      await warnOf(core, tx, ben, { amountMicros: 4n * USD, crossed, availableMicros, nowMs })
    })
    expect(await told('ann')).toHaveLength(1)
    await Promise.allSettled(Array.from({ length: 6 }, () => spend('0.50')))
    expect((await told('ann')).slice(1)).toEqual([
      `${DAY}: 100 % is used or set aside ($10.00 of $10.00). It starts anew on 2026-11-21.`,
    ])
    // A new day is a new budget; the month's goes on.
    clock.advance(24 * 3_600_000)
    await spend('6')
    expect((await told('ann')).slice(2)).toEqual([
      `${DAY}: 60 % is used or set aside ($6.00 of $10.00). It starts anew on 2026-11-22.`,
      expect.stringMatching(/^The budget of @ben for a month: 100 % is used or set aside \(\$20\.00 of \$20\.00\)/),
    ])
    expect(await told('ben')).toEqual([])
  })

  it('of a low balance come each time it falls below, not while it stays there', async () => {
    await updateTeam(world.core, ann, { teamId, change: { lowBalanceUsd: ['50', '20'] } })
    for (const usd of ['49', '2', '1']) await spend(usd)
    expect(await told('ann')).toEqual([
      'Team Acme has less than $50.00: $49.00 is available. /fund <amount> puts money in.',
    ])
    await give(world.core, { type: 'user', id: ann.accountId }, 100n * USD)
    await fund(world.core, ann, { context: ann.context, amountUsd: '10' })
    await spend('50')
    expect((await told('ann')).slice(1)).toEqual([
      'Team Acme has less than $20.00: $8.00 is available. /fund <amount> puts money in.',
    ])
  })

  it('can be turned off by the team', async () => {
    const notifications = { budget: false, low_balance: false }
    await updateTeam(world.core, ann, { teamId, change: { lowBalanceUsd: ['99'], notifications } })
    await setCap(world.core, ann, { subject: 'team', amountUsd: '10' })
    await spend('10')
    expect(await told('ann')).toEqual([])
  })
})
