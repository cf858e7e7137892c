import type { MessageEntity } from 'grammy/types'
import { refuse } from '../errors.ts'
import type { Formatted } from './clean.ts'
import { byteOffset } from './entities.ts'
import { link } from './html-tags.ts'

const types: Record<string, string> = { '*': 'bold', _: 'italic', '`': 'code', '```': 'pre' }

/** Reads the old parse_mode Markdown: no nesting, no escaping inside an entity. */
export function parseOldMarkdown(source: string): Formatted {
  const entities: MessageEntity[] = []
  let text = ''
  let at = 0
  while (at < source.length) {
    const rest = source.slice(at)
    if (/^\\[_*`[]/.test(rest)) {
      text += source[at + 1]
      at += 2
      continue
    }
    const mark = /^(?:```|[*_`[])/.exec(rest)?.[0]
    if (!mark) {
      text += source[at]
      at += 1
      continue
    }
    const body = rest.slice(mark.length)
    const end = body.indexOf(mark === '[' ? ']' : mark)
    if (end < 0) throw refuse(`Can't find end of the entity starting at byte offset ${byteOffset(source, at)}`)
    const place = { offset: text.length, length: end }
    text += body.slice(0, end)
    at += mark.length + end + (mark === '[' ? 1 : mark.length)
    if (mark === '[') {
      const address = /^\(([^)]*)\)/.exec(source.slice(at))
      at += address?.[0].length ?? 0
      const entity = address ? link(address[1] ?? '', place) : undefined
      if (entity) entities.push(entity)
    } else if (end > 0) {
      entities.push({ type: types[mark], ...place } as MessageEntity)
    }
  }
  return { text, entities }
}
