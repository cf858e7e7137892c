import { type Reply, reply, text } from '#core/chat/message.ts'
import { deleteTeam } from '#core/teams/delete.ts'
import { leaveTeam } from '#core/teams/leave.ts'
import { requirePerson } from '#core/teams/member.ts'
import { transferOwnership } from '#core/teams/ownership.ts'
import { requireStanding } from '#core/teams/standing.ts'
import { updateTeam } from '#core/teams/update.ts'
import { defineCommand } from './command.ts'
import { renderLine } from './grammar/render.ts'
import { buttons } from './replies.ts'
import { teamMeantOnce } from './team-meant.ts'

export const renameteam = defineCommand({
  name: 'renameteam',
  summary: 'Give a team another name',
  group: 'teams',
  args: [{ name: 'team', kind: 'rest' }, { literal: 'to' }, { name: 'name', kind: 'rest', label: 'new name' }],
  examples: ['/renameteam Acme to Acme Rockets'],
  run: async ({ core, actor, args }) => {
    const team = await teamMeantOnce(core, actor, args.team)
    const { name } = await updateTeam(core, actor, { teamId: team.id, change: { name: args.name } })
    return reply(`${team.name} is called ${name} now.`)
  },
})

export const transferteam = defineCommand({
  name: 'transferteam',
  summary: 'Hand a team of yours over to another member',
  group: 'teams',
  args: [{ name: 'team', kind: 'rest' }, { literal: 'to' }, { name: 'user', kind: 'word' }],
  examples: ['/transferteam Acme Rockets to @bob'],
  run: async ({ core, actor, args }) => {
    const team = await teamMeantOnce(core, actor, args.team)
    const { accountId, handle } = await requirePerson(core.db, args.user)
    await transferOwnership(core, actor, { teamId: team.id, accountId })
    return reply(`@${handle} owns ${team.name} now. You are an admin of it.`)
  },
})

export const leaveteam = defineCommand({
  name: 'leaveteam',
  summary: 'Leave a team',
  group: 'teams',
  args: [{ name: 'team', kind: 'rest' }],
  run: async ({ core, actor, args }) => {
    const team = await teamMeantOnce(core, actor, args.team)
    const { teamName } = await leaveTeam(core, actor, { teamId: team.id })
    return reply(`You left ${teamName}. What you started there goes on.`)
  },
})

export const deleteteam = defineCommand({
  name: 'deleteteam',
  summary: 'End a team of yours for good',
  group: 'teams',
  args: [{ name: 'team', kind: 'rest' }],
  flags: [{ name: 'yes', kind: 'boolean', summary: 'Without asking again' }],
  examples: ['/deleteteam Acme Rockets'],
  run: async ({ core, actor, args, flags }): Promise<Reply> => {
    const team = await teamMeantOnce(core, actor, args.team)
    if (flags.yes) {
      const { name } = await deleteTeam(core, actor, { teamId: team.id })
      return reply(`${name} is deleted. What it did stays on record.`)
    }
    const { teamName } = await requireStanding(core.db, actor, team.id, 'delete')
    return reply(
      text(`Delete ${teamName} for good?`, 'strong'),
      'Its members, invitations and tied chats go with it. Its wallet must be empty and no run live.',
      buttons({
        label: `Delete ${teamName}`,
        command: renderLine('deleteteam', { words: [team.id], flags: { yes: true } }),
        style: 'danger',
      }),
    )
  },
})
