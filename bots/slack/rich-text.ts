import type { RichTextBlock, RichTextQuote, RichTextSection } from '@slack/types'
import { type Inline, measure, splitInlines, splitText } from './inlines.ts'

/** One piece of formatted text; what a block of Slack's is made of. */
export type Chunk =
  | { kind: 'lines'; inlines: Inline[] }
  | { kind: 'quote'; inlines: Inline[] }
  | { kind: 'code'; text: string; isQuoted?: true }
  /** `offset`: how many numbers stand before its first, where it does not begin with one. */
  | { kind: 'list'; items: Inline[][]; ordered: boolean; indent: number; offset?: number; isQuoted?: true }

type Element = RichTextBlock['elements'][number]

/** Slack's limit for a section's text, kept here too; and what a block may come to as JSON with many links in it. */
const BLOCK_TEXT_MAX = 3000
export const BLOCK_JSON_MAX = 7000

/** In rich text Slack reads nothing into the words: no mention, no link and no format that is not an element of its own. */
export function richText(chunks: Chunk[]): RichTextBlock[] {
  const blocks: RichTextBlock[] = []
  let room = { chars: 0, json: 0 }
  for (const element of joinLines(chunks).flatMap(elementsOf)) {
    const size = measure(element)
    const last = blocks.at(-1)
    if (last && room.chars >= size.chars && room.json >= size.json) last.elements.push(element)
    else {
      blocks.push({ type: 'rich_text', elements: [element] })
      room = { chars: BLOCK_TEXT_MAX, json: BLOCK_JSON_MAX }
    }
    room = { chars: room.chars - size.chars, json: room.json - size.json }
  }
  return blocks
}

/** Paragraphs that follow each other are one section with an empty line between: sections alone stand without one. */
function joinLines(chunks: Chunk[]): Chunk[] {
  const joined: Chunk[] = []
  for (const chunk of chunks) {
    const last = joined.at(-1)
    if (chunk.kind === 'lines' && last?.kind === 'lines') {
      last.inlines.push({ type: 'text', text: '\n\n' }, ...chunk.inlines)
    } else joined.push(chunk.kind === 'lines' ? { ...chunk, inlines: [...chunk.inlines] } : chunk)
  }
  return joined
}

/** The same as a quote: words are one, and what is none has its bar. */
export const quoted = (chunks: Chunk[]): Chunk[] =>
  joinLines(chunks).map((chunk) =>
    chunk.kind === 'lines' || chunk.kind === 'quote'
      ? { kind: 'quote', inlines: chunk.inlines }
      : { ...chunk, isQuoted: true },
  )

function elementsOf(chunk: Chunk): Element[] {
  switch (chunk.kind) {
    case 'lines':
      return split(chunk.inlines).map(section)
    case 'quote':
      return split(chunk.inlines).map(quote)
    case 'code':
      return splitText(chunk.text, BLOCK_TEXT_MAX).map((text) => ({
        type: 'rich_text_preformatted',
        elements: [{ type: 'text', text }],
        ...bar(chunk),
      }))
    case 'list':
      return listElements(chunk)
  }
}

function listElements(chunk: Extract<Chunk, { kind: 'list' }>): Element[] {
  const { items, ordered, indent, offset, isQuoted } = chunk
  const sections = items.filter((item) => item.length > 0).map(section)
  if (sections.length === 0) return []
  const list = {
    type: 'rich_text_list',
    style: ordered ? 'ordered' : 'bullet',
    indent,
    elements: sections,
    ...(offset === undefined ? {} : { offset }),
    ...bar(chunk),
  } as const
  const { chars, json } = measure(list)
  if (chars <= BLOCK_TEXT_MAX && json <= BLOCK_JSON_MAX) return [list]
  // Slack counts each list from one again, so a list that has to be cut carries its marks in its text.
  const lines = items.flatMap((item, index): Inline[] => [
    { type: 'text', text: `${'  '.repeat(indent)}${ordered ? `${index + 1 + (offset ?? 0)}.` : '•'} ` },
    ...item,
    { type: 'text', text: '\n' },
  ])
  return split(lines).map((row) => (isQuoted ? quote(row) : section(row)))
}

/** What Slack draws beside a quote. */
const bar = ({ isQuoted }: { isQuoted?: true }): { border?: 1 } => (isQuoted ? { border: 1 } : {})

const quote = (elements: Inline[]): RichTextQuote => ({ type: 'rich_text_quote', elements })

const section = (elements: Inline[]): RichTextSection => ({
  type: 'rich_text_section',
  elements,
})

const split = (inlines: Inline[]): Inline[][] => splitInlines(inlines, BLOCK_TEXT_MAX, BLOCK_JSON_MAX)
