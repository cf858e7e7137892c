import type { ChatRecord } from '../world/chat.ts'
import type { World } from '../world/world.ts'
import { freshId } from './people.ts'
import { tell } from './updates.ts'

/** A group becomes a supergroup: a new identifier, message numbers start over, and both chats say so. */
export function migrateGroup(world: World, chat: ChatRecord): ChatRecord {
  if (chat.type !== 'group' || chat.migratedTo !== undefined) throw new Error(`chat ${chat.id} is no basic group`)
  const owner = [...chat.members].find(([, standing]) => standing === 'creator')?.[0]
  const from = owner === undefined ? world.botUser : world.userOf(owner)
  const next = world.addChat({
    id: freshId(world, true),
    type: 'supergroup',
    title: chat.title,
    bot: chat.bot,
    members: new Map(chat.members),
  })
  tell(world, chat, world.store(chat, { from, service: { migrate_to_chat_id: next.id } }))
  tell(world, next, world.store(next, { from, service: { migrate_from_chat_id: chat.id } }))
  chat.migratedTo = next.id
  return next
}
