import assert from 'node:assert/strict'
import type { Tx } from '#db/db.ts'
import { debitMoney, findHold, insertTransfer, reserveMoney, settleMoney } from '#db/ledger.ts'
import { type Context, contextKey, walletOf } from '../context.ts'
import { giveBackCounts, noteUses, settleUses } from '../policy/budgets/count.ts'
import type { BudgetKey } from '../runs/pins.ts'
import { budgetEntry } from './budget-entry.ts'
import type { Crossing } from './crossings.ts'
import { blankTransfer, moveMoney, writeEntry } from './ledger.ts'
import { countAgainstLimits, countIfRoom, giveBack } from './limits.ts'
import { periodOf } from './period.ts'
import { giveToBudget, takeFromBudget } from './run-budget.ts'
import { limitShortage, refusalOf, type Shortage, walletShortage } from './shortage.ts'
import type { Spending } from './spending.ts'

/** What a run's money needs to know of the run. */
export interface PaidRun extends Spending {
  id: string
  context: Context
  accountId: string
  /** Holds placed so far: one at the start, one more for each top-up. One of nothing writes nothing and does not count. */
  holds: number
  /** Of a run that was settled once and goes on: which settlement this is, from 2, and how many holds are over. */
  retried?: { group: number; holds: number } | undefined
  /** Of a run of a schedule or trigger that has a budget: what is held after the start counts against that too. */
  fire?: BudgetKey | undefined
}

const holdId = (runId: string, number: number): string => `hold_${runId}_${number}`
const chargeId = (runId: string, number: number): string => `charge_${runId}_${number}`
const beyondId = ({ id, retried }: PaidRun): string => `charge_${id}_beyond${retried ? `_${retried.group}` : ''}`

interface Wanted {
  amountMicros: bigint
  /** Counted against limits of runs; one for the first hold of a run when nothing is said. */
  runs?: number
  nowMs: number
  /** Puts money into the wallet when the limits are counted and before it is taken: the order of locks is kept. */
  deposit?: () => Promise<void>
}

/** What was crossed by a hold, and what the wallet has left; null where nothing had to be held. */
export interface Placed {
  crossed: Crossing[]
  availableMicros: bigint | null
  /** What those budgets are of that had run low before it. */
  low?: readonly string[] | undefined
}

/**
 * Sets a run's money aside, counted against every limit; or says what is in the way, and then nothing of it stays. Must
 * stand in the transaction that creates the run or lets its step start. The same hold twice fails: its id is made from
 * the run.
 */
export async function tryHold(tx: Tx, run: PaidRun, wanted: Wanted): Promise<Placed | { shortage: Shortage }> {
  const { fire } = run
  const { amountMicros } = wanted
  if (!fire || amountMicros === 0n) return holdInWallet(tx, run, wanted)
  const entry = budgetEntry(fire)
  // The budget before the counters, as where it starts a run: who takes them in another order would deadlock with it.
  const shortage = await takeFromBudget(tx, entry, amountMicros)
  if (shortage) {
    await wanted.deposit?.()
    return { shortage }
  }
  const held = await holdInWallet(tx, run, wanted)
  if ('shortage' in held) await giveToBudget(tx, entry, amountMicros)
  return held
}

async function holdInWallet(
  tx: Tx,
  run: PaidRun,
  { amountMicros, runs = run.holds === 0 && !run.retried ? 1 : 0, nowMs, deposit }: Wanted,
): Promise<Placed | { shortage: Shortage }> {
  const counted = await countIfRoom(tx, run, { amountMicros, runs, nowMs })
  await deposit?.()
  if ('full' in counted) return { shortage: await limitShortage(tx, counted.full, { amountMicros, runs, nowMs }) }
  if (amountMicros === 0n) return { crossed: counted.crossed, availableMicros: null }
  const wallet = walletOf(run.context)
  const left = await reserveMoney.first(tx, { id: wallet, amountMicros })
  if (!left) {
    await giveBack(tx, run, periodOf(nowMs), { amountMicros, runs })
    await giveBackCounts(tx, counted.budgets?.counts ?? [])
    return { shortage: await walletShortage(tx, wallet, amountMicros) }
  }
  const id = holdId(run.id, run.holds + 1)
  await insertTransfer.run(tx, { ...runTransfer(run, id, nowMs), amountMicros, state: 'pending' })
  if (counted.budgets) await noteUses(tx, id, counted.budgets.counts)
  return { crossed: counted.crossed, availableMicros: left.available_micros, low: counted.budgets?.low }
}

/** The same, refused with the limit's name (`limit_reached`, `insufficient_funds`). */
export async function placeHold(tx: Tx, run: PaidRun, wanted: Wanted): Promise<Placed> {
  const held = await tryHold(tx, run, wanted)
  if ('shortage' in held) throw refusalOf(held.shortage)
  return held
}

/** What a settlement leaves. */
export interface Settled {
  /** What could not be charged; zero as a rule. */
  owedMicros: bigint
  /** Of the limits, by what was charged beyond the holds. */
  crossed: Crossing[]
  /** Money is free again, and there are runs that wait for some. */
  freesForOthers: boolean
}

/**
 * Ends all open holds of a run at once: the cost is charged, the rest is free again. A cost above what was held is charged
 * beside it when the wallet and the limits allow. A second time fails: a hold is resolved at most once.
 */
