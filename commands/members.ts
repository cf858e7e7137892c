import { reply } from '#core/chat/message.ts'
import { removeMember } from '#core/teams/leave.ts'
import { type Member, requirePerson } from '#core/teams/member.ts'
import { listMembers } from '#core/teams/members.ts'
import { updateMember } from '#core/teams/update-member.ts'
import { defineCommand } from './command.ts'
import { dollars, heading, privateReply } from './replies.ts'
import { teamMeant } from './team-meant.ts'

export const members = defineCommand({
  name: 'members',
  summary: 'Who is in a team, as what, and what they spent',
  group: 'teams',
  args: [{ name: 'team', kind: 'rest', optional: true }],
  run: async ({ core, actor, args }) => {
    const team = await teamMeant(core, actor, args.team)
    const list = await listMembers(core, actor, { teamId: team.id })
    return privateReply(heading(team.name), {
      type: 'table',
      columns: ['Who', 'Role', 'Spent this month'],
      rows: list.map((member) => [`@${member.handle}`, roleOf(member), spentOf(member)]),
    })
  },
})

const roleOf = ({ role, canInvite }: Member): string => (role === 'member' && canInvite ? 'member, may invite' : role)

const spentOf = ({ spentUsd, spendingCapUsd }: Member): string =>
  spendingCapUsd === null ? dollars(spentUsd) : `${dollars(spentUsd)} of ${dollars(spendingCapUsd)}`

const userArgument = { name: 'user', kind: 'word', summary: 'Their handle' } as const

export const setrole = defineCommand({
  name: 'setrole',
  summary: 'Make a member admin, member or viewer',
  group: 'teams',
  args: [
    userArgument,
    { name: 'role', kind: 'word', choices: ['admin', 'member', 'viewer'] },
    { literal: 'in', optional: true },
    { name: 'team', kind: 'rest', optional: true },
  ],
  flags: [{ name: 'invite', kind: 'boolean', summary: 'Whether they may invite people as a member' }],
  examples: ['/setrole @bob admin', '/setrole @bob viewer in Acme Rockets'],
  run: async ({ core, actor, args, flags }) => {
    const team = await teamMeant(core, actor, args.team)
    const { accountId } = await requirePerson(core.db, args.user)
    const change = { role: args.role, ...(flags.invite === undefined ? {} : { canInvite: flags.invite }) }
    const member = await updateMember(core, actor, { teamId: team.id, accountId, change })
    return reply(`@${member.handle} is ${member.role} of ${team.name} now.`)
  },
})

export const removemember = defineCommand({
  name: 'removemember',
  summary: 'Take somebody out of a team',
  group: 'teams',
  args: [userArgument, { literal: 'from', optional: true }, { name: 'team', kind: 'rest', optional: true }],
  examples: ['/removemember @bob', '/removemember @bob from Acme Rockets'],
  run: async ({ core, actor, args }) => {
    const team = await teamMeant(core, actor, args.team)
    const { accountId } = await requirePerson(core.db, args.user)
    const { handle, teamName } = await removeMember(core, actor, { teamId: team.id, accountId })
    return reply(`@${handle} is not in ${teamName} any more. What they started there goes on.`)
  },
})
