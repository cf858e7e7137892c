import type { KnownBlock } from '@slack/types'
import type { Part } from '#core/chat/message.ts'
import { shortened } from './buttons.ts'
import { mutedBlock, partBlocks } from './render.ts'
import { escapeText } from './text.ts'

/** One message as Slack takes it; `text` is for notifications and screen readers. */
export interface Post {
  text: string
  blocks: KnownBlock[]
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
  let roomChars = 0
  for (const block of parts.flatMap(partBlocks)) {
    const chars = JSON.stringify(block).length + 1
    const last = posts.at(-1)
    if (last && last.length < BLOCKS_MAX && chars <= roomChars) last.push(block)
    else {
      posts.push([block])
      roomChars = JSON_MAX
    }
    roomChars -= chars
  }
  return posts.map(toPost)
}

/** Everything in one message, as an edit needs it; what does not fit is left out, and the message says so. */
export function toSinglePost(parts: readonly Part[]): Post | undefined {
  const [first, ...rest] = toPosts(parts)
  return first && rest.length > 0 ? toPost([...first.blocks, mutedBlock(SHORTENED)]) : first
}

export const markDuplicate = ({ text, blocks }: Post): Post => ({
  text: `${DUPLICATE}\n${text}`,
  blocks: [mutedBlock(DUPLICATE), ...blocks],
})

const toPost = (blocks: KnownBlock[]): Post => ({ text: escapeText(shortened(wordsOf(blocks), TEXT_MAX)), blocks })

/** What can be read in the blocks, without their formats. */
function wordsOf(blocks: KnownBlock[]): string {
  return blocks.map(blockWords).filter(Boolean).join('\n')
}

function blockWords(block: KnownBlock): string {
  switch (block.type) {
    case 'rich_text':
      return block.elements.map(elementWords).join('\n')
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

function elementWords(element: object): string {
  const { elements, text, url } = element as { elements?: object[]; text?: string; url?: string }
  if (!elements) return text ?? url ?? ''
  return elements.map(elementWords).join((element as { type: string }).type === 'rich_text_list' ? '\n' : '')
}

const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
