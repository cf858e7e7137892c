import type { User } from 'grammy/types'
import type { ChatRecord, Standing } from '../world/chat.ts'
import { chatObject } from '../world/chat.ts'
import { memberObject } from '../world/member.ts'
import type { World } from '../world/world.ts'
import { tell } from './updates.ts'

/** Changes what the bot is in a chat; the bot is told, and so is the chat. Returns the my_chat_member update. */
export function announceBot(world: World, chat: ChatRecord, by: User, standing: Standing): number | undefined {
  const before = chat.bot
  const joins = (before === 'left' || before === 'kicked') && standing !== 'left' && standing !== 'kicked'
  const goes = standing === 'left' || standing === 'kicked'
  chat.bot = standing
  const updateId = memberUpdate(world, chat, by, before, standing)
  const who = world.botUser
  if (joins) tell(world, chat, world.store(chat, { from: by, service: { new_chat_members: [who] } }))
  if (goes && chat.type === 'group') world.store(chat, { from: by, service: { left_chat_member: who } })
  world.signal.notify()
  return updateId
}

export function setBlocked(world: World, chat: ChatRecord, user: User, blocked: boolean): number | undefined {
  if (chat.blocked === blocked) return undefined
  chat.blocked = blocked
  world.signal.notify()
  return memberUpdate(world, chat, user, blocked ? 'member' : 'kicked', blocked ? 'kicked' : 'member')
}

function memberUpdate(world: World, chat: ChatRecord, by: User, before: Standing, after: Standing): number | undefined {
  const change = {
    chat: chatObject(chat),
    from: by,
    date: world.seconds(),
    old_chat_member: memberObject(world.botUser, before),
    new_chat_member: memberObject(world.botUser, after),
  }
  return world.updates.add('my_chat_member', change, `member:${chat.id}`)
}

/** A user joins or goes. chat_member comes only to a bot that is an administrator and asked for it. */
export function moveUser(world: World, chat: ChatRecord, user: User, by: User, standing: Standing): void {
  const before = chat.members.get(user.id) ?? 'left'
  chat.members.set(user.id, standing)
  const gone = standing === 'left' || standing === 'kicked'
  if (gone !== (before === 'left' || before === 'kicked')) {
    const service = gone ? { left_chat_member: user } : { new_chat_members: [user] }
    tell(world, chat, world.store(chat, { from: by, service }))
  }
  if (chat.bot !== 'administrator') return
  const change = {
    chat: chatObject(chat),
    from: by,
    date: world.seconds(),
    old_chat_member: memberObject(user, before),
    new_chat_member: memberObject(user, standing),
  }
  world.updates.add('chat_member', change, `user:${user.id}`)
}
