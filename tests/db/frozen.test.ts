import pg from 'pg'
import { expect, it } from 'vitest'
import { executor, type Reader } from '#db/db.ts'
import { insertWallet, reserveMoney } from '#db/ledger.ts'
import { connectionTo } from '#db/postgres-executor.ts'
import { createDatabase } from '#tests/support/database.ts'

const WALLET = 'wallet:user:one'

it('a process that is frozen in the midst of a transaction does not keep its locks', async () => {
  const { db, url, drop } = await createDatabase('postgres')
  const frozen = new pg.Client({ ...connectionTo(url), idle_in_transaction_session_timeout: 300 })
  const ended = new Promise<string | undefined>((resolve) => {
    frozen.on('error', (error) => resolve((error as { code?: string }).code))
  })
  try {
    await db.write((tx) => insertWallet.run(tx, { id: WALLET, nowMs: 1 }))
    await frozen.connect()
    await frozen.query('BEGIN')
    await frozen.query(`SELECT 1 FROM ledger_account WHERE id = '${WALLET}' FOR UPDATE`)
    // It says nothing more. Whoever wants the same row waits for it, and then has it.
    const left = db.write((tx) => reserveMoney.first(tx, { id: WALLET, amountMicros: 0n }))
    expect(await ended).toBe('25P03')
    expect(await left).toEqual({ available_micros: 0n })
  } finally {
    await frozen.end().catch(() => {})
    await drop()
  }
})

it('every connection says so', async () => {
  const { db, drop } = await createDatabase('postgres')
  const told = async (on: Reader): Promise<unknown> => {
    const { rows } = await on[executor].executeText(
      "SELECT current_setting('idle_in_transaction_session_timeout') AS ms",
      [],
    )
    return rows[0]?.ms
  }
  try {
    expect(await told(db)).toBe('10s')
    expect(await db.write(told)).toBe('10s')
    expect(await db.write(told, { together: true })).toBe('10s')
  } finally {
    await drop()
  }
})
