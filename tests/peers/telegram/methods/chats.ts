import type { ChatFullInfo, ChatMember } from 'grammy/types'
import { announceBot } from '../actions/membership.ts'
import type { Call } from '../call.ts'
import { refuse } from '../errors.ts'
import { reach } from '../world/access.ts'
import { type ChatRecord, fullChatObject } from '../world/chat.ts'
import { memberObject } from '../world/member.ts'
import type { World } from '../world/world.ts'

export const getChat = (world: World, call: Call): ChatFullInfo =>
  fullChatObject(reach(world, call.args.text('chat_id'), 'read'))

export function getChatMember(world: World, call: Call): ChatMember {
  const id = call.args.int('user_id')
  if (id <= 0) throw refuse('Invalid user_id specified')
  const chat = reach(world, call.args.text('chat_id'), id === world.bot.id ? 'read' : 'members')
  const user = world.users.get(id)
  if (!user) throw refuse('user not found')
  return memberObject(user, id === world.bot.id ? chat.bot : (chat.members.get(id) ?? 'left'))
}

export function getChatAdministrators(world: World, call: Call): ChatMember[] {
  const chat = groupOf(world, call)
  const standings = [...chat.members, [world.bot.id, chat.bot] as const]
  return standings
    .filter(([, standing]) => standing === 'creator' || standing === 'administrator')
    .map(([id, standing]) => memberObject(world.userOf(id), standing))
}

function groupOf(world: World, call: Call): ChatRecord {
  const chat = reach(world, call.args.text('chat_id'), 'members')
  if (chat.type === 'private') throw refuse('there are no administrators in the private chat')
  return chat
}

export function getChatMemberCount(world: World, call: Call): number {
  const chat = reach(world, call.args.text('chat_id'), 'members')
  if (chat.type === 'private') return 2
  const present = [...chat.members.values(), chat.bot].filter(
    (standing) => standing !== 'left' && standing !== 'kicked',
  )
  return present.length
}

export function leaveChat(world: World, call: Call): true {
  const chat = reach(world, call.args.text('chat_id'), 'read')
  if (chat.type === 'private') throw refuse("Chat member status can't be changed in private chats")
  announceBot(world, chat, world.botUser, 'left')
  return true
}
