import type { Tables } from '../database.ts'
import { defineCheck, runsOf, sum } from './lookup.ts'

type Transfer = Tables['transfer'][number]

const isPosted = ({ state }: Transfer): boolean => state === 'posted'

/** A hold that is set aside for good is money lost; one that is resolved twice is money made. */
export const holdsResolvedOnce = defineCheck('holdsResolvedOnce', ({ tables }, found) => {
  const resolving = Map.groupBy(tables.transfer, ({ pending_id }) => pending_id)
  for (const hold of tables.transfer.filter(({ state }) => state === 'pending')) {
    const by = resolving.get(hold.id) ?? []
    if (by.length === 0) found(`The hold ${hold.id} is still open`)
    if (by.length > 1) found(`The hold ${hold.id} was resolved ${by.length} times`)
    for (const { id, amount_micros } of by) {
      if (amount_micros > hold.amount_micros) found(`${id} takes more than was held`)
    }
  }
  for (const { id, pending_micros } of tables.ledger_account) {
    if (pending_micros !== 0n) found(`${id} has ${pending_micros} set aside`)
  }
})

/** Each command was held for and paid for, once, what its job costs, from the wallet that was to pay. */
export const chargedOnce = defineCheck('chargedOnce', (facts, found) => {
  const byRun = Map.groupBy(facts.tables.transfer, ({ run_id }) => run_id)
  const [team] = facts.tables.team
  const runs = runsOf(facts)
  for (const command of facts.commands) {
    for (const { id, account_id, cost_micros, max_micros } of runs(command)) {
      const { costMicros, maxMicros } = command.job
      const wallet = command.payer === 'team' ? `wallet:team:${team?.id}` : `wallet:user:${account_id}`
      const transfers = byRun.get(id) ?? []
      const charges = transfers.filter(isPosted)
      const holds = transfers.filter(({ state }) => state === 'pending')
      if (charges.length !== 1) found(`${id} was charged ${charges.length} times`)
      if (holds.length !== 1) found(`${id} was held for ${holds.length} times`)
      if (sum(charges.map(({ amount_micros }) => amount_micros)) !== costMicros) {
        found(`${id} was charged ${charges.map(({ amount_micros }) => amount_micros)} and costs ${costMicros}`)
      }
      if (holds.some(({ amount_micros }) => amount_micros !== maxMicros)) found(`${id} was not held for ${maxMicros}`)
      if (cost_micros !== costMicros || max_micros !== maxMicros) found(`${id} says it cost ${cost_micros}`)
      const wrong = transfers.find(({ debit, credit }) => debit !== wallet || credit !== 'platform:income')
      if (wrong) found(`${wrong.id} goes from ${wrong.debit} to ${wrong.credit}, not from ${wallet}`)
    }
  }
  const charged = facts.tables.transfer.filter(({ kind, run_id }) => kind === 'charge' && run_id !== null)
  const known = new Set(facts.commands.flatMap((command) => runs(command)).map(({ id }) => id))
  for (const { id, run_id } of charged) if (!known.has(run_id ?? '')) found(`${id} is for a run nobody asked for`)
})

/** What a wallet says it has is what its transfers leave. */
export const walletsAgree = defineCheck('walletsAgree', ({ tables }, found) => {
  const balances = balancesOf(tables)
  for (const { id, kind, posted_micros } of tables.ledger_account) {
    const recomputed = balances.get(id) ?? 0n
    if (kind === 'wallet' && posted_micros !== recomputed) {
      found(`${id} says ${posted_micros}, its transfers say ${recomputed}`)
    }
  }
})

