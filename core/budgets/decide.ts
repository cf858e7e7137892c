import assert from 'node:assert/strict'
import { type BudgetRequestRow, decideBudgetRequest, findBudgetRequest, insertBudgetRaise } from '#db/budgets.ts'
import type { Tx } from '#db/db.ts'
import { mayOnPlatform } from '../access.ts'
import type { Actor } from '../actor.ts'
import { touchCard } from '../chat/outbox.ts'
import { contextOf, personal } from '../context.ts'
import type { Core } from '../core.ts'
import { readAmount, readReason } from '../economy/amounts.ts'
import { moneyCameIn } from '../economy/came-in.ts'
import { moveMoney } from '../economy/ledger.ts'
import { wakeIfAnyWaits } from '../economy/wake.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { formatUsd } from '../money.ts'
import type { Address } from '../notifications/addresses.ts'
import { notify } from '../notifications/notify.ts'
import { touchShownCards } from '../notifications/send.ts'
import { once } from '../once.ts'
import { showRunCardOf } from '../runs/card.ts'
import { tryFund } from '../runs/fund-waiting.ts'
import { payerName } from '../teams/payer.ts'
import { requireContext } from '../teams/standing.ts'
import { type BudgetRequest, budgetKey, budgetRequestView, statusAt } from './request.ts'
import { noRequest, requireDecider } from './standing.ts'
import { amountWords, limitWords, utcTime } from './words.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

/** Another amount (for a limit of runs a whole number) or another end than was asked for. */
export type GrantBudget = { requestId: string; amount?: string; untilMs?: number }

export type Granted = BudgetRequest & {
  /** What became of the run that waits: its money is held, or what is still in the way; null when none waits. */
  run: { started: boolean; stillMissing: string | null } | null
}

/**
 * Grants what was asked for: raises the limit until the time is over, or puts money into the wallet, from the platform or
 * out of the granter's own; and holds what the waiting run needs, in one transaction. The first decision wins: `conflict`
 * with whose it was for the second. Rights are those of this moment.
 */
export async function grantBudget(core: Needs, actor: Actor, grant: GrantBudget): Promise<Granted> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function grantBudgetOnce(tx) {
    return once(tx, { actor, operation: 'budget.grant', input: grant, nowMs }, async () => {
      const row = sized(await requireOpen(tx, actor, grant.requestId, nowMs), grant, nowMs)
      await requireStillThere(tx, row)
      await decide(tx, actor, row, { status: 'granted', reason: null, nowMs })
      const run = await carryOut(core, tx, actor, row, nowMs)
      await tellEverybody(core, tx, actor, row, { status: 'granted', run, nowMs })
      return { ...budgetRequestView(await reload(tx, row.id), nowMs), amountUsd: formatUsd(row.amount_micros), run }
    })
  })
}

/** Says no; the run goes on waiting until its time is over. */
export async function declineBudget(
  core: Needs,
  actor: Actor,
  request: { requestId: string; reason?: string },
): Promise<BudgetRequest> {
  const nowMs = core.clock.nowMs()
  const reason = request.reason === undefined ? null : readReason('reason', request.reason)
  return core.db.write(async function declineBudgetOnce(tx) {
    return once(tx, { actor, operation: 'budget.decline', input: request, nowMs }, async () => {
      const row = await requireOpen(tx, actor, request.requestId, nowMs)
      await decide(tx, actor, row, { status: 'declined', reason, nowMs })
      await tellEverybody(
        core,
        tx,
        actor,
        { ...row, decision_reason: reason },
        { status: 'declined', run: null, nowMs },
      )
      return budgetRequestView(await reload(tx, row.id), nowMs)
    })
  })
}

async function requireOpen(tx: Tx, actor: Actor, id: string, nowMs: number): Promise<BudgetRequestRow> {
  const row = await findBudgetRequest.first(tx, { id })
  if (!row) throw noRequest()
  await requireDecider(tx, actor, row)
  const status = statusAt(row, nowMs)
  if (status === 'expired')
    throw new AppError('expired', `Nobody answered by ${utcTime(row.expires_at_ms)}; it is over.`)
  if (status !== 'open') throw decidedAlready(row)
  return row
}

function decidedAlready({ status, decider, decided_at_ms }: BudgetRequestRow): AppError {
  const message = `@${decider} ${status} this already, on ${utcTime(decided_at_ms ?? 0)}.`
  return new AppError('conflict', message, { facts: { status, decidedBy: decider } })
}

/** The request with what the granter changed of it. */
function sized(row: BudgetRequestRow, { amount, untilMs }: GrantBudget, nowMs: number): BudgetRequestRow {
  if (untilMs !== undefined && untilMs <= nowMs) throw new AppError('bad_input', 'A raise ends in the future.')
  const until_ms = untilMs ?? row.until_ms
  if (amount === undefined) return { ...row, until_ms }
  const micros = readAmount('amount', amount)
  if (row.limit_name !== 'team_monthly_runs') return { ...row, until_ms, amount_micros: micros }
  const runs = Number(amount)
  if (!Number.isInteger(runs)) throw new AppError('bad_input', 'This limit counts runs: grant a whole number of them.')
  return { ...row, until_ms, runs }
}

/** Who has left the team since has nothing to spend there. */
async function requireStillThere(tx: Tx, { context, account_id, handle }: BudgetRequestRow): Promise<void> {
  try {
    await requireContext(tx, { accountId: account_id }, contextOf(context), 'run')
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    throw new AppError('conflict', `@${handle} may not spend there any more, so there is nothing to grant.`)
  }
}

