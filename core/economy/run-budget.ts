import assert from 'node:assert/strict'
import type { Tx } from '#db/db.ts'
import { AppError } from '../errors.ts'
import { formatUsd, showUsd } from '../money.ts'
import type { FixedLimit } from './fixed-limits.ts'
import type { Shortage } from './shortage.ts'

/** What starts runs by itself may have a budget for all of them together: this is where that is kept, and how. */
export interface BudgetBook {
  limit: FixedLimit
  /** `this schedule`: whose it is, in a sentence. */
  whose: string
  find(tx: Tx): Promise<{ budget_micros: bigint | null; committed_micros: bigint } | undefined>
  /** Sets money aside; 0, and nothing is written, where there is no room. */
  commit(tx: Tx, amountMicros: bigint): Promise<number>
  /** Corrects what was set aside by what it came to. */
  correct(tx: Tx, differenceMicros: bigint): Promise<number>
  /** Runs that still count by what they hold, with how they stand now. */
  listOpen(tx: Tx): Promise<OpenRun[]>
}

export interface OpenRun {
  countedMicros: bigint
  costMicros: bigint
  hasEnded: boolean
  /** From now on it counts by what it cost; 0 when it counts for something else by now. */
  close(tx: Tx): Promise<number>
}

/** One run in it. */
export interface BudgetEntry {
  book: BudgetBook
  /** What the run holds besides; one that had ended and goes on is open again. */
  add(tx: Tx, amountMicros: bigint): Promise<number>
}

/** A budget has no room. `isFinal`: none of what is set aside will come free again. */
export class BudgetUsedUp extends AppError {
  readonly isFinal: boolean

  constructor(book: BudgetBook, budget: Budget, maxMicros: bigint, isFinal: boolean) {
    const facts = { limit: book.limit, ...factsOf(budget), resetsAt: null }
    super('limit_reached', sentenceOf(book, budget, maxMicros, isFinal ? 'spent' : 'spent or held'), { facts })
    this.isFinal = isFinal
  }
}

interface Budget {
  budgetMicros: bigint
  committedMicros: bigint
}

const sentenceOf = (
  { whose }: BudgetBook,
  { budgetMicros, committedMicros }: Budget,
  amountMicros: bigint,
  how: string,
): string =>
  `The budget of ${whose} is ${showUsd(budgetMicros)}; ${showUsd(committedMicros)} is ${how} and this needs up to ${showUsd(amountMicros)}.`

const factsOf = ({ budgetMicros, committedMicros }: Budget) => ({
  limitUsd: formatUsd(budgetMicros),
  usedUsd: formatUsd(committedMicros),
})

/**
 * Counts what a run may cost against the budget, or refuses. To be called in the transaction that makes the run, with whose
 * budget it is held. What earlier runs did not use comes free here, and what they used beyond their hold counts.
 */
export async function reserveBudget(tx: Tx, book: BudgetBook, maxMicros: bigint): Promise<void> {
  const { live } = await settleEnded(tx, book)
  if ((await book.commit(tx, maxMicros)) > 0) return
  throw new BudgetUsedUp(book, await budgetOf(tx, book), maxMicros, live === 0)
}

/**
 * Counts what a run is to hold beside what it holds already, in the transaction of that hold: a step that needs more than was
 * quoted, or a retry. What stands in the way when there is no room, and then nothing is counted.
 */
export async function takeFromBudget(
  tx: Tx,
  { book, add }: BudgetEntry,
  amountMicros: bigint,
): Promise<Shortage | undefined> {
  const isTaken =
    (await book.commit(tx, amountMicros)) > 0 ||
    // What others have left may be enough.
    ((await settleEnded(tx, book)).differenceMicros < 0n && (await book.commit(tx, amountMicros)) > 0)
  if (isTaken) {
    // Nothing of a new run costs more than its quote, so its entry is written by now.
    assert((await add(tx, amountMicros)) > 0, `No such run in the budget of ${book.whose}`)
    return undefined
  }
  const budget = await budgetOf(tx, book)
  return {
    limit: book.limit,
    message: sentenceOf(book, budget, amountMicros, 'spent or held'),
    facts: factsOf(budget),
    missingMicros: budget.committedMicros + amountMicros - budget.budgetMicros,
    missingRuns: 0,
  }
}

/** Takes back what was counted a moment ago: it could not be held. */
export async function giveToBudget(tx: Tx, { book, add }: BudgetEntry, amountMicros: bigint): Promise<void> {
  await book.correct(tx, -amountMicros)
  await add(tx, -amountMicros)
}

/**
 * Of runs that have ended, what they cost counts from now on, and no longer what they held. Two who do this at once do it
 * once for each run: an entry is closed only as it was read.
 */
export async function settleEnded(tx: Tx, book: BudgetBook): Promise<{ differenceMicros: bigint; live: number }> {
  let differenceMicros = 0n
  let live = 0
  for (const run of await book.listOpen(tx)) {
    if (!run.hasEnded) live++
    else if ((await run.close(tx)) > 0) differenceMicros += run.costMicros - run.countedMicros
  }
  if (differenceMicros !== 0n) await book.correct(tx, differenceMicros)
  return { differenceMicros, live }
}

async function budgetOf(tx: Tx, book: BudgetBook): Promise<Budget> {
  const row = await book.find(tx)
  assert(row, `No budget of ${book.whose}`)
  return { budgetMicros: row.budget_micros ?? 0n, committedMicros: row.committed_micros }
}
