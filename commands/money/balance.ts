import { contextTitle } from '#core/contexts/resolve.ts'
import { monthUsage } from '#core/economy/month.ts'
import { type Entry, statement as readStatement } from '#core/economy/statement.ts'
import { walletView } from '#core/economy/wallet.ts'
import { listMembers } from '#core/teams/members.ts'
import { defineCommand } from '../command.ts'
import { renderLine } from '../grammar/render.ts'
import { asFlag, buttons, count, dateTime, dollars, heading, isZero, muted, privateReply, shorten } from '../replies.ts'
import { balanceFields, limitLines } from './wallet-parts.ts'

export const balance = defineCommand({
  name: 'balance',
  summary: 'What is in the wallet that pays here',
  group: 'money',
  run: async ({ core, actor, resolved }) => {
    const wallet = await walletView(core, actor, actor.context)
    return privateReply(heading(contextTitle(resolved)), balanceFields(wallet), ...limitLines(wallet))
  },
})

const PAGE_SIZE = 10

export const statement = defineCommand({
  name: 'statement',
  summary: 'Every movement of the wallet, newest first',
  group: 'money',
  flags: [{ name: 'before', kind: 'integer', summary: 'Continues below this movement' }],
  run: async ({ core, actor, account, resolved, flags }) => {
    const from = flags.before === undefined ? {} : { beforeSeq: flags.before }
    const page = await readStatement(core, actor, { context: actor.context, limit: PAGE_SIZE, ...from })
    if (page.items.length === 0)
      return privateReply(`${contextTitle(resolved)} has no movements${from.beforeSeq ? ' before that' : ' yet'}.`)
    const next = { as: asFlag(resolved), before: String(page.nextBeforeSeq) }
    return privateReply(
      heading(`Statement · ${contextTitle(resolved)}`),
      {
        type: 'table',
        columns: ['When', 'What', 'Amount', 'Balance', 'By'],
        rows: page.items.map((entry) => [
          dateTime(entry.at, account.timeZone),
          whatOf(entry),
          dollars(entry.amountUsd),
          dollars(entry.balanceAfterUsd),
          entry.who === 'system' ? 'system' : `@${entry.who}`,
        ]),
      },
      ...(page.nextBeforeSeq === null
        ? []
        : [buttons({ label: 'Older', command: renderLine('statement', { flags: next }) })]),
    )
  },
})

const whatOf = ({ kind, what, reason }: Entry): string =>
  [what ? `${kind} ${what}` : kind, reason ? shorten(reason, 40) : ''].filter(Boolean).join(': ')

export const usage = defineCommand({
  name: 'usage',
  summary: 'What was spent this month, and by whom',
  group: 'money',
  run: async ({ core, actor, resolved }) => {
    const { context } = actor
    const month = await monthUsage(core, actor, context)
    const wallet = await walletView(core, actor, context)
    const title = context.type === 'team' ? contextTitle(resolved) : 'You, in all contexts'
    const members = context.type === 'team' ? await listMembers(core, actor, { teamId: context.id }) : []
    const spenders = members.filter(({ spentUsd }) => !isZero(spentUsd))
    return privateReply(
      heading(`${title} · ${month.month}`),
      `${dollars(month.spentUsd)} spent in ${count(month.runs, 'run')}.`,
      ...(spenders.length > 0
        ? [{ type: 'list' as const, items: spenders.map(({ handle, spentUsd }) => `@${handle}: ${dollars(spentUsd)}`) }]
        : []),
      ...limitLines(wallet),
      ...(wallet.limits.length === 0 ? [muted('No limits are set. /cap sets one.')] : []),
    )
  },
})
