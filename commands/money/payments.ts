import type { Actor } from '#core/actor.ts'
import type { Reply } from '#core/chat/message.ts'
import { contextTitle, type Resolved, resolveContext } from '#core/contexts/resolve.ts'
import type { Core } from '#core/core.ts'
import { fund as fundWallet, repay as repayDebt } from '#core/economy/fund.ts'
import { grant as grantMoney } from '#core/economy/grant.ts'
import { refundCharge } from '#core/economy/refund.ts'
import { transferOwn } from '#core/economy/transfer-own.ts'
import type { Balance } from '#core/economy/wallet.ts'
import { formatUsd } from '#core/money.ts'
import { defineCommand } from '../command.ts'
import { dollars, isZero, privateReply } from '../replies.ts'
import { runMeantOnce } from '../run-meant.ts'

const amount = { name: 'amount', kind: 'amount', summary: 'In dollars: 25 or 12.50' } as const

const availableNow = ({ availableUsd, debtUsd }: Balance): string =>
  isZero(debtUsd)
    ? `${dollars(availableUsd)} is available.`
    : `${dollars(availableUsd)} is available, ${dollars(debtUsd)} is owed.`

export const fund = defineCommand({
  name: 'fund',
  summary: 'Put money into the wallet that pays here',
  group: 'money',
  args: [amount],
  flags: [
    { name: 'from', kind: 'word', summary: 'Another wallet of yours: personal, or team:<name> when you own it' },
    { name: 'reason', kind: 'word', summary: 'Stands in the statement' },
  ],
  examples: ['/fund 25', '/fund 25 --as "team:Acme Rockets"', '/fund 5 --as personal --from team:Acme'],
  run: async ({ core, actor, resolved, args, flags }) => {
    const amountUsd = formatUsd(args.amount)
    if (flags.from !== undefined) return moveBetween(core, actor, resolved, { amountUsd, from: flags.from })
    const reason = flags.reason === undefined ? {} : { reason: flags.reason }
    const paid = await fundWallet(core, actor, { context: actor.context, amountUsd, ...reason })
    return privateReply(`${contextTitle(resolved)} got ${dollars(paid.amountUsd)}. ${availableNow(paid)}`)
  },
})

async function moveBetween(
  core: Core,
  actor: Actor,
  to: Resolved,
  { amountUsd, from: explicit }: { amountUsd: string; from: string },
): Promise<Reply> {
  const from = await resolveContext(core.db, { accountId: actor.accountId, channel: actor.channel, explicit })
  const moved = await transferOwn(core, actor, { from: from.context, to: to.context, amountUsd })
  const left = `${dollars(moved.availableUsd)} is left there.`
  return privateReply(`${contextTitle(to)} got ${dollars(moved.amountUsd)} from ${contextTitle(from)}. ${left}`)
}

export const repay = defineCommand({
  name: 'repay',
  summary: 'Pay back what the team owes',
  group: 'money',
  args: [amount],
  run: async ({ core, actor, resolved, args }) => {
    const paid = await repayDebt(core, actor, { context: actor.context, amountUsd: formatUsd(args.amount) })
    return privateReply(`${contextTitle(resolved)} got ${dollars(paid.amountUsd)} back. ${availableNow(paid)}`)
  },
})

export const grant = defineCommand({
  name: 'grant',
  summary: 'Give a person or a team money from the platform',
  group: 'money',
  access: 'admin',
  args: [{ name: 'to', kind: 'rest', label: 'user or team' }, amount],
  flags: [{ name: 'reason', kind: 'word', summary: 'Stands in the statement' }],
  examples: ['/grant @bob 5', '/grant Acme Rockets 100 --reason "Spring budget"'],
  run: async ({ core, actor, args, flags }) => {
    const reason = flags.reason ?? `Granted by @${actor.handle}`
    const paid = await grantMoney(core, actor, { to: args.to, amountUsd: formatUsd(args.amount), reason })
    return privateReply(`${paid.to.name} got ${dollars(paid.amountUsd)}. ${availableNow(paid)}`)
  },
})

export const refund = defineCommand({
  name: 'refund',
  summary: 'Give back what a run was charged',
  group: 'money',
  access: 'admin',
  args: [
    { name: 'run', kind: 'word', pattern: /^run_/, optional: true, summary: 'Nothing with an answer to its card' },
    { name: 'reason', kind: 'text', summary: 'Stands in the statement' },
  ],
  flags: [{ name: 'amount', kind: 'amount', summary: 'Only so much of it' }],
  examples: ['/refund run_0199f0c2 The wrong commits were used', '/refund run_0199f0c2 Half of it --amount 0.25'],
  run: async (call) => {
    const { core, actor, args, flags } = call
    const runId = await runMeantOnce(call, args.run, 'newest')
    const only = flags.amount === undefined ? {} : { amountUsd: formatUsd(flags.amount) }
    const paid = await refundCharge(core, actor, { runId, reason: args.reason, ...only })
    return privateReply(`${dollars(paid.amountUsd)} went back to the wallet that paid.`)
  },
})
