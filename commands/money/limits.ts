import type { Actor } from '#core/actor.ts'
import type { Core } from '#core/core.ts'
import { type Cap, setCap } from '#core/economy/caps.ts'
import { setCreditLine } from '#core/economy/credit-line.ts'
import { AppError } from '#core/errors.ts'
import { findMyTeam } from '#core/teams/find.ts'
import { anyTeamNamed } from '#core/teams/find-any.ts'
import { defineCommand } from '../command.ts'
import { dollars, privateReply, readCap } from '../replies.ts'

export const cap = defineCommand({
  name: 'cap',
  summary: 'Limit what you, a member or the team may spend in a month',
  group: 'money',
  args: [
    {
      name: 'subject',
      kind: 'rest',
      label: 'me, user or team',
      summary: 'me, a handle, a team; team is the one that pays',
    },
    { name: 'amount', kind: 'word', label: 'amount or off', summary: 'In dollars; off lifts it' },
  ],
  examples: ['/cap me 20', '/cap @bob 5', '/cap Acme Rockets 100', '/cap team off'],
  run: async ({ core, actor, args }) => {
    const wanted = readCap(args.amount)
    if (!wanted) throw new AppError('bad_input', `<amount or off> takes dollars like 12.50, or off.`)
    return privateReply(capSentence(await setCap(core, actor, { subject: args.subject, amountUsd: wanted.capUsd })))
  },
})

function capSentence({ scope, name, capUsd }: Cap): string {
  const who = scope === 'person' ? 'You' : scope === 'team' ? name : `@${name}`
  if (capUsd === null) return `${who} ${scope === 'person' ? 'have' : 'has'} no cap any more.`
  return `${who} may spend ${dollars(capUsd)} a month${scope === 'person' ? ', all teams included' : ''}.`
}

export const creditline = defineCommand({
  name: 'creditline',
  summary: 'Approve how far a team may go below zero (platform admins)',
  group: 'money',
  args: [
    { name: 'team', kind: 'rest' },
    { name: 'limit', kind: 'word', label: 'limit or off', summary: 'In dollars; off ends it' },
  ],
  examples: ['/creditline Acme Rockets 50', '/creditline Acme Rockets off'],
  run: async ({ core, actor, args }) => {
    const wanted = readCap(args.limit)
    if (!wanted) throw new AppError('bad_input', `<limit or off> takes dollars like 12.50, or off.`)
    const { id, name } = await teamFor(core, actor, args.team)
    const { capUsd } = wanted
    const balance = await setCreditLine(core, actor, { teamId: id, limitUsd: capUsd ?? '0', enabled: capUsd !== null })
    const line =
      capUsd === null ? 'has no credit line any more' : `may go ${dollars(balance.creditLimitUsd)} below zero`
    return privateReply(`${name} ${line}. ${dollars(balance.availableUsd)} is available.`)
  },
})

/** Platform admins name any team; others learn of their own alone. */
const teamFor = (core: Core, actor: Actor, named: string): Promise<{ id: string; name: string }> =>
  actor.platformRole === 'admin' ? anyTeamNamed(core, actor, named) : findMyTeam(core.db, actor, named)
