import { expireRequestOfRun, findBudgetRequest, findOpenRequestOfRun, insertBudgetRequest } from '#db/budgets.ts'
import type { Tx } from '#db/db.ts'
import { findFundsWait, findWaitingOfPerson } from '#db/funds-waits.ts'
import type { Actor } from '../actor.ts'
import { type Context, contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { readAmount, readReason } from '../economy/amounts.ts'
import type { LimitName } from '../economy/counter.ts'
import { isFixed, ownerOfLimit } from '../economy/fixed-limits.ts'
import { limitStates } from '../economy/limit-states.ts'
import { nextPeriodMs } from '../economy/period.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { formatUsd, MICROS_PER_USD, parseUsd } from '../money.ts'
import { notify } from '../notifications/notify.ts'
import { once } from '../once.ts'
import { showRunCardOf } from '../runs/card.ts'
import { availableMicros } from '../runs/pay-line.ts'
import { readableRun } from '../runs/read.ts'
import { requireContext } from '../teams/standing.ts'
import { type BudgetRequest, budgetKey, budgetRequestView } from './request.ts'
import { decidersOf } from './standing.ts'
import { requestSentence } from './words.ts'

export type AskRequest = {
  /** The run that waits; without one the limit that is nearest is meant. */
  runId?: string
  limit?: LimitName | 'available'
  /** Dollars; for a limit of runs a whole number. What the run needs when it is left out. */
  amount?: string
  /** When a raise ends; with the month when it is left out. */
  untilMs?: number
  reason?: string
}

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

/** A request that no run waits for is open so long. */
const OPEN_MS = 7 * 24 * 60 * 60 * 1000
const UNTIL_MAX_MS = 366 * 24 * 60 * 60 * 1000

/**
 * Asks those who can help for more: the admins of the team that pays, or platform admins for a personal wallet. They are
 * told privately, each on their own channels. Asked again for the same run, the open request is the answer.
 */
export async function askForBudget(core: Needs, actor: Actor, request: AskRequest): Promise<BudgetRequest> {
  const nowMs = core.clock.nowMs()
  const reason = request.reason === undefined ? null : readReason('reason', request.reason)
  return core.db.write(async function askForBudgetOnce(tx) {
    return once(tx, { actor, operation: 'budget.ask', input: request, nowMs }, async () => {
      const runId = await runMeant(tx, actor, request)
      const before = runId && (await openRequestOf(tx, actor, runId, nowMs))
      if (before) return before
      const asked = runId ? await forRun(tx, actor, runId) : await forContext(tx, actor, request, nowMs)
      return writeRequest(core, tx, actor, {
        ...asked,
        ...sizeOf(asked, request),
        reason,
        ...timesOf(asked, request, nowMs),
        nowMs,
      })
    })
  })
}

/** Where nothing else is said, the run of one's own that waits here. */
async function runMeant(
  tx: Tx,
  { accountId, context }: Actor,
  { runId, limit }: AskRequest,
): Promise<string | undefined> {
  if (runId !== undefined || limit !== undefined) return runId
  return (await findWaitingOfPerson.first(tx, { accountId, context: contextKey(context) }))?.run_id
}

async function openRequestOf(tx: Tx, actor: Actor, runId: string, nowMs: number): Promise<BudgetRequest | undefined> {
  const run = await readableRun(tx, actor, runId)
  await requireContext(tx, actor, run.context, 'run')
  await expireRequestOfRun.run(tx, { runId, nowMs })
  const open = await findOpenRequestOfRun.first(tx, { runId })
  const row = open && (await findBudgetRequest.first(tx, { id: open.id }))
  return row && budgetRequestView(row, nowMs)
}

/** What is asked for, before its size. */
interface Asked {
  context: Context
  /** Whose limits they are. */
  spender: string
  runId: string | null
  limit: LimitName | 'available'
  /** Enough for the run, whatever else is spent meanwhile. */
  neededMicros: bigint
  expiresAtMs: number | null
}

async function forRun(tx: Tx, actor: Actor, runId: string): Promise<Asked> {
  const run = await readableRun(tx, actor, runId)
  const { context, row } = run
  const common = { context, spender: row.account_id, runId }
  if (row.status === 'payment_failed') {
    return { ...common, limit: 'available', neededMicros: row.owed_micros, expiresAtMs: null }
  }
  const wait = await findFundsWait.first(tx, { runId })
  if (wait?.state !== 'waiting') throw new AppError('conflict', 'That run does not wait for money.')
  if (isFixed(wait.limit_name)) {
    const whose = ownerOfLimit(wait.limit_name)
    throw new AppError('conflict', `That run waits for the budget of ${whose}, and nobody can raise that.`)
  }
  const missingMicros = parseUsd(JSON.parse(wait.shortage_json).missingUsd) ?? 0n
  const neededMicros = wait.amount_micros > missingMicros ? wait.amount_micros : missingMicros
  return { ...common, limit: wait.limit_name as Asked['limit'], neededMicros, expiresAtMs: wait.expires_at_ms }
}

async function forContext(tx: Tx, actor: Actor, { limit }: AskRequest, nowMs: number): Promise<Asked> {
  const { context, accountId } = actor
  await requireContext(tx, actor, context, 'run')
  const nearest = limit ?? (await nearestLimit(tx, actor, nowMs))
  return { context, spender: accountId, runId: null, limit: nearest, neededMicros: 0n, expiresAtMs: null }
}

/** The one with the least left; what somebody set for themselves they need not ask others about. */
async function nearestLimit(tx: Tx, { accountId, context }: Actor, nowMs: number): Promise<Asked['limit']> {
  let nearest: Asked['limit'] = 'available'
  let leftMicros = await availableMicros(tx, context)
  for (const { name, limitMicros, usedMicros } of await limitStates(tx, { accountId, context }, nowMs)) {
    if (limitMicros === null || name === 'person_monthly_cap' || limitMicros - usedMicros >= leftMicros) continue
    nearest = name
    leftMicros = limitMicros - usedMicros
  }
  return nearest
}

function sizeOf({ limit, neededMicros }: Asked, { amount }: AskRequest): { amountMicros: bigint; runs: number } {
  if (limit === 'person_monthly_cap') {
    throw new AppError('bad_input', 'This limit is your own: /cap me <amount> changes it, /cap me off lifts it.')
  }
  if (limit !== 'team_monthly_runs') {
    if (amount === undefined && neededMicros === 0n) throw new AppError('bad_input', 'How much more? Write the amount.')
    return { amountMicros: amount === undefined ? neededMicros : readAmount('amount', amount), runs: 0 }
  }
  const micros = readAmount('amount', amount ?? '1')
  if (micros % MICROS_PER_USD !== 0n || micros > RUNS_MOST * MICROS_PER_USD) {
    throw new AppError('bad_input', 'This limit counts runs: ask for a whole number of them.')
  }
  return { amountMicros: 0n, runs: Number(micros / MICROS_PER_USD) }
}

const RUNS_MOST = 1_000_000n

function timesOf(
  { expiresAtMs }: Asked,
  { untilMs }: AskRequest,
  nowMs: number,
): { untilMs: number; expiresAtMs: number } {
  const until = untilMs ?? nextPeriodMs(nowMs)
  if (until <= nowMs || until > nowMs + UNTIL_MAX_MS) {
    throw new AppError('bad_input', 'A raise ends in the future, and within a year.')
  }
  return { untilMs: until, expiresAtMs: expiresAtMs ?? nowMs + OPEN_MS }
}

type Sized = Asked & {
  amountMicros: bigint
  runs: number
  untilMs: number
  expiresAtMs: number
  reason: string | null
  nowMs: number
}

async function writeRequest(core: Needs, tx: Tx, actor: Actor, sized: Sized): Promise<BudgetRequest> {
  const { context, spender, runId, limit, amountMicros, runs, untilMs, expiresAtMs, reason, nowMs } = sized
  const id = core.ids.newId('breq')
  const key = contextKey(context)
  const isMoney = limit === 'available'
  const deciders = await decidersOf(tx, context, { accountId: actor.accountId, isMoney, nowMs })
  if (deciders.length === 0) throw new AppError('conflict', 'There is nobody who could decide about this.')
  await insertBudgetRequest.run(tx, {
    id,
    context: key,
    account_id: actor.accountId,
    run_id: runId,
    limit_name: limit,
    scope: isMoney ? key : await scopeOf(tx, { accountId: spender, context }, limit, nowMs),
    amount_micros: amountMicros,
    runs,
    reason,
    until_ms: untilMs,
    // Where its card stands, is known by whom it was shown to.
    told_json: '[]',
    created_at_ms: nowMs,
    expires_at_ms: expiresAtMs,
  })
  const details = { limit, runId, ...(runs > 0 ? { runs } : { amountUsd: formatUsd(amountMicros) }) }
  await appendEvents(tx, nowMs, [
    { type: 'budget.requested', actor: actor.accountId, context: key, subject: id, details },
  ])
  const row = await findBudgetRequest.first(tx, { id })
  if (!row) throw new Error(`No request ${id}`)
  const asked = { type: 'budget_asked', context, cause: id, text: await requestSentence(tx, row) } as const
  for (const { accountId } of deciders) await notify(core, tx, { ...asked, accountId, cardKey: budgetKey(id) })
  if (runId) await showRunCardOf(core, tx, runId)
  return budgetRequestView(row, nowMs)
}

/** The counter behind a limit; refused when nobody has set it (any more). */
async function scopeOf(
  tx: Tx,
  spender: { accountId: string; context: Context },
  limit: LimitName,
  nowMs: number,
): Promise<string> {
  const state = (await limitStates(tx, spender, nowMs)).find(({ name }) => name === limit)
  if (!state) throw new AppError('conflict', 'This limit is not set, so there is nothing to raise.')
  return state.scope
}
