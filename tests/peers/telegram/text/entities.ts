import type { MessageEntity } from 'grammy/types'
import { refuse, within } from '../errors.ts'
import { type Fields, isFields, optionalString, requiredInt, requiredObject, requiredString } from '../fields.ts'
import { invalidLink, linkProblem } from '../links.ts'
import { continuous, found, quotes, solid, splittable } from './kinds.ts'

/** Reads the entities a bot gave, refusing what Telegram's reader refuses. Kinds it finds itself are left out. */
export function readEntities(value: unknown): MessageEntity[] {
  // Anything but an array counts as none given; Telegram does not complain about it.
  if (!Array.isArray(value)) return []
  return value.flatMap((item: unknown) => {
    const entity = within("Can't parse MessageEntity", () => readEntity(item))
    return entity ? [entity] : []
  })
}

function readEntity(item: unknown): MessageEntity | undefined {
  if (!isFields(item)) throw refuse('expected an Object')
  const offset = requiredInt(item, 'offset')
  const length = requiredInt(item, 'length')
  const type = requiredString(item, 'type')
  if (type === '') throw refuse('Type is not specified')
  if (found.has(type)) return undefined
  const known = splittable.has(type) || quotes.has(type) || continuous.has(type) || solid.has(type)
  if (!known) throw refuse('Unsupported type specified')
  return { type, offset, length, ...extras(type, item) } as MessageEntity
}

function extras(type: string, item: Fields): Fields {
  switch (type) {
    case 'text_link':
      return { url: requiredString(item, 'url') }
    case 'text_mention':
      requiredInt(requiredObject(item, 'user'), 'id')
      return { user: item.user }
    case 'custom_emoji':
      return { custom_emoji_id: requiredString(item, 'custom_emoji_id') }
    case 'date_time':
      return { unix_time: requiredInt(item, 'unix_time'), date_time_format: optionalString(item, 'date_time_format') }
    case 'pre': {
      const language = optionalString(item, 'language')
      return language === '' ? {} : { language }
    }
    default:
      return {}
  }
}

/** The checks Telegram makes against the text itself: bounds, and no half of a surrogate pair. */
export function checkPlaces(text: string, entities: readonly MessageEntity[]): void {
  for (const entity of entities) {
    if (entity.offset < 0 || entity.offset > 1_000_000) {
      throw refuse(`Receive an entity with incorrect offset ${entity.offset}`)
    }
    if (entity.length < 0 || entity.length > 1_000_000) {
      throw refuse(`Receive an entity with incorrect length ${entity.length}`)
    }
    if (entity.length > 0) checkPlace(text, entity)
  }
}

function checkPlace(text: string, entity: MessageEntity): void {
  const { offset, length } = entity
  const end = offset + length
  if (offset >= text.length) throw refuse(`Entity begins after the end of the text at UTF-16 offset ${offset}`)
  if (splitsPair(text, offset)) {
    throw refuse(`Entity begins in a middle of a UTF-16 symbol at byte offset ${byteOffset(text, offset + 1)}`)
  }
  if (end > text.length) {
    throw refuse(`Entity beginning at UTF-16 offset ${offset} ends after the end of the text at UTF-16 offset ${end}`)
  }
  if (splitsPair(text, end)) {
    const at = byteOffset(text, end + 1)
    throw refuse(`Entity beginning at UTF-16 offset ${offset} ends in a middle of a UTF-16 symbol at byte offset ${at}`)
  }
  if (entity.type === 'text_link') {
    const problem = linkProblem(entity.url)
    if (problem) throw refuse(`Entity ${invalidLink(entity.url, problem)}`)
  }
}

export const byteOffset = (text: string, at: number): number => Buffer.byteLength(text.slice(0, at))

const splitsPair = (text: string, at: number): boolean => {
  const before = text.charCodeAt(at - 1)
  const after = text.charCodeAt(at)
  return before >= 0xd8_00 && before <= 0xdb_ff && after >= 0xdc_00 && after <= 0xdf_ff
}