export async function settleHolds(
  tx: Tx,
  run: PaidRun,
  { costMicros, nowMs }: { costMicros: bigint; nowMs: number },
): Promise<Settled> {
  const holds = await splitCost(tx, run, costMicros)
  const beyondMicros = costMicros - holds.reduce((sum, { chargedMicros }) => sum + chargedMicros, 0n)
  // Counters before the wallet, as in tryHold: who takes them in another order would deadlock with it.
  for (const hold of holds) {
    const unspentMicros = hold.heldMicros - hold.chargedMicros
    await giveBack(tx, run, hold.period, { amountMicros: unspentMicros })
    if (hold.isInBudgets) await settleUses(tx, holdId(run.id, hold.number), unspentMicros)
  }
  const counted =
    beyondMicros > 0n ? await countIfRoom(tx, run, { amountMicros: beyondMicros, runs: 0, nowMs }) : NOTHING_BEYOND
  let freesForOthers = false
  for (const hold of holds) {
    const waiters = await resolveHold(tx, run, hold, nowMs)
    freesForOthers ||= waiters > 0 && hold.chargedMicros < hold.heldMicros
  }
  if ('full' in counted) return { owedMicros: beyondMicros, crossed: [], freesForOthers }
  if (await chargeBeyond(tx, run, beyondMicros, nowMs)) {
    return { owedMicros: 0n, crossed: counted.crossed, freesForOthers }
  }
  await giveBack(tx, run, periodOf(nowMs), { amountMicros: beyondMicros })
  await giveBackCounts(tx, counted.budgets?.counts ?? [])
  return { owedMicros: beyondMicros, crossed: [], freesForOthers }
}

const NOTHING_BEYOND = { full: null }

interface Hold {
  number: number
  period: string
  heldMicros: bigint
  /** What is taken of it. */
  chargedMicros: bigint
  /** Budgets count it too. */
  isInBudgets: boolean
}

/** The run's open holds, the cost laid on them in the order they were placed. */
async function splitCost(tx: Tx, run: PaidRun, costMicros: bigint): Promise<Hold[]> {
  let restMicros = costMicros
  const holds: Hold[] = []
  for (let number = (run.retried?.holds ?? 0) + 1; number <= run.holds; number++) {
    const hold = await findHold.first(tx, { id: holdId(run.id, number) })
    assert(hold, `No hold ${number} of ${run.id}`)
    const heldMicros = hold.amount_micros
    const chargedMicros = restMicros < heldMicros ? restMicros : heldMicros
    holds.push({ number, period: hold.period, heldMicros, chargedMicros, isInBudgets: hold.is_in_budgets === 1 })
    restMicros -= chargedMicros
  }
  return holds
}

/** Gives how many wait for money in the wallet. */
async function resolveHold(tx: Tx, run: PaidRun, hold: Hold, nowMs: number): Promise<number> {
  const { number, heldMicros, chargedMicros } = hold
  const wallet = walletOf(run.context)
  const isCharged = chargedMicros > 0n
  const id = chargeId(run.id, number)
  await insertTransfer.run(tx, {
    ...runTransfer(run, id, nowMs),
    amountMicros: isCharged ? chargedMicros : heldMicros,
    state: isCharged ? 'posted' : 'released',
    pendingId: holdId(run.id, number),
  })
  const after = await settleMoney.first(tx, { id: wallet, heldMicros, chargedMicros, entries: isCharged ? 1 : 0 })
  assert(after, `No wallet ${wallet}`)
  if (isCharged) await writeEntry(tx, wallet, id, -chargedMicros, after)
  return after.waiters
}

/** Charges what the holds did not cover; false, and nothing written, when the wallet has too little. */
async function chargeBeyond(tx: Tx, run: PaidRun, amountMicros: bigint, nowMs: number): Promise<boolean> {
  const wallet = walletOf(run.context)
  const id = beyondId(run)
  const after = await debitMoney.first(tx, { id: wallet, amountMicros })
  if (!after) return false
  await insertTransfer.run(tx, { ...runTransfer(run, id, nowMs), amountMicros, state: 'posted' })
  await writeEntry(tx, wallet, id, -amountMicros, after)
  return true
}

const runTransfer = (run: PaidRun, id: string, nowMs: number) =>
  ({
    ...blankTransfer(id, nowMs),
    debit: walletOf(run.context),
    credit: 'platform:income',
    kind: 'charge',
    runId: run.id,
    actor: run.accountId,
    context: contextKey(run.context),
  }) as const

/** Charges what a settled run still owes; refused like a hold. */
export async function chargeOwed(
  tx: Tx,
  run: PaidRun,
  { amountMicros, nowMs, id }: { amountMicros: bigint; nowMs: number; id: string },
): Promise<Placed> {
  const crossed = await countAgainstLimits(tx, run, { amountMicros, runs: 0, nowMs })
  const { leftMicros } = await moveMoney(tx, {
    id,
    from: run.context,
    to: 'platform:income',
    amountMicros,
    kind: 'charge',
    actor: run.accountId,
    context: contextKey(run.context),
    runId: run.id,
    nowMs,
  })
  return { crossed, availableMicros: leftMicros }
}
