import type { Chat, ChatFullInfo } from 'grammy/types'
import type { StoredMessage } from './message.ts'

export type Standing = 'creator' | 'administrator' | 'member' | 'left' | 'kicked'

export interface ChatRecord {
  readonly id: number
  readonly type: 'private' | 'group' | 'supergroup'
  readonly title: string
  readonly username: string | undefined
  readonly firstName: string
  readonly isForum: boolean
  /** Everyone but the bot. */
  readonly members: Map<number, Standing>
  bot: Standing
  /** The user has blocked the bot; private chats only. */
  blocked: boolean
  /** An administrator has taken the bot's right to send. */
  muted: boolean
  migratedTo: number | undefined
  readonly instance: string
  readonly messages: Map<number, StoredMessage>
  lastMessageId: number
}

type NewChat = Pick<ChatRecord, 'id' | 'type'> & Partial<ChatRecord>

export function newChat(chat: NewChat): ChatRecord {
  return {
    title: '',
    username: undefined,
    firstName: '',
    isForum: false,
    members: new Map(),
    bot: 'member',
    blocked: false,
    muted: false,
    migratedTo: undefined,
    instance: String(BigInt(Math.floor(Math.random() * 1e9)) * 7_919_000_003n),
    messages: new Map(),
    lastMessageId: 0,
    ...chat,
  }
}

export function chatObject(chat: ChatRecord): Exclude<Chat, Chat.ChannelChat> {
  const name = chat.username === undefined ? {} : { username: chat.username }
  if (chat.type === 'private') return { id: chat.id, type: 'private', first_name: chat.firstName, ...name }
  if (chat.type === 'group') return { id: chat.id, type: 'group', title: chat.title }
  const forum = chat.isForum ? { is_forum: true as const } : {}
  return { id: chat.id, type: 'supergroup', title: chat.title, ...name, ...forum }
}

export function fullChatObject(chat: ChatRecord): ChatFullInfo {
  const accepted = {
    unlimited_gifts: true,
    limited_gifts: true,
    unique_gifts: true,
    premium_subscription: true,
    gifts_from_channels: true,
  }
  const shared = { accent_color_id: Math.abs(chat.id) % 7, max_reaction_count: 11, accepted_gift_types: accepted }
  const permissions = { can_send_messages: true, can_send_documents: true, can_send_photos: true }
  const base = chatObject(chat)
  if (base.type === 'private') return { ...base, ...shared }
  return base.type === 'group' ? { ...base, ...shared, permissions } : { ...base, ...shared, permissions }
}
