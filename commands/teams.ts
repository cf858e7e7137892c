import { type Part, reply } from '#core/chat/message.ts'
import { walletView } from '#core/economy/wallet.ts'
import { createTeam } from '#core/teams/create.ts'
import { listMyTeams } from '#core/teams/find.ts'
import type { Team } from '#core/teams/team.ts'
import { defineCommand } from './command.ts'
import { renderLine } from './grammar/render.ts'
import { balanceFields, limitLines } from './money/wallet-parts.ts'
import { buttons, count, dateTime, dollars, fields, heading, privateReply } from './replies.ts'
import { teamMeant } from './team-meant.ts'

export const createteam = defineCommand({
  name: 'createteam',
  summary: 'Make a team with a wallet of its own',
  group: 'teams',
  args: [{ name: 'name', kind: 'rest' }],
  examples: ['/createteam Acme Rockets'],
  run: async ({ core, actor, args }) => {
    const { id, name } = await createTeam(core, actor, { name: args.name })
    return reply(
      heading(`${name} is there, and you own it.`),
      'Its wallet is empty. Invite people, put money in, and switch to it to run jobs there.',
      buttons(
        { label: `Work in ${name}`, command: renderLine('setcontext', { words: ['team', id] }), style: 'primary' },
        { label: 'Invite somebody', command: renderLine('invitemember', { words: ['anyone', 'to', id] }) },
      ),
    )
  },
})

export const teams = defineCommand({
  name: 'teams',
  summary: 'The teams you are in',
  group: 'teams',
  run: async ({ core, actor }) => {
    const mine = await listMyTeams(core, actor)
    if (mine.length === 0)
      return reply('You are in no team yet. /createteam <name> makes one; /join <code> gets you into one.')
    return privateReply({
      type: 'list',
      items: mine.map((team) => `${team.name} · ${team.role} · ${count(team.memberCount, 'member')}${here(team)}`),
    })

    function here({ id }: Team): string {
      return id === actor.context.id ? ' · pays here now' : ''
    }
  },
})

export const teaminfo = defineCommand({
  name: 'teaminfo',
  summary: 'A team: its wallet, limits and settings',
  group: 'teams',
  args: [{ name: 'team', kind: 'rest', optional: true }],
  examples: ['/teaminfo', '/teaminfo Acme Rockets'],
  run: async ({ core, actor, account, args }) => {
    const team = await teamMeant(core, actor, args.team)
    const wallet = await walletView(core, actor, { type: 'team', id: team.id })
    return privateReply(
      heading(team.name),
      fields({
        'You are': team.role,
        Members: membersOf(team),
        Since: dateTime(team.createdAt, account.timeZone),
        'Asks first above': team.confirmAboveUsd === null ? undefined : dollars(team.confirmAboveUsd),
        Tools: toolsOf(team),
      }),
      balanceFields(wallet),
      ...limitLines(wallet),
      buttons({ label: 'Members', command: renderLine('members', { words: [team.id] }) }),
    ) satisfies { parts: Part[] }
  },
})

const membersOf = ({ memberCount, limits }: Team): string =>
  limits.maxMembers === null ? String(memberCount) : `${memberCount} of at most ${limits.maxMembers}`

function toolsOf({ toolAccess: { mode, allowed, denied } }: Team): string | undefined {
  if (mode === 'deny_all') return 'none'
  if (mode === 'list') return allowed.filter((tool) => !denied.includes(tool)).join(', ') || 'none'
  return denied.length > 0 ? `all but ${denied.join(', ')}` : undefined
}
