import { forgetLimitWarning, insertLimitWarning } from '#db/budgets.ts'
import type { Tx } from '#db/db.ts'
import { findTeam } from '#db/teams.ts'
import { type Context, contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'
import { formatUsd, parseUsd, showUsd } from '../money.ts'
import { notify } from '../notifications/notify.ts'
import { whoMay } from '../notifications/people.ts'
import { settingsOf, type TeamSettings } from '../teams/settings.ts'
import { type Crossing, fallenBelow } from './crossings.ts'
import { nextPeriodMs, periodOf } from './period.ts'
import type { Spender } from './spending.ts'

type Needs = Pick<Core, 'ids' | 'clock' | 'queue'>

/** What was just held or spent, with what it crossed and left. */
export interface Spent {
  amountMicros: bigint
  crossed: readonly Crossing[]
  /** Available in the wallet now; null where no money was taken. */
  availableMicros: bigint | null
  nowMs: number
  /** Of the team that pays, where it was read already. */
  settings?: TeamSettings | undefined
}

const LOW_BALANCE = 'low_balance'

/**
 * Tells whom it concerns that a limit is half, four fifths or wholly used, and that a team's money runs low: once for each
 * crossing, whoever crosses it at the same moment. Where nothing was crossed it asks the database nothing.
 */
export async function warnOf(core: Needs, tx: Tx, spender: Spender, spent: Spent): Promise<void> {
  for (const crossing of spent.crossed) await warnOfLimit(core, tx, spender, crossing, spent.nowMs)
  const { availableMicros, amountMicros } = spent
  if (spender.context.type === 'user' || availableMicros === null) return
  const settings = spent.settings ?? (await settingsOfTeam(tx, spender.context.id))
  const fallen = fallenBelow(lowBalances(settings), availableMicros + amountMicros, availableMicros)
  if (fallen.length > 0) await warnOfBalance(core, tx, spender.context, { fallen, availableMicros, nowMs: spent.nowMs })
}

async function warnOfLimit(
  core: Needs,
  tx: Tx,
  { accountId, context }: Spender,
  { scope, limit, title, size, used, percents, period }: Crossing,
  nowMs: number,
): Promise<void> {
  const once = { scope, limitName: limit, period: period?.key ?? periodOf(nowMs), size: String(size), nowMs }
  const fresh: number[] = []
  for (const percent of percents) {
    if ((await insertLimitWarning.run(tx, { ...once, threshold: String(percent) })) > 0) fresh.push(percent)
  }
  const percent = fresh.at(-1)
  if (percent === undefined) return
  const isRuns = limit === 'team_monthly_runs'
  const show = (amount: bigint): string => (isRuns ? `${amount} runs` : showUsd(amount))
  const resetsAtMs = period ? period.resetsAtMs : nextPeriodMs(nowMs)
  const resets = resetsAtMs === null ? '' : ` It starts anew on ${new Date(resetsAtMs).toISOString().slice(0, 10)}.`
  const words = `${title}: ${percent} % is used or set aside (${show(used)} of ${show(size)}).${resets}`
  await appendEvents(tx, nowMs, [
    {
      type: 'limit.crossed',
      actor: accountId,
      context: contextKey(context),
      subject: scope,
      details: {
        limit,
        percent,
        size: isRuns ? Number(size) : formatUsd(size),
        used: isRuns ? Number(used) : formatUsd(used),
      },
    },
  ])
  const isOwn = limit === 'member_monthly_cap' || limit === 'person_monthly_cap'
  const concerned = isOwn || context.type === 'user' ? [{ accountId }] : await whoMay(tx, context.id, 'limit', nowMs)
  for (const one of concerned) {
    await notify(core, tx, {
      accountId: one.accountId,
      type: 'budget',
      context,
      cause: scope,
      text: words,
      // What is wholly used stops what runs there.
      priority: percent === 100 ? 'urgent' : percent >= 80 ? 'normal' : 'low',
    })
  }
}

async function warnOfBalance(
  core: Needs,
  tx: Tx,
  context: Context & { type: 'team' },
  { fallen, availableMicros, nowMs }: { fallen: readonly bigint[]; availableMicros: bigint; nowMs: number },
): Promise<void> {
  const scope = contextKey(context)
  const fresh: bigint[] = []
  for (const threshold of fallen) {
    const row = { scope, limitName: LOW_BALANCE, period: '', size: '', threshold: String(threshold), nowMs }
    if ((await insertLimitWarning.run(tx, row)) > 0) fresh.push(threshold)
  }
  const threshold = fresh.at(-1)
  if (threshold === undefined) return
  const details = { belowUsd: formatUsd(threshold), availableUsd: formatUsd(availableMicros) }
  await appendEvents(tx, nowMs, [{ type: 'wallet.low', actor: 'system', context: scope, subject: scope, details }])
  const team = await findTeam.first(tx, { id: context.id })
  const words = `Team ${team?.name} has less than ${showUsd(threshold)}: ${showUsd(availableMicros)} is available. /fund <amount> puts money in.`
  for (const { accountId } of await whoMay(tx, context.id, 'limit', nowMs)) {
    await notify(core, tx, { accountId, type: 'low_balance', context, cause: scope, text: words })
  }
}

/** Money has come in: what it lifted the balance above will be told of again. */
export async function rearmLowBalance(tx: Tx, context: Context, availableMicros: bigint): Promise<void> {
  if (context.type === 'user') return
  const scope = contextKey(context)
  for (const threshold of lowBalances(await settingsOfTeam(tx, context.id))) {
    if (availableMicros < threshold) continue
    await forgetLimitWarning.run(tx, { scope, limitName: LOW_BALANCE, threshold: String(threshold) })
  }
}

const lowBalances = ({ lowBalanceUsd }: TeamSettings): bigint[] =>
  lowBalanceUsd.flatMap((usd) => {
    const micros = parseUsd(usd)
    return micros === undefined ? [] : [micros]
  })

async function settingsOfTeam(tx: Tx, teamId: string): Promise<TeamSettings> {
  return settingsOf((await findTeam.first(tx, { id: teamId }))?.settings_json ?? '{}')
}
