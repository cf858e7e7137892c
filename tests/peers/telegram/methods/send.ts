import type { Message } from 'grammy/types'
import type { Call } from '../call.ts'
import { refuse } from '../errors.ts'
import { isFields } from '../fields.ts'
import { type Markup, readMarkup } from '../keyboard.ts'
import { isBlank, readFormatted } from '../text/formatted.ts'
import { checkDelivery, reach } from '../world/access.ts'
import type { ChatRecord } from '../world/chat.ts'
import { messageObject } from '../world/message.ts'
import type { NewMessage, World } from '../world/world.ts'
import { readPlace } from './place.ts'

export function sendMessage(world: World, call: Call): Message {
  if (call.args.text('text') === '') throw refuse('Message text is empty')
  const { text, entities } = readFormatted(call, { text: 'text', entities: 'entities' })
  const linkPreview = readLinkPreview(call)
  const { chat, markup } = readTarget(world, call)
  if (isBlank(text)) throw refuse('Text must be non-empty')
  if (text.length > 4096) throw refuse('Message is too long')
  const place = readPlace(world, call, chat)
  checkDelivery(chat, 'text messages')
  return deliver(world, call, chat, markup, { from: world.botUser, text, entities, linkPreview, ...place })
}

/** The chat is looked up before the keyboard, because some buttons depend on it. */
export function readTarget(world: World, call: Call): { chat: ChatRecord; markup: Markup } {
  const privately = Number(call.args.text('chat_id')) > 0
  const markup = readMarkup(call, privately)
  return { chat: reach(world, call.args.text('chat_id'), 'write'), markup }
}

/** The last step of every sending method: limits, then the message itself. */
export function deliver(world: World, call: Call, chat: ChatRecord, markup: Markup, message: NewMessage): Message {
  world.limiter.spend(chat)
  const stored = world.store(chat, {
    ...message,
    keyboard: markup.keyboard,
    otherMarkup: markup.other,
    silent: call.args.bool('disable_notification'),
  })
  return messageObject(chat, stored)
}

export function readLinkPreview(call: Call): Record<string, unknown> | undefined {
  const value = call.args.json('link_preview_options', "Can't parse link preview options JSON object")
  if (value === undefined) return undefined
  if (!isFields(value)) throw refuse('Object expected as link preview options')
  for (const [name, item] of Object.entries(value)) {
    const wanted = name === 'url' ? 'string' : 'boolean'
    const known = ['is_disabled', 'url', 'prefer_small_media', 'prefer_large_media', 'show_above_text'].includes(name)
    if (!known) call.violate(`link_preview_options has unknown field "${name}"`)
    else if (typeof item !== wanted) {
      throw refuse(`Field "${name}" must be of type ${wanted === 'string' ? 'String' : 'Boolean'}`)
    }
  }
  return value
}
