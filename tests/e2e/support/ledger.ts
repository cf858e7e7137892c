import { expect } from 'vitest'
import { type Context, walletOf } from '#core/context.ts'
import { checkLedger } from '#core/economy/check.ts'
import { showUsd } from '#core/money.ts'
import type { TestDatabase } from '#tests/support/database.ts'
import { askDatabase } from './sql.ts'
import { ask, type Voice } from './voice.ts'

/** Every account with what is kept for it, and what its transfers add up to. */
const ACCOUNTS = `
  SELECT a.id, a.kind, a.posted_micros AS posted, a.pending_micros AS pending,
    coalesce((SELECT sum(t.amount_micros) FROM transfer t WHERE t.state = 'posted' AND t.credit = a.id), 0)
      - coalesce((SELECT sum(t.amount_micros) FROM transfer t WHERE t.state = 'posted' AND t.debit = a.id), 0) AS moved,
    coalesce((SELECT sum(h.amount_micros) FROM transfer h WHERE h.state = 'pending' AND h.debit = a.id
      AND NOT EXISTS (SELECT 1 FROM transfer e WHERE e.pending_id = h.id)), 0) AS held,
    coalesce((SELECT e.balance_after_micros FROM entry e WHERE e.account_id = a.id ORDER BY e.seq DESC LIMIT 1), 0) AS shown
  FROM ledger_account a`

interface AccountRow {
  id: string
  kind: string
  posted: bigint
  pending: bigint
  moved: bigint
  held: bigint
  shown: bigint
}

/** The ledger sums to zero and is what its rows say: by its own check, and by statements that share nothing with it. */
export async function expectSoundLedger(database: TestDatabase): Promise<AccountRow[]> {
  expect(await checkLedger({ db: database.db })).toEqual({ sound: true, sumMicros: 0n, differences: [] })
  const accounts = await readAccounts(database.url)
  const wallets = accounts.filter(({ kind }) => kind === 'wallet')
  for (const { id, posted, pending, moved, held, shown } of wallets) {
    expect({ id, posted, pending, shown }).toEqual({ id, posted: moved, pending: held, shown: moved })
  }
  const platform = accounts.filter(({ kind }) => kind === 'platform')
  const sum = [...wallets.map(({ posted }) => posted), ...platform.map(({ moved }) => moved)]
  expect(sum.reduce((total, micros) => total + micros, 0n)).toBe(0n)
  return accounts
}

/** What the chat says is in a wallet is what its transfers add up to. */
export async function expectShown(database: TestDatabase, voice: Voice, context: Context, as: string): Promise<void> {
  const { text } = await ask(voice, `/balance --as ${as}`, /Balance/)
  const account = (await readAccounts(database.url)).find(({ id }) => id === walletOf(context))
  const [, shown] = /Balance:?\s*(-?\$[\d.]+)/.exec(text) ?? []
  expect(shown, text).toBe(showUsd(account?.moved ?? 0n))
  const [, owed] = /Owed:?\s*(\$[\d.]+)/.exec(text) ?? []
  const debt = account && account.moved < 0n ? showUsd(-account.moved) : undefined
  expect(owed, text).toBe(debt)
}

async function readAccounts(url: string): Promise<AccountRow[]> {
  const rows = await askDatabase(url, ACCOUNTS)
  return rows.map(({ id, kind, ...amounts }) => ({
    id: String(id),
    kind: String(kind),
    posted: BigInt(amounts.posted ?? 0),
    pending: BigInt(amounts.pending ?? 0),
    moved: BigInt(amounts.moved ?? 0),
    held: BigInt(amounts.held ?? 0),
    shown: BigInt(amounts.shown ?? 0),
  }))
}
