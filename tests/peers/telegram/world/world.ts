import { randomBytes } from 'node:crypto'
import type { BotCommand, MessageEntity, User, UserFromGetMe } from 'grammy/types'
import { Faults } from '../http/faults.ts'
import { Limiter } from '../http/limiter.ts'
import { Signal } from '../signal.ts'
import type { CallRecord, ChatRef, DraftView, PeerOptions, UserRef, Violation } from '../types.ts'
import { Polling } from '../updates/polling.ts'
import { UpdateQueue } from '../updates/queue.ts'
import { Webhook } from '../updates/webhook.ts'
import { Callbacks } from './callbacks.ts'
import { type ChatRecord, newChat } from './chat.ts'
import { FileStore } from './files.ts'
import type { StoredMessage } from './message.ts'

/** Everything Telegram knows: the bot, its users and chats, and what is on its way between them. */
export class World {
  readonly options: PeerOptions
  readonly token: string
  readonly bot: UserFromGetMe
  readonly users = new Map<number, User>()
  readonly chats = new Map<number, ChatRecord>()
  readonly files = new FileStore()
  readonly calls: CallRecord[] = []
  readonly violations: Violation[] = []
  readonly drafts: DraftView[] = []
  readonly commands = new Map<string, BotCommand[]>()
  readonly signal = new Signal()
  readonly updates: UpdateQueue
  readonly polling: Polling
  readonly webhook: Webhook
  readonly callbacks: Callbacks
  readonly faults = new Faults()
  readonly limiter: Limiter
  /** Runs a method call a webhook answered with; the HTTP side sets it. */
  runWebhookReply: (body: string) => void = () => {}

  constructor(options: PeerOptions) {
    this.options = options
    const id = 7_000_000_000 + Math.floor(Math.random() * 900_000_000)
    this.token = options.token ?? `${id}:AA${randomBytes(25).toString('base64url').slice(0, 33)}`
    this.bot = botUser(Number(this.token.split(':')[0]) || id, options)
    this.users.set(this.bot.id, plain(this.bot))
    this.updates = new UpdateQueue(() => {
      this.polling.wake()
      this.webhook.wake()
      this.signal.notify()
    })
    this.polling = new Polling(this)
    this.webhook = new Webhook(this)
    this.callbacks = new Callbacks(this)
    this.limiter = new Limiter(options.rateLimit ?? false, () => this.now())
  }

  now(): number {
    return this.options.now?.() ?? Date.now()
  }

  seconds(): number {
    return Math.floor(this.now() / 1000)
  }

  get botUser(): User {
    return plain(this.bot)
  }

  userOf(ref: UserRef): User {
    const user = this.users.get(typeof ref === 'number' ? ref : ref.id)
    if (!user) throw new Error(`no user ${JSON.stringify(ref)} in this world`)
    return user
  }

  chatOf(ref: ChatRef): ChatRecord {
    const chat = this.chats.get(typeof ref === 'number' ? ref : ref.id)
    if (!chat) throw new Error(`no chat ${JSON.stringify(ref)} in this world`)
    return chat
  }

  addChat(chat: Parameters<typeof newChat>[0]): ChatRecord {
    const record = newChat(chat)
    this.chats.set(record.id, record)
    return record
  }

  store(chat: ChatRecord, message: NewMessage): StoredMessage {
    chat.lastMessageId += 1
    const stored: StoredMessage = {
      chatId: chat.id,
      id: chat.lastMessageId,
      date: this.seconds(),
      threadId: undefined,
      replyToId: undefined,
      topicRootId: undefined,
      isTopic: false,
      file: undefined,
      service: undefined,
      silent: false,
      text: '',
      entities: [] as MessageEntity[],
      keyboard: undefined,
      otherMarkup: undefined,
      linkPreview: undefined,
      editedAt: undefined,
      deleted: false,
      history: [],
      ...message,
    }
    chat.messages.set(stored.id, stored)
    this.signal.notify()
    return stored
  }
}

export type NewMessage = Pick<StoredMessage, 'from'> & Partial<StoredMessage>

const plain = ({ id, first_name, username }: UserFromGetMe): User => ({ id, is_bot: true, first_name, username })

function botUser(id: number, options: PeerOptions): UserFromGetMe {
  return {
    id,
    is_bot: true,
    first_name: options.firstName ?? 'Muster',
    username: options.username ?? 'muster_test_bot',
    can_join_groups: true,
    can_read_all_group_messages: options.privacyMode === false,
    supports_guest_queries: false,
    supports_inline_queries: false,
    can_connect_to_business: false,
    has_main_web_app: false,
    has_topics_enabled: false,
    allows_users_to_create_topics: false,
    can_manage_bots: false,
    supports_join_request_queries: false,
  }
}