/** The statement of each wallet: no number left out, each balance follows from the one before, the last is the wallet's. */
export const entriesAgree = defineCheck('entriesAgree', ({ tables }, found) => {
  const byAccount = Map.groupBy(tables.entry, ({ account_id }) => account_id)
  const transfers = new Map(tables.transfer.map((transfer) => [transfer.id, transfer]))
  for (const { id, kind, posted_micros, entry_seq } of tables.ledger_account) {
    if (kind !== 'wallet') continue
    const entries = (byAccount.get(id) ?? []).toSorted((one, other) => one.seq - other.seq)
    let balance = 0n
    for (const [index, entry] of entries.entries()) {
      balance += entry.amount_micros
      const transfer = transfers.get(entry.transfer_id)
      const amount = transfer && amountFor(id, transfer)
      if (entry.seq !== index + 1) found(`${id} has no entry ${index + 1}`)
      if (entry.balance_after_micros !== balance)
        found(`Entry ${entry.seq} of ${id} does not follow from the one before`)
      if (!transfer || !isPosted(transfer) || entry.amount_micros !== amount) {
        found(`Entry ${entry.seq} of ${id} is not what ${entry.transfer_id} moved`)
      }
    }
    if (balance !== posted_micros || entries.length !== entry_seq) found(`${id} does not end where its entries end`)
  }
  const entered = Map.groupBy(tables.entry, ({ transfer_id }) => transfer_id)
  for (const { id, debit, credit } of tables.transfer.filter(isPosted)) {
    const sides = [debit, credit].filter((side) => side.startsWith('wallet:')).length
    if ((entered.get(id) ?? []).length !== sides)
      found(`${id} has ${entered.get(id)?.length ?? 0} entries, not ${sides}`)
  }
})

/** What a transfer does to an account; undefined when it is not one of its two. */
function amountFor(accountId: string, { debit, credit, amount_micros }: Transfer): bigint | undefined {
  if (credit === accountId) return amount_micros
  return debit === accountId ? -amount_micros : undefined
}

/** What the wallets say they have, and what the platform gave and took, are nothing together. */
export const sumsToZero = defineCheck('sumsToZero', ({ tables }, found) => {
  const balances = balancesOf(tables)
  const total = sum(
    tables.ledger_account.map(({ id, kind, posted_micros }) =>
      kind === 'wallet' ? posted_micros : (balances.get(id) ?? 0n),
    ),
  )
  if (total !== 0n) found(`The sum over all accounts is ${total}`)
})

/** Each counter of a month is what was charged in it. */
export const usageAgrees = defineCheck('usageAgrees', ({ tables }, found) => {
  const expected = new Map<string, { micros: bigint; runs: number }>()
  for (const { kind, state, debit, actor, period, amount_micros } of tables.transfer) {
    if (kind !== 'charge' || state === 'released') continue
    for (const scope of scopesOf(debit, actor)) {
      const key = `${scope} in ${period}`
      const before = expected.get(key) ?? { micros: 0n, runs: 0 }
      const micros = before.micros + (state === 'posted' ? amount_micros : 0n)
      expected.set(key, { micros, runs: before.runs + (state === 'pending' ? 1 : 0) })
    }
  }
  const counted = new Map(tables.usage_counter.map((row) => [`${row.scope} in ${row.period}`, row]))
  for (const key of new Set([...expected.keys(), ...counted.keys()])) {
    const { micros, runs } = expected.get(key) ?? { micros: 0n, runs: 0 }
    const row = counted.get(key)
    if (row?.used_micros !== micros) found(`${key} counts ${row?.used_micros}, charged were ${micros}`)
    if (row?.runs !== runs) found(`${key} counts ${row?.runs} runs, there were ${runs}`)
  }
})

function scopesOf(wallet: string, accountId: string): string[] {
  const [, type, id] = wallet.split(':')
  const person = `account:${accountId}`
  return type === 'team' ? [`member:${id}:${accountId}`, `team:${id}`, person] : [person]
}

function balancesOf({ transfer }: Tables): Map<string, bigint> {
  const balances = new Map<string, bigint>()
  for (const { debit, credit, amount_micros } of transfer.filter(isPosted)) {
    balances.set(debit, (balances.get(debit) ?? 0n) - amount_micros)
    balances.set(credit, (balances.get(credit) ?? 0n) + amount_micros)
  }
  return balances
}
