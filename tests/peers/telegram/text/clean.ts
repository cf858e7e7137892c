import type { MessageEntity } from 'grammy/types'

export interface Formatted {
  readonly text: string
  readonly entities: MessageEntity[]
}

/** Telegram's own tidying: control characters become spaces, invisible direction marks and \r go away. */
export function tidy({ text, entities }: Formatted): Formatted {
  let out = ''
  const moved: number[] = []
  for (let at = 0; at < text.length; at += 1) {
    moved.push(out.length)
    const code = text.charCodeAt(at)
    if (code === 13 || (code >= 0x20_28 && code <= 0x20_2e)) continue
    out += code < 32 && code !== 10 ? ' ' : text[at]
  }
  moved.push(out.length)
  const place = (offset: number): number => moved[offset] ?? out.length
  return {
    text: out,
    entities: entities.map((entity) => {
      const offset = place(entity.offset)
      return { ...entity, offset, length: place(entity.offset + entity.length) - offset }
    }),
  }
}

/** Cuts white space off both ends; at the front it stops at the first entity, as Telegram does. */
export function trim({ text, entities }: Formatted): Formatted {
  const end = text.trimEnd().length
  const firstEntity = Math.min(end, ...entities.map((entity) => entity.offset))
  let start = 0
  while (start < firstEntity && (text[start] === ' ' || text[start] === '\n')) start += 1
  return {
    text: text.slice(start, end),
    entities: entities
      .map((entity) => ({
        ...entity,
        offset: entity.offset - start,
        length: Math.min(entity.length, end - entity.offset),
      }))
      .filter((entity) => entity.length > 0),
  }
}
