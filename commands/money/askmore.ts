import { askForBudget } from '#core/budgets/ask.ts'
import { declineBudget, grantBudget } from '#core/budgets/decide.ts'
import { findBudgetRequests } from '#core/budgets/read.ts'
import type { BudgetRequest } from '#core/budgets/request.ts'
import { meantOnce } from '#core/chat/meant.ts'
import { AppError } from '#core/errors.ts'
import { formatUsd } from '#core/money.ts'
import { defineCommand, type UserCall } from '../command.ts'
import { renderLine } from '../grammar/render.ts'
import { buttons, count, dateTime, dollars, heading, privateReply } from '../replies.ts'
import { runMeantOnce } from '../run-meant.ts'
import { readUntil } from './until.ts'

export const askmore = defineCommand({
  name: 'askmore',
  summary: 'Ask those who can help for more money, or more room under a limit',
  group: 'money',
  args: [
    { name: 'amount', kind: 'amount', optional: true, summary: 'In dollars; what the run needs when left out' },
    { literal: 'until', optional: true },
    {
      name: 'when',
      kind: 'rest',
      optional: true,
      summary: '3d, 12h or 2026-12-01; the end of the month when left out',
    },
  ],
  flags: [
    { name: 'run', kind: 'word', summary: 'The run that waits; its card knows it' },
    { name: 'reason', kind: 'word', summary: 'Why, for those who decide' },
  ],
  examples: ['/askmore 5', '/askmore 5 until 2026-12-01', '/askmore 20 3d --reason "The spring release"'],
  run: async (call) => {
    const { core, actor, args, flags, incoming, account } = call
    const isOfCard = flags.run !== undefined || incoming.replyTo !== undefined
    const asked = await askForBudget(core, actor, {
      ...(isOfCard ? { runId: await runMeantOnce(call, flags.run, 'newest') } : {}),
      ...(args.amount === undefined ? {} : { amount: formatUsd(args.amount) }),
      ...(args.when === undefined ? {} : { untilMs: readUntil(args.when, incoming.atMs) }),
      ...(flags.reason === undefined ? {} : { reason: flags.reason }),
    })
    const by = dateTime(asked.expiresAt, account.timeZone)
    return privateReply(
      `I have asked for ${sizeOf(asked)} more (${limitOf(asked)}). Those who can grant it have been told, and have until ${by}.`,
    )
  },
})

export const budgetrequests = defineCommand({
  name: 'budgetrequests',
  summary: 'Who asked for more here, and has no answer yet',
  group: 'money',
  run: async ({ core, actor, account }) => {
    const { items } = await findBudgetRequests(core, actor, { status: 'open', limit: SHOWN })
    if (items.length === 0) return privateReply('Nobody has asked for more.')
    return privateReply(
      heading(count(items.length, 'open request')),
      { type: 'list', items: items.map((item) => lineOf(item, account.timeZone)) },
      buttons(
        ...items.map(({ id, requester, ...rest }) => ({
          label: `Grant @${requester.handle} ${sizeOf(rest)}`,
          command: renderLine('allowmore', { words: [id] }),
        })),
      ),
    )
  },
})

const SHOWN = 8

const lineOf = (request: BudgetRequest, timeZone: string): string =>
  `@${request.requester.handle}: ${sizeOf(request)} (${limitOf(request)}), since ${dateTime(request.createdAt, timeZone)}`

const REQUEST = {
  name: 'request',
  kind: 'word',
  pattern: /^breq_/,
  optional: true,
  summary: 'Nothing where there is only one',
} as const

export const allowmore = defineCommand({
  name: 'allowmore',
  summary: 'Grant what somebody asked for',
  group: 'money',
  args: [REQUEST, { name: 'amount', kind: 'amount', optional: true, summary: 'Another amount than was asked for' }],
  flags: [{ name: 'until', kind: 'word', summary: 'When a raise ends, if not as asked' }],
  run: async (call) => {
    const { core, actor, args, flags, incoming } = call
    const granted = await grantBudget(core, actor, {
      requestId: await requestMeant(call, args.request),
      ...(args.amount === undefined ? {} : { amount: formatUsd(args.amount) }),
      ...(flags.until === undefined ? {} : { untilMs: readUntil(flags.until, incoming.atMs) }),
    })
    const { run } = granted
    const goesOn = run === null ? '' : run.started ? ' The run goes on.' : ` The run still waits: ${run.stillMissing}`
    return privateReply(`@${granted.requester.handle} has ${sizeOf(granted)} more (${limitOf(granted)}).${goesOn}`)
  },
})

export const declinemore = defineCommand({
  name: 'declinemore',
  summary: 'Decline what somebody asked for',
  group: 'money',
  args: [REQUEST, { name: 'reason', kind: 'text', optional: true, summary: 'Why; they read it' }],
  run: async (call) => {
    const requestId = await requestMeant(call, call.args.request)
    const { reason } = call.args
    const declined = await declineBudget(call.core, call.actor, {
      requestId,
      ...(reason === undefined ? {} : { reason }),
    })
    return privateReply(`Declined. @${declined.requester.handle} has been told.`)
  },
})

/** The only open one when none is named; asked again, it means the same. */
async function requestMeant({ core, actor }: UserCall, id: string | undefined): Promise<string> {
  if (id !== undefined) return id
  return meantOnce(core, actor, { what: 'budget', words: null }, async () => {
    const { items } = await findBudgetRequests(core, actor, { status: 'open', limit: 2 })
    const [only, another] = items
    if (!only) throw new AppError('not_found', 'Nobody has asked for more here.')
    if (another) throw new AppError('conflict', 'Several have asked for more. /budgetrequests shows them.')
    return only.id
  })
}

const LIMITS: Record<BudgetRequest['limit'], string> = {
  available: 'money in the wallet',
  member_monthly_cap: 'monthly cap in the team',
  team_monthly_cap: 'monthly cap of the team',
  team_monthly_runs: 'runs of the team a month',
  person_monthly_cap: 'own monthly cap',
}

const limitOf = ({ limit }: Pick<BudgetRequest, 'limit'>): string => LIMITS[limit]

const sizeOf = ({ amountUsd, runs }: Pick<BudgetRequest, 'amountUsd' | 'runs'>): string =>
  runs === null ? dollars(amountUsd) : count(runs, 'run')
