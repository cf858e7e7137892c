import { plainAddress } from '#core/accounts/email-address.ts'
import { type Confirm, type Reply, reply, text } from '#core/chat/message.ts'
import { inviteMember, listInvitations, type NewInvitation, revokeInvitation } from '#core/teams/invitations.ts'
import { defineCommand } from './command.ts'
import { renderLine } from './grammar/render.ts'
import { buttons, dateTime, fields, privateReply } from './replies.ts'
import { teamMeant } from './team-meant.ts'

export const invitemember = defineCommand({
  name: 'invitemember',
  aliases: ['invite'],
  summary: 'Invite somebody to a team',
  group: 'teams',
  args: [
    { name: 'user', kind: 'word', label: 'user or e-mail', summary: 'A handle here, an e-mail address, or anyone' },
    { literal: 'to', optional: true },
    { name: 'team', kind: 'rest', optional: true },
  ],
  flags: [{ name: 'role', kind: 'word', choices: ['admin', 'member', 'viewer'], summary: 'What they become: member' }],
  examples: ['/invitemember @bob to Acme Rockets', '/invitemember anyone to Acme --role viewer'],
  run: async ({ core, actor, account, args, flags, startLinks }) => {
    const team = await teamMeant(core, actor, args.team)
    const invitee = /^any(one|body)$/i.test(args.user) ? {} : { invitee: args.user }
    const role = flags.role ?? 'member'
    const invitation = await inviteMember(core, actor, { teamId: team.id, role, ...invitee })
    return invitationReply(invitation, {
      to: args.user,
      links: [...startLinks(invitation.code), `${core.settings.publicUrl}/join/${invitation.code}`],
      timeZone: account.timeZone,
      isMailed: invitation.inviteeAccountId === null && core.settings.hasMail && plainAddress(args.user) !== undefined,
    })
  },
})

function invitationReply(
  { code, teamName, role, expiresAt, inviteeAccountId }: NewInvitation,
  { to, links, timeZone, isMailed }: { to: string; links: string[]; timeZone: string; isMailed: boolean },
): Reply {
  const forWhom = inviteeAccountId === null ? 'whoever uses it first' : `${to} alone`
  return privateReply(
    text(
      `An invitation to ${teamName}, for ${forWhom}. ${isMailed ? `It was mailed to ${to}; or pass on one of these:` : 'Pass on one of these:'}`,
      'plain',
    ),
    { type: 'code', text: `/join ${code}` },
    ...links,
    fields({ Role: role, 'Works until': dateTime(expiresAt, timeZone) }),
  )
}

export const invitations = defineCommand({
  name: 'invitations',
  summary: 'Open invitations of a team',
  group: 'teams',
  args: [{ name: 'team', kind: 'rest', optional: true }],
  flags: [{ name: 'revoke', kind: 'word', summary: 'Takes this one back' }],
  run: async ({ core, actor, account, args, flags }) => {
    const team = await teamMeant(core, actor, args.team)
    if (flags.revoke !== undefined) {
      await revokeInvitation(core, actor, { teamId: team.id, invitationId: flags.revoke })
      return reply('The invitation is taken back: its code opens nothing any more.')
    }
    const open = await listInvitations(core, actor, { teamId: team.id })
    if (open.length === 0) return reply(`${team.name} has no open invitations.`)
    const shown = open.slice(0, 10)
    return privateReply(
      {
        type: 'table',
        columns: ['For', 'Role', 'From', 'Until'],
        rows: shown.map(({ invitee, role, invitedBy, expiresAt }) => [
          invitee ?? 'anyone',
          role,
          `@${invitedBy}`,
          dateTime(expiresAt, account.timeZone),
        ]),
      },
      buttons(
        ...shown.map(({ id, invitee }) => ({
          label: `Take back: ${invitee ?? 'anyone'}`,
          command: renderLine('invitations', { words: [team.id], flags: { revoke: id } }),
          style: 'danger' as const,
          confirm: takeBack(invitee),
        })),
      ),
    )
  },
})

const takeBack = (invitee: string | null): Confirm => ({
  title: 'Take back this invitation?',
  text: `It is for ${invitee ?? 'anyone'}. Its code and its links open nothing any more then.`,
  yes: 'Yes, take it back',
  no: 'No',
})
