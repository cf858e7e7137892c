import type { MessageEntity } from 'grammy/types'
import { refuse } from '../errors.ts'
import type { Formatted } from './clean.ts'
import { byteOffset } from './entities.ts'
import { entityOf, kinds, type OpenTag } from './html-tags.ts'

/** Reads parse_mode HTML. Its tags are few, and each mistake has its own words. */
export function parseHtml(source: string): Formatted {
  const open: OpenTag[] = []
  const entities: MessageEntity[] = []
  let text = ''
  let at = 0
  while (at < source.length) {
    const letter = source[at]
    if (letter === '&') {
      const symbol = readSymbol(source, at)
      text += symbol.text
      at += symbol.length
    } else if (letter !== '<') {
      text += letter
      at += 1
    } else if (source[at + 1] === '/') {
      const closing = readClosing(source, at, open)
      const entity = entityOf(closing.tag, text, entities)
      if (entity) entities.push(entity)
      at = closing.next
    } else {
      const opening = readOpening(source, at)
      open.push({ ...opening.tag, offset: text.length })
      at = opening.next
    }
  }
  const left = open.at(-1)
  if (left) throw refuse(`Can't find end tag corresponding to start tag "${left.name}"`)
  return { text, entities: entities.map(plainCode) }
}

// Only a block has a language; on its own <code> loses it.
function plainCode(entity: MessageEntity): MessageEntity {
  return entity.type === 'code' ? { type: 'code', offset: entity.offset, length: entity.length } : entity
}

const symbols: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"' }

function readSymbol(source: string, at: number): { text: string; length: number } {
  const [whole, hex, decimal, name] =
    /^&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]+));?/i.exec(source.slice(at, at + 12)) ?? []
  if (whole && name && symbols[name]) {
    const length = name.length + 1
    return { text: symbols[name], length: source[at + length] === ';' ? length + 1 : length }
  }
  const code = hex ? Number.parseInt(hex, 16) : Number(decimal ?? 0)
  if (whole && code > 0 && code <= 0x10_ff_ff) return { text: String.fromCodePoint(code), length: whole.length }
  return { text: '&', length: 1 }
}

function readClosing(source: string, at: number, open: OpenTag[]): { tag: OpenTag; next: number } {
  const where = byteOffset(source, at)
  const tag = open.pop()
  if (!tag) throw refuse(`Unexpected end tag at byte offset ${where}`)
  const [whole, found = ''] = /^<\/([^\s>]*)\s*>/.exec(source.slice(at)) ?? []
  if (whole === undefined) throw refuse(`Unclosed end tag at byte offset ${where}`)
  const name = found.toLowerCase()
  if (name !== '' && name !== tag.name) {
    throw refuse(`Unmatched end tag at byte offset ${where}, expected "</${tag.name}>", found "</${name}>"`)
  }
  return { tag, next: at + whole.length }
}

function readOpening(source: string, at: number): { tag: Omit<OpenTag, 'offset'>; next: number } {
  const where = byteOffset(source, at)
  const raw = /^<([^\s>]*)(?=[\s>])/.exec(source.slice(at))?.[1]
  if (raw === undefined) throw refuse(`Unclosed start tag at byte offset ${where}`)
  const name = raw.toLowerCase()
  if (!kinds.has(name)) throw refuse(`Unsupported start tag "${name}" at byte offset ${where}`)
  const attributes: Record<string, string> = {}
  let next = at + 1 + raw.length
  const attribute = /\s*([^\s=>/"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9.-]+)(?=[\s>])))?/y
  while (/\S/.exec(source.slice(next))?.[0] !== '>') {
    attribute.lastIndex = next
    const match = attribute.exec(source)
    if (next >= source.trimEnd().length) throw refuse(`Unclosed start tag "${name}" at byte offset ${where}`)
    if (!match) throw refuse(`Empty attribute name in the tag "${name}" at byte offset ${where}`)
    attributes[match[1] ?? ''] = (match[2] ?? match[3] ?? match[4] ?? '').replace(/&[^\s;]+;?/g, (symbol) => {
      const read = readSymbol(symbol, 0)
      return read.text + symbol.slice(read.length)
    })
    next = attribute.lastIndex
  }
  if (name === 'span' && attributes.class !== 'tg-spoiler') {
    throw refuse(`Tag "span" must have class "tg-spoiler" at byte offset ${where}`)
  }
  return { tag: { name, attributes }, next: source.indexOf('>', next) + 1 }
}
