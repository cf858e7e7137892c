import type { ActionsBlock, Button, ConfirmationDialog, PlainTextElement } from '@slack/types'
import type { Confirm, Button as PlainButton } from '#core/chat/message.ts'
import { clean } from './inlines.ts'
import { BLOCK_JSON_MAX } from './rich-text.ts'

const BUTTONS_MAX = 25
const LABEL_MAX = 75
const URL_MAX = 3000
const CONFIRM_TITLE_MAX = 100
const CONFIRM_TEXT_MAX = 300
const CONFIRM_BUTTON_MAX = 30

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

function toButton({ label, token, url, style, confirm }: PlainButton): Button[] {
  const opens = url !== undefined && /^https?:\/\//i.test(url) && URL.canParse(url) && url.length <= URL_MAX
  if (token === undefined && !opens) return []
  return [
    {
      type: 'button',
      text: line(label, LABEL_MAX),
      ...(token === undefined
        ? { url: url ?? '' }
        : { value: token, ...(confirm ? { confirm: dialog(confirm, style) } : {}) }),
      ...(style ? { style } : {}),
    },
  ]
}

/** Slack asks, and sends the press only when it was meant. */
const dialog = ({ title, text, yes, no }: Confirm, style: PlainButton['style']): ConfirmationDialog => ({
  title: line(title, CONFIRM_TITLE_MAX),
  text: line(text, CONFIRM_TEXT_MAX),
  confirm: line(yes, CONFIRM_BUTTON_MAX),
  deny: line(no, CONFIRM_BUTTON_MAX),
  ...(style ? { style } : {}),
})

/** One line of words as they are. */
function line(words: string, max: number): PlainTextElement {
  const text = clean(words).replace(/\s+/g, ' ').trim() || '…'
  return { type: 'plain_text', text: shortened(text, max), emoji: false }
}

/** At most `max` characters, with an ellipsis in place of what was cut. */
export function shortened(text: string, max: number): string {
  if (text.length <= max) return text
  return `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
