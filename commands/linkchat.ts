import { meantOnce } from '#core/chat/meant.ts'
import { reply } from '#core/chat/message.ts'
import { AppError } from '#core/errors.ts'
import { findLinkedTeam, linkChat, unlinkChat } from '#core/teams/linked-chats.ts'
import { type Delivery, defineCommand } from './command.ts'

export const linkchat = defineCommand({
  name: 'linkchat',
  summary: 'Tie this group to a team, which then pays here',
  group: 'context',
  args: [{ name: 'team', kind: 'rest', summary: 'A team you are an admin of' }],
  examples: ['/linkchat Acme Rockets'],
  run: async ({ core, actor, incoming, args }) => {
    const chat = groupOf(incoming)
    const { name } = await linkChat(core, actor, { ...chat, team: args.team })
    return reply(`This chat is tied to ${name} now: what its members run here, ${name} pays.`)
  },
})

export const unlinkchat = defineCommand({
  name: 'unlinkchat',
  summary: 'Untie this group from its team',
  group: 'context',
  run: async ({ core, actor, incoming }) => {
    const group = groupOf(incoming)
    const own = { channel: incoming.channel, conversation: incoming.conversation }
    const tied = await meantOnce(core, actor, { what: 'chat', words: own }, async (tx) =>
      (await findLinkedTeam(tx, own)) ? own : group,
    )
    const { name } = await unlinkChat(core, actor, tied)
    return reply(`This chat is not tied to ${name} any more. Everybody pays here as they chose with /setcontext.`)
  },
})

/** The whole group: conversation ids narrow from left to right, and a topic or thread of it is not meant. */
function groupOf({ channel, conversation, isPrivate }: Delivery): { channel: string; conversation: string } {
  if (isPrivate) throw new AppError('bad_input', 'This is for groups. Here, choose who pays with /setcontext.')
  const [group = conversation] = conversation.split(':')
  return { channel, conversation: group }
}
