import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { creditMoney, findTransfer, findWallet, insertTransfer, insertWallet, reserveMoney } from '#db/ledger.ts'
import { createDatabase, DIALECTS, type TestDatabase } from '#tests/support/database.ts'

const WALLET = 'wallet:user:one'

const transfer = (id: string, idempotencyKey: string | null = null) =>
  ({
    id,
    debit: WALLET,
    credit: 'platform:income',
    amountMicros: 1n,
    state: 'posted',
    kind: 'charge',
    pendingId: null,
    runId: null,
    stepId: null,
    actor: 'acc_one',
    context: null,
    idempotencyKey,
    reason: null,
    reversesId: null,
    period: '2026-11',
    nowMs: 1,
  }) as const

describe.each(DIALECTS)('bodies that share a transaction on %s', (dialect) => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createDatabase(dialect)
    await database.db.write((tx) => insertWallet.run(tx, { id: WALLET, nowMs: 1 }))
  })
  afterEach(() => database.drop())

  it('are undone alone when they throw, and what comes after the commit comes for the others only', async () => {
    const { db } = database
    const seen: number[] = []
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) =>
        db.write(
          async function one(tx) {
            await insertTransfer.run(tx, transfer(`t${index}`))
            tx.afterCommit(() => seen.push(index))
            if (index % 4 === 0) throw new Error(`no ${index}`)
            return index
          },
          { together: true },
        ),
      ),
    )
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(10)
    const kept = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
    expect(seen.toSorted((a, b) => a - b)).toEqual(kept)
    for (let index = 0; index < 40; index++) {
      const found = await findTransfer.first(db, { id: `t${index}` })
      expect(found !== undefined).toBe(index % 4 !== 0)
    }
  })

  it('fail with what the database refused, also where nobody waited for it', async () => {
    const { db } = database
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'c'].map((id) =>
        db.write(
          async function sameKey(tx) {
            await insertTransfer.run(tx, transfer(id, 'the same key'))
            // Something that is waited for, behind the one that fails.
            return (await findWallet.first(tx, { id: WALLET }))?.id
          },
          { together: true },
        ),
      ),
    )
    const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []))
    expect(reasons).toHaveLength(2)
    for (const reason of reasons) expect(reason).toMatch(/unique/i)
    const alone = db.write(async function again(tx) {
      await insertTransfer.run(tx, transfer('d', 'the same key'))
      return (await findWallet.first(tx, { id: WALLET }))?.id
    })
    await expect(alone).rejects.toThrow(/unique/i)
  })

  it('give the money that is there to so many, and no more', async () => {
    const { db } = database
    // On an empty wallet with room for nothing, and then for three.
    const reserve = (): Promise<number> =>
      db.write((tx) => reserveMoney.run(tx, { id: WALLET, amountMicros: 10n }), { together: true })
    expect(await Promise.all([reserve(), reserve()])).toEqual([0, 0])
    await db.write(async function fund(tx) {
      await creditMoney.first(tx, { id: WALLET, amountMicros: 35n, mostMicros: 1_000n })
    })
    const granted = await Promise.all(Array.from({ length: 20 }, reserve))
    expect(granted.reduce((sum, rows) => sum + rows, 0)).toBe(3)
  })
})
