/** What a parameter holds. A `!` at the end: it must be there. */
type Kind = 'int' | 'string' | 'bool' | 'chat' | 'json' | 'file'
export type Spec = Readonly<Record<string, Kind | `${Kind}!`>>

const send = {
  business_connection_id: 'string',
  chat_id: 'chat!',
  message_thread_id: 'int',
  direct_messages_topic_id: 'int',
  ephemeral_message_parameters: 'json',
  disable_notification: 'bool',
  protect_content: 'bool',
  allow_paid_broadcast: 'bool',
  suggested_post_parameters: 'json',
  message_effect_id: 'string',
  reply_parameters: 'json',
  reply_markup: 'json',
  reply_to_message_id: 'int',
} as const

const words = { text: 'string', parse_mode: 'string', entities: 'json' } as const
const caption = { caption: 'string', parse_mode: 'string', caption_entities: 'json' } as const
const edit = {
  business_connection_id: 'string',
  chat_id: 'chat',
  message_id: 'int',
  inline_message_id: 'string',
  reply_markup: 'json',
} as const
const scope = { scope: 'json', language_code: 'string' } as const

export const table: Readonly<Record<string, Spec>> = {
  getMe: {},
  getUpdates: { offset: 'int', limit: 'int', timeout: 'int', allowed_updates: 'json' },
  setWebhook: {
    url: 'string!',
    certificate: 'file',
    ip_address: 'string',
    max_connections: 'int',
    allowed_updates: 'json',
    drop_pending_updates: 'bool',
    secret_token: 'string',
  },
  deleteWebhook: { drop_pending_updates: 'bool' },
  getWebhookInfo: {},
  sendMessage: { ...send, ...words, text: 'string!', link_preview_options: 'json' },
  sendDocument: {
    ...send,
    ...caption,
    document: 'file!',
    thumbnail: 'file',
    disable_content_type_detection: 'bool',
  },
  sendPhoto: { ...send, ...caption, photo: 'file!', show_caption_above_media: 'bool', has_spoiler: 'bool' },
  sendChatAction: {
    business_connection_id: 'string',
    chat_id: 'chat!',
    message_thread_id: 'int',
    action: 'string!',
  },
  sendMessageDraft: {
    ...words,
    chat_id: 'int!',
    message_thread_id: 'int',
    draft_id: 'int!',
    can_stop: 'bool',
    keep_on_stop: 'bool',
  },
  editMessageText: { ...edit, ...words, link_preview_options: 'json', rich_message: 'json' },
  editMessageReplyMarkup: edit,
  deleteMessage: { chat_id: 'chat!', message_id: 'int!' },
  answerCallbackQuery: {
    callback_query_id: 'string!',
    text: 'string',
    show_alert: 'bool',
    url: 'string',
    cache_time: 'int',
  },
  setMyCommands: { commands: 'json!', ...scope },
  getMyCommands: scope,
  deleteMyCommands: scope,
  getFile: { file_id: 'string!' },
  getChat: { chat_id: 'chat!' },
  getChatMember: { chat_id: 'chat!', user_id: 'int!' },
  getChatMemberCount: { chat_id: 'chat!' },
  getChatAdministrators: { chat_id: 'chat!', return_bots: 'bool' },
  leaveChat: { chat_id: 'chat!' },
}

/** Real parameters this server takes no notice of; a test that leans on one would prove nothing. */
export const notPlayed = new Set([
  'business_connection_id',
  'direct_messages_topic_id',
  'ephemeral_message_parameters',
  'suggested_post_parameters',
  'inline_message_id',
  'rich_message',
])

const canonical = new Map(Object.keys(table).map((name) => [name.toLowerCase(), name]))

/** Telegram does not mind the case of a method's name. */
export const methodName = (name: string): string | undefined => canonical.get(name.toLowerCase())
