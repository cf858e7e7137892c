import type { KnownBlock } from '@slack/types'
import type { Part } from '#core/chat/message.ts'
import { shortened } from './buttons.ts'
import { mutedBlock, partBlocks, progressBlocks } from './render.ts'
import { escapeText } from './text.ts'

/** One message as Slack takes it; `text` is for notifications and screen readers. */
export interface Sent {
  text: string
  blocks: KnownBlock[]
}

export interface Post extends Sent {
  /** The same in blocks that every workspace takes, where that is not so of all of them. */
  plain?: KnownBlock[]
}

/** Slack takes 50; one is kept for the line that says it may be a duplicate. */
const BLOCKS_MAX = 49
/** Slack refuses a message near 13,200 characters of blocks; with the text and what JSON adds this stays below 12,000. */
const JSON_MAX = 9_500
const TEXT_MAX = 1_200
const DUPLICATE = 'This may be a duplicate: whether the first try arrived was never learnt.'
const SHORTENED = 'The rest does not fit into one message.'

/** The parts as messages within Slack's limits, in order; none when nothing of them is to be seen. */
export function toPosts(parts: readonly Part[]): Post[] {
  const posts: KnownBlock[][] = []
  const plain: Plain = new Map()
  let roomChars = 0
  for (const block of parts.flatMap((part) => rendered(part, plain))) {
    const chars = JSON.stringify(block).length + 1
    const last = posts.at(-1)
    if (last && last.length < BLOCKS_MAX && chars <= roomChars) last.push(block)
    else {
      posts.push([block])
      roomChars = JSON_MAX
    }
    roomChars -= chars
  }
  return posts.map((blocks) => toPost(blocks, plain))
}

/** What stands in for a block where Slack does not take it. */
type Plain = Map<KnownBlock, KnownBlock[]>

function rendered(part: Part, plain: Plain): KnownBlock[] {
  const blocks = partBlocks(part)
  for (const block of blocks)
    if (block.type === 'plan' && part.type === 'progress') plain.set(block, progressBlocks(part))
  return blocks
}

/** Everything in one message, as an edit needs it; what does not fit is left out, and the message says so. */
export function toSinglePost(parts: readonly Part[]): Post | undefined {
  const [first, ...rest] = toPosts(parts)
  if (!first || rest.length === 0) return first
  return around(first, (blocks) => [...blocks, mutedBlock(SHORTENED)])
}

export const markDuplicate = (post: Post): Post => ({
  ...around(post, (blocks) => [mutedBlock(DUPLICATE), ...blocks]),
  text: `${DUPLICATE}\n${post.text}`,
})

const around = ({ text, blocks, plain }: Post, change: (blocks: KnownBlock[]) => KnownBlock[]): Post => ({
  text,
  blocks: change(blocks),
  ...(plain ? { plain: change(plain) } : {}),
})

function toPost(blocks: KnownBlock[], plain: Plain): Post {
  const everywhere = blocks.flatMap((block) => plain.get(block) ?? [block])
  const text = escapeText(shortened(wordsOf(everywhere), TEXT_MAX))
  return { text, blocks, ...(blocks.some((block) => plain.has(block)) ? { plain: everywhere } : {}) }
}

/** What can be read in the blocks, without their formats. */
function wordsOf(blocks: KnownBlock[]): string {
  return blocks.map(blockWords).filter(Boolean).join('\n')
}

function blockWords(block: KnownBlock): string {
  switch (block.type) {
    case 'rich_text':
      return block.elements.map((element) => (isQuoted(element) ? asQuote : asIs)(elementWords(element))).join('\n')
    case 'header':
      return block.text.text
    case 'context':
      return block.elements.map((element) => ('text' in element ? element.text : '')).join(' ')
    case 'section':
      return (block.fields ?? []).map((field) => unescaped(field.text).replace(/^\*(.*)\*\n/, '$1: ')).join('\n')
    case 'actions':
      return block.elements.map((element) => (element.type === 'button' ? `[${element.text.text}]` : '')).join(' ')
    default:
      return ''
  }
}

const isQuoted = (element: { type: string; border?: number }): boolean =>
  element.type === 'rich_text_quote' || element.border === 1
const asQuote = (words: string): string => words.replaceAll(/^/gm, '> ')
const asIs = (words: string): string => words

function elementWords(element: object): string {
  const { elements, text, url, fallback } = element as Partial<Record<'text' | 'url' | 'fallback', string>> & {
    elements?: object[]
  }
  if (!elements) return text ?? url ?? fallback ?? ''
  return elements.map(elementWords).join((element as { type: string }).type === 'rich_text_list' ? '\n' : '')
}

const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