async function decide(
  tx: Tx,
  actor: Actor,
  row: BudgetRequestRow,
  { status, reason, nowMs }: { status: 'granted' | 'declined'; reason: string | null; nowMs: number },
): Promise<void> {
  const decided = await decideBudgetRequest.run(tx, { id: row.id, status, by: actor.accountId, reason, nowMs })
  if (decided === 0) throw decidedAlready(await reload(tx, row.id))
  const { limit_name: limit, runs, amount_micros, account_id, run_id } = row
  const size = runs > 0 ? { runs } : { amountUsd: formatUsd(amount_micros) }
  const details = { limit, accountId: account_id, runId: run_id, ...(status === 'granted' ? size : { reason }) }
  await appendEvents(tx, nowMs, [
    { type: `budget.${status}`, actor: actor.accountId, context: row.context, subject: row.id, details },
  ])
}

/** The raise or the money, and with it the waiting run; others in the line are looked at after the commit. */
async function carryOut(
  core: Needs,
  tx: Tx,
  actor: Actor,
  row: BudgetRequestRow,
  nowMs: number,
): Promise<Granted['run']> {
  const isMoney = row.limit_name === 'available'
  if (!isMoney) await raise(core, tx, actor, row, nowMs)
  const deposit = (): Promise<void> => (isMoney ? putIn(core, tx, actor, row, nowMs) : Promise.resolve())
  const funded = row.run_id === null ? await deposit() : await tryFund(core, tx, row.run_id, { nowMs, deposit })
  if (!isMoney) await wakeIfAnyWaits(core, tx, contextOf(row.context))
  if (funded === undefined || funded === 'over') return null
  return funded === 'funded' ? { started: true, stillMissing: null } : { started: false, stillMissing: funded.message }
}

async function raise(core: Needs, tx: Tx, actor: Actor, row: BudgetRequestRow, nowMs: number): Promise<void> {
  await insertBudgetRaise.run(tx, {
    id: core.ids.newId('raise'),
    requestId: row.id,
    scope: row.scope,
    limitName: row.limit_name,
    amountMicros: row.amount_micros,
    runs: row.runs,
    grantedBy: actor.accountId,
    nowMs,
    untilMs: row.until_ms,
  })
}

async function putIn(core: Needs, tx: Tx, actor: Actor, row: BudgetRequestRow, nowMs: number): Promise<void> {
  const isPlatform = mayOnPlatform(actor.platformRole, 'grant')
  const to = contextOf(row.context)
  const moved = await moveMoney(tx, {
    id: `grant_${row.id}`,
    from: isPlatform ? 'platform:grants' : personal(actor.accountId),
    to,
    amountMicros: row.amount_micros,
    kind: isPlatform ? 'grant' : 'fund',
    actor: actor.accountId,
    context: row.context,
    reason: `Asked for by @${row.handle}`,
    nowMs,
  }).catch((error) => {
    throw error instanceof AppError && error.code === 'insufficient_funds' ? ownWalletTooSmall(error) : error
  })
  await moneyCameIn(core, tx, to, moved)
}

const ownWalletTooSmall = (error: AppError): AppError =>
  new AppError('insufficient_funds', `What you grant comes out of your own wallet. ${error.message}`, error.details)

async function tellEverybody(
  core: Needs,
  tx: Tx,
  actor: Actor,
  row: BudgetRequestRow,
  { status, run, nowMs }: { status: 'granted' | 'declined'; run: Granted['run']; nowMs: number },
): Promise<void> {
  const card = { cardKey: budgetKey(row.id), cause: row.id }
  // Of requests that were made before people were told as they choose.
  const told = JSON.parse(row.told_json) as Address[]
  for (const address of told) await touchCard(core, tx, { ...address, ...card })
  await touchShownCards(core, tx, { ...card, except: told })
  if (row.run_id) await showRunCardOf(core, tx, row.run_id)
  if (actor.accountId === row.account_id) return
  const words = await answerWords(tx, actor, row, { status, run, nowMs })
  const context = contextOf(row.context)
  await notify(core, tx, { accountId: row.account_id, type: 'budget', context, cause: row.id, text: words })
}

async function answerWords(
  tx: Tx,
  actor: Actor,
  row: BudgetRequestRow,
  { status, run }: { status: 'granted' | 'declined'; run: Granted['run']; nowMs: number },
): Promise<string> {
  const limit = limitWords(row.limit_name, { handle: row.handle, payer: await payerName(tx, contextOf(row.context)) })
  const isMoney = row.limit_name === 'available'
  if (status === 'declined') {
    const why = row.decision_reason ? `: ${row.decision_reason}` : '.'
    return `@${actor.handle} declined your request for ${amountWords(row)} more (${limit})${why}`
  }
  const until = isMoney ? '' : ` until ${utcTime(row.until_ms)}`
  const goesOn = run === null ? '' : run.started ? ' Your run goes on.' : ` Your run still waits: ${run.stillMissing}`
  return `@${actor.handle} granted you ${amountWords(row)} more (${limit})${until}.${goesOn}`
}

async function reload(tx: Tx, id: string): Promise<BudgetRequestRow> {
  const row = await findBudgetRequest.first(tx, { id })
  assert(row, `No request ${id}`)
  return row
}
