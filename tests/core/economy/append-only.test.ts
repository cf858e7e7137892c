import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { personal } from '#core/context.ts'
import { checkLedger } from '#core/economy/check.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { give, newPerson, USD } from './people.ts'

describe.each(DIALECTS)('the record on %s', (dialect) => {
  let world: World

  beforeAll(async () => {
    world = await createWorld(dialect)
    const person = await newPerson(world.core, 'ann')
    await give(world.core, personal(person.accountId), 5n * USD)
  })
  afterAll(() => world.end())

  const write = (text: string) =>
    world.core.db.write(async function changeHistory(tx) {
      await query(tx, (q) => ({ compile: () => sql.raw<never>(text).compile(q) }))
    })

  test.each(['transfer', 'entry', 'event'])('rows of %s cannot be changed or removed', async (table) => {
    const column = table === 'event' ? 'type = type' : 'amount_micros = amount_micros + 1'
    await expect(write(`UPDATE ${table} SET ${column}`)).rejects.toThrow(/never changed or removed/)
    await expect(write(`DELETE FROM ${table}`)).rejects.toThrow(/never changed or removed/)
    expect((await checkLedger(world.core)).sound).toBe(true)
  })

  test('a balance that somebody changed by hand is found', async () => {
    await write(`UPDATE ledger_account SET posted_micros = posted_micros + 7 WHERE kind = 'wallet'`)
    const check = await checkLedger(world.core)
    expect(check).toMatchObject({ sound: false, sumMicros: 7n })
    expect(check.differences[0]).toMatchObject({ what: 'balance', cached: 6_000_007n, recomputed: 6_000_000n })
  })
})
