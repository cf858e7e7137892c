import assert from 'node:assert/strict'
import type { Tx } from '#db/db.ts'
import { debitMoney, findTransfer, insertTransfer, reserveMoney, settleMoney } from '#db/ledger.ts'
import { type Context, contextKey, walletOf } from '../context.ts'
import { blankTransfer, moveMoney, notEnough, writeEntry } from './ledger.ts'
import { countAgainstLimits, countIfRoom, giveBack } from './limits.ts'
import { periodOf } from './period.ts'

/** What a run's money needs to know of the run. */
export interface PaidRun {
  id: string
  context: Context
  accountId: string
  /** Holds placed so far: one at the start, one more for each top-up. One of nothing writes nothing and does not count. */
  holds: number
  /** Of a run that was settled once and goes on: which settlement this is, from 2, and how many holds are over. */
  retried?: { group: number; holds: number } | undefined
}

const holdId = (runId: string, number: number): string => `hold_${runId}_${number}`
const chargeId = (runId: string, number: number): string => `charge_${runId}_${number}`
const beyondId = ({ id, retried }: PaidRun): string => `charge_${id}_beyond${retried ? `_${retried.group}` : ''}`

/**
 * Sets a run's money aside, counted against every limit, or refuses with the limit's name (`limit_reached`,
 * `insufficient_funds`). Must stand in the transaction that creates the run or lets its step start.
 * The same hold twice fails: its id is made from the run.
 */
export async function placeHold(
  tx: Tx,
  run: PaidRun,
  { amountMicros, nowMs }: { amountMicros: bigint; nowMs: number },
): Promise<void> {
  const isFirst = run.holds === 0 && !run.retried
  await countAgainstLimits(tx, run, { amountMicros, runs: isFirst ? 1 : 0, nowMs })
  if (amountMicros === 0n) return
  const wallet = walletOf(run.context)
  if ((await reserveMoney.run(tx, { id: wallet, amountMicros })) === 0) throw await notEnough(tx, wallet, amountMicros)
  await insertTransfer.run(tx, {
    ...runTransfer(run, holdId(run.id, run.holds + 1), nowMs),
    amountMicros,
    state: 'pending',
  })
}

/**
 * Ends all open holds of a run at once: the cost is charged, the rest is free again. A cost above what was held is charged
 * beside it when the wallet and the limits allow; returns what could not be charged, zero as a rule.
 * A second time fails: a hold is resolved at most once.
 */
export async function settleHolds(
  tx: Tx,
  run: PaidRun,
  { costMicros, nowMs }: { costMicros: bigint; nowMs: number },
): Promise<bigint> {
  const holds = await splitCost(tx, run, costMicros)
  const beyondMicros = costMicros - holds.reduce((sum, { chargedMicros }) => sum + chargedMicros, 0n)
  // Counters before the wallet, as in placeHold: who takes them in another order would deadlock with it.
  for (const hold of holds) await giveBack(tx, run, hold.period, hold.heldMicros - hold.chargedMicros)
  const isCounted = beyondMicros > 0n && (await countIfRoom(tx, run, { amountMicros: beyondMicros, nowMs }))
  for (const hold of holds) await resolveHold(tx, run, hold, nowMs)
  if (!isCounted) return beyondMicros
  if (await chargeBeyond(tx, run, beyondMicros, nowMs)) return 0n
  await giveBack(tx, run, periodOf(nowMs), beyondMicros)
  return beyondMicros
}

interface Hold {
  number: number
  period: string
  heldMicros: bigint
  /** What is taken of it. */
  chargedMicros: bigint
}

/** The run's open holds, the cost laid on them in the order they were placed. */
async function splitCost(tx: Tx, run: PaidRun, costMicros: bigint): Promise<Hold[]> {
  let restMicros = costMicros
  const holds: Hold[] = []
  for (let number = (run.retried?.holds ?? 0) + 1; number <= run.holds; number++) {
    const hold = await findTransfer.first(tx, { id: holdId(run.id, number) })
    assert(hold, `No hold ${number} of ${run.id}`)
    const heldMicros = hold.amount_micros
    const chargedMicros = restMicros < heldMicros ? restMicros : heldMicros
    holds.push({ number, period: hold.period, heldMicros, chargedMicros })
    restMicros -= chargedMicros
  }
  return holds
}

async function resolveHold(tx: Tx, run: PaidRun, hold: Hold, nowMs: number): Promise<void> {
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
): Promise<void> {
  await countAgainstLimits(tx, run, { amountMicros, runs: 0, nowMs })
  await moveMoney(tx, {
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
}
