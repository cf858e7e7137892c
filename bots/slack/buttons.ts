import type { ActionsBlock, Button } from '@slack/types'
import type { Button as PlainButton } from '#core/chat/message.ts'
import { clean } from './inlines.ts'
import { BLOCK_JSON_MAX } from './rich-text.ts'

const BUTTONS_MAX = 25
const LABEL_MAX = 75
const URL_MAX = 3000

/** Buttons that do something: a token to send back, or an address to open. Slack takes 25 in a block. */
export function buttonBlocks(buttons: PlainButton[]): ActionsBlock[] {
  const elements = buttons.flatMap(toButton).map((button, index) => ({ ...button, action_id: `button-${index}` }))
  const blocks: ActionsBlock[] = []
  let roomChars = 0
  for (const element of elements) {
    const chars = JSON.stringify(element).length
    const last = blocks.at(-1)
    if (last && last.elements.length < BUTTONS_MAX && chars <= roomChars) last.elements.push(element)
    else {
      blocks.push({ type: 'actions', elements: [element] })
      roomChars = BLOCK_JSON_MAX
    }
    roomChars -= chars
  }
  return blocks
}

function toButton({ label, token, url, style }: PlainButton): Button[] {
  const opens = url !== undefined && /^https?:\/\//i.test(url) && URL.canParse(url) && url.length <= URL_MAX
  if (token === undefined && !opens) return []
  const words = clean(label).replace(/\s+/g, ' ').trim() || '…'
  return [
    {
      type: 'button',
      text: { type: 'plain_text', text: shortened(words, LABEL_MAX), emoji: false },
      ...(token === undefined ? { url: url ?? '' } : { value: token }),
      ...(style ? { style } : {}),
    },
  ]
}

/** At most `max` characters, with an ellipsis in place of what was cut. */
export function shortened(text: string, max: number): string {
  if (text.length <= max) return text
  return `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
