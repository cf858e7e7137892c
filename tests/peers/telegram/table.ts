import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Types } from './schema/problems.ts'
import type { BotApi } from './schema/shape.ts'

const api = JSON.parse(readFileSync(join(import.meta.dirname, 'schema', 'bot-api.json'), 'utf8')) as BotApi

/** Telegram's methods, parameters and objects, made from its published types; see schema/. */
export const types = new Types(api)

/** Real parameters this server takes no notice of; a test that leans on one would prove nothing. */
export const notPlayed = new Set([
  'business_connection_id',
  'direct_messages_topic_id',
  'ephemeral_message_parameters',
  'suggested_post_parameters',
  'inline_message_id',
  'rich_message',
])

const canonical = new Map(Object.keys(api.methods).map((name) => [name.toLowerCase(), name]))

/** Telegram does not mind the case of a method's name. Undefined when it has no such method. */
export const methodName = (name: string): string | undefined => canonical.get(name.toLowerCase())
