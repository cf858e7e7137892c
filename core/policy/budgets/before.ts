import type { Tx } from '#db/db.ts'
import type { BudgetTable } from '#db/schema.ts'
import { insertBudgetUse } from '#db/spend-budgets.ts'
import { findEntryTime, holdWallet, listHoldsOfLiveRuns, sumCharged } from '#db/spent-before.ts'
import { addUsage } from '#db/usage.ts'
import { type ContextKey, contextOf, walletOf } from '../../context.ts'
import { budgetScope, periodOfBudget } from './budget.ts'

type NewBudget = Pick<BudgetTable, 'id' | 'context' | 'subject' | 'period'>

/**
 * A budget that is made counts what its period has spent before, and what is held at this moment, as if it had been there:
 * what of those holds is not spent is given back to it like to every other. In the transaction that makes it.
 */
export async function countWhatWas(tx: Tx, budget: NewBudget, nowMs: number): Promise<void> {
  const { id, period, subject } = budget
  const wallet = walletOf(contextOf(budget.context as ContextKey))
  const [kind = '', name = ''] = subject.split(/:(.*)/s)
  // Before anything is read: what moves between two looks would be counted twice, or not at all.
  const { entry_seq: entries = 0 } = (await holdWallet.first(tx, { id: wallet })) ?? {}
  const holds = await listHoldsOfLiveRuns.all(tx, { context: budget.context, kind, name })
  const add = (key: string, amountMicros: bigint): Promise<unknown> =>
    addUsage.run(tx, { scope: budgetScope(id), period: key, amountMicros, runs: 0 })
  if (period === 'run') {
    for (const { run_id: runId, hold_id: holdId, is_open: isOpen, ...hold } of holds) {
      await add(runId, isOpen === 1 ? hold.held_micros : hold.charged_micros)
      const use = { holdId, budgetId: id, period: runId, amountMicros: hold.held_micros }
      if (isOpen === 1) await insertBudgetUse.run(tx, use)
    }
    return
  }
  const { key } = periodOfBudget(period, nowMs, undefined)
  const sinceMs = Date.parse(period === 'day' ? `${key}T00:00:00Z` : `${key}-01T00:00:00Z`)
  const fromSeq = await firstEntrySince(tx, wallet, entries, sinceMs)
  const charged = await sumCharged.first(tx, { wallet, fromSeq, sinceMs, kind, name })
  let usedMicros = charged?.charged_micros ?? 0n
  for (const { hold_id: holdId, at_ms: atMs, is_open: isOpen, held_micros: amountMicros } of holds) {
    if (isOpen === 0 || atMs < sinceMs) continue
    usedMicros += amountMicros
    await insertBudgetUse.run(tx, { holdId, budgetId: id, period: key, amountMicros })
  }
  if (usedMicros > 0n) await add(key, usedMicros)
}

/** The number of the first of a wallet's entries since a time, found by halving: a wallet may have millions. */
async function firstEntrySince(tx: Tx, accountId: string, entries: number, sinceMs: number): Promise<number> {
  let from = 1
  let to = entries + 1
  while (from < to) {
    const seq = Math.floor((from + to) / 2)
    const entry = await findEntryTime.first(tx, { accountId, seq })
    if ((entry?.at_ms ?? 0) >= sinceMs) to = seq
    else from = seq + 1
  }
  return from
}
