import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { personal } from '#core/context.ts'
import type { Core } from '#core/core.ts'
import { checkLedger } from '#core/economy/check.ts'
import { chargeOwed, type PaidRun, placeHold, settleHolds } from '#core/economy/holds.ts'
import { moveMoney, openWallet } from '#core/economy/ledger.ts'
import { balanceOf } from '#core/economy/wallet.ts'
import { formatUsd } from '#core/money.ts'
import { statement } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { give, newPerson, USD } from './people.ts'

const insertPlainAccount = statement((q, p: { id: string }) =>
  q.insertInto('account').values({
    id: p.id,
    handle: p.id,
    display_name: p.id,
    platform_role: 'user',
    time_zone: 'UTC',
    monthly_cap_micros: null,
    confirm_above_micros: null,
    created_at_ms: 0,
    disabled_at_ms: null,
  }),
)

describe.each(DIALECTS)('holds on %s', (dialect) => {
  let world: World
  let core: Core
  let people = 0

  beforeAll(async () => {
    world = await createWorld(dialect, { settings: { welcomeCreditMicros: 0n } })
    core = world.core
  })
  afterAll(() => world.end())

  const settle = (run: PaidRun, costMicros: bigint) =>
    core.db.write(async function settleRun(tx) {
      return (await settleHolds(tx, run, { costMicros, nowMs: core.clock.nowMs() })).owedMicros
    })

  const hold = (run: PaidRun, amountMicros: bigint) =>
    core.db.write(async function holdForRun(tx) {
      await placeHold(tx, run, { amountMicros, nowMs: core.clock.nowMs() })
    })

  /** A person with money, and runs of theirs to hold it for. */
  async function spender(amountMicros: bigint) {
    const accountId = `acc_${dialect}_${++people}`
    await core.db.write(async function createSpender(tx) {
      await insertPlainAccount.run(tx, { id: accountId })
      await openWallet(tx, personal(accountId), 0)
    })
    if (amountMicros > 0n) await give(core, personal(accountId), amountMicros)
    const run = (name: string, holds = 0): PaidRun => ({
      id: `${accountId}_${name}`,
      context: personal(accountId),
      accountId,
      holds,
    })
    return { accountId, run, balance: () => balanceOf(core.db, personal(accountId)) }
  }

  test('200 at once for 10 each on 100: exactly ten get it, fifty times over', { timeout: 180_000 }, async () => {
    for (let repeat = 0; repeat < 50; repeat++) {
      const { run, balance } = await spender(100n)
      const tries = Array.from({ length: 200 }, (_, number) => hold(run(`r${number}`), 10n))
      const results = await Promise.allSettled(tries)
      const refused = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason.code)
      expect(results.length - refused.length).toBe(10)
      expect(new Set(refused)).toEqual(new Set(['insufficient_funds']))
      expect(await balance()).toMatchObject({ balanceUsd: '0.0001', heldUsd: '0.0001', availableUsd: '0.00' })
    }
    expect(await checkLedger(core)).toEqual({ sound: true, sumMicros: 0n, differences: [] })
  })

  test('a hold that three try to end at once is ended by one', async () => {
    for (let repeat = 0; repeat < 20; repeat++) {
      const { run, balance } = await spender(100n)
      await hold(run('race'), 100n)
      const results = await Promise.allSettled([10n, 20n, 30n].map((cost) => settle(run('race', 1), cost)))
      const won = results.findIndex(({ status }) => status === 'fulfilled')
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      const left = 100n - BigInt(won + 1) * 10n
      expect(await balance()).toMatchObject({ heldUsd: '0.00', availableUsd: formatUsd(left) })
    }
    expect((await checkLedger(core)).sound).toBe(true)
  })

  test('the same hold twice is one hold', async () => {
    const { run, balance } = await spender(100n)
    await hold(run('twice'), 40n)
    await expect(hold(run('twice'), 40n)).rejects.toThrow()
    expect(await balance()).toMatchObject({ heldUsd: '0.00004' })
  })

  test('amounts near the end of 64 bits stay exact to the last micro-dollar', async () => {
    const huge = 2n ** 60n
    const { run, balance } = await spender(huge)
    await hold(run('huge'), huge - 1n)
    expect(await balance()).toMatchObject({ balanceUsd: '1152921504606.846976', availableUsd: '0.000001' })
    expect(await settle(run('huge', 1), huge - 3n)).toBe(0n)
    expect(await balance()).toMatchObject({ balanceUsd: '0.000003', heldUsd: '0.00', availableUsd: '0.000003' })
    expect((await checkLedger(core)).sound).toBe(true)
  })

  test('a wallet refuses what it could not count', async () => {
    const person = await spender(0n)
    await give(core, personal(person.accountId), 8_000_000_000_000n * USD)
    await expect(give(core, personal(person.accountId), 2_000_000_000_000n * USD)).rejects.toMatchObject({
      code: 'bad_input',
    })
    expect(await person.balance()).toMatchObject({ balanceUsd: '8000000000000.00' })
    expect(await settle(person.run('none'), 8_000_000_000_000n * USD)).toBe(0n)
  })

  test('a cost above the holds is charged beside them while there is money, else it stays owed', async () => {
    const { run, balance } = await spender(100n)
    await hold(run('over'), 60n)
    await hold(run('over', 1), 10n)
    expect(await settle(run('over', 2), 90n)).toBe(0n)
    expect(await balance()).toMatchObject({ balanceUsd: '0.00001', heldUsd: '0.00' })

    await hold(run('more'), 5n)
    expect(await settle(run('more', 1), 25n)).toBe(20n)
    expect(await balance()).toMatchObject({ balanceUsd: '0.000005', heldUsd: '0.00' })
    const pay = (amountMicros: bigint) =>
      core.db.write(async function payOwed(tx) {
        await chargeOwed(tx, run('more', 1), { amountMicros, nowMs: core.clock.nowMs(), id: `${run('more').id}_owed` })
      })
    await expect(pay(20n)).rejects.toMatchObject({ code: 'insufficient_funds' })
    await give(core, run('more').context, 20n)
    await pay(20n)
    expect(await balance()).toMatchObject({ balanceUsd: '0.000005' })
    expect((await checkLedger(core)).sound).toBe(true)
  })

  test('holds, settlements and transfers of two people who pay each other all end, and soundly', async () => {
    const [one, two] = [await newPerson(core, `give-${dialect}`), await newPerson(core, `take-${dialect}`)]
    await give(core, one.context, 1_000n)
    await give(core, two.context, 1_000n)
    const pay = (from: typeof one, to: typeof one, number: number) =>
      core.db.write(async function payEachOther(tx) {
        const id = `${from.handle}_${number}`
        const [actor, context] = [from.accountId, null]
        const nowMs = core.clock.nowMs()
        await moveMoney(tx, {
          id,
          from: from.context,
          to: to.context,
          amountMicros: 1n,
          kind: 'adjust',
          actor,
          context,
          nowMs,
        })
      })
    const work = async (person: typeof one, number: number) => {
      const run = { id: `w_${person.handle}_${number}`, context: person.context, accountId: person.accountId, holds: 0 }
      await hold(run, 3n)
      await settle({ ...run, holds: 1 }, BigInt(number % 5))
    }
    await Promise.all(
      Array.from({ length: 40 }, (_, number) => [
        pay(one, two, number),
        pay(two, one, number),
        work(one, number),
        work(two, number),
      ]).flat(),
    )
    expect(await checkLedger(core)).toMatchObject({ sound: true })
    expect(await balanceOf(core.db, one.context)).toMatchObject({ balanceUsd: '0.00092', heldUsd: '0.00' })
  })
})
