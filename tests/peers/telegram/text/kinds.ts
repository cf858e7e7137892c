/** Kinds a bot may set itself, by how they may nest. */
export const splittable = new Set(['bold', 'italic', 'underline', 'strikethrough', 'spoiler'])
export const quotes = new Set(['blockquote', 'expandable_blockquote'])
export const continuous = new Set(['text_link', 'text_mention', 'custom_emoji'])
export const solid = new Set(['pre', 'code', 'date_time'])

/** Kinds Telegram finds by itself; sent by a bot they are silently passed over. */
export const found = new Set([
  'mention',
  'hashtag',
  'cashtag',
  'bot_command',
  'url',
  'email',
  'phone_number',
  'bank_card_number',
])
