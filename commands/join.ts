import { type Reply, reply, text } from '#core/chat/message.ts'
import { joinAsNewcomer } from '#core/chat/newcomer.ts'
import { acceptInvitation, declineInvitation } from '#core/teams/accept.ts'
import { type AnyCall, defineCommand } from './command.ts'
import { identityOf } from './dispatch/sender.ts'
import { renderLine } from './grammar/render.ts'
import { buttons } from './replies.ts'

const codeArgument = { name: 'code', kind: 'word', summary: 'From the invitation' } as const

export const join = defineCommand({
  name: 'join',
  summary: 'Accept an invitation to a team',
  group: 'teams',
  access: 'stranger',
  args: [codeArgument],
  examples: ['/join jD2kq0aV7sLr3XwYc9ZtUg'],
  run: (call) => joinTeam(call, call.args.code),
})

/** Makes the sender a member; a stranger gets an account with it. */
export async function joinTeam(
  { core, incoming, actor, requestKey }: Pick<AnyCall, 'core' | 'incoming' | 'actor' | 'requestKey'>,
  code: string,
): Promise<Reply> {
  if (actor) return joined(await acceptInvitation(core, actor, { code }), actor.handle)
  const newcomer = await joinAsNewcomer(core, identityOf(incoming), { code, requestKey })
  return joined(newcomer.joined, newcomer.account.handle)
}

const joined = (
  { teamId, teamName, role }: { teamId: string; teamName: string; role: string },
  handle: string,
): Reply =>
  reply(
    text(`Welcome to ${teamName}, @${handle}.`, 'strong'),
    `You are ${role === 'admin' ? 'an admin' : `a ${role}`} there. To run jobs on its wallet, switch to it; /jobs shows what there is.`,
    buttons({
      label: `Work in ${teamName}`,
      command: renderLine('setcontext', { words: ['team', teamId] }),
      style: 'primary',
    }),
  )

export const decline = defineCommand({
  name: 'decline',
  summary: 'Turn down an invitation to a team',
  group: 'teams',
  args: [codeArgument],
  run: async ({ core, actor, args }) => {
    const { teamName } = await declineInvitation(core, actor, { code: args.code })
    return reply(`You turned down the invitation to ${teamName}.`)
  },
})
