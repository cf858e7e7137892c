import type { PlainTextElement } from '@slack/types'
import { shortened } from '../buttons.ts'
import { clean } from '../inlines.ts'

/** Words in which Slack reads nothing: no format, no mention, no picture. */
export const plain = (text: string): PlainTextElement => ({ type: 'plain_text', text, emoji: false })

export const oneLine = (text: string): string => clean(text).replace(/\s+/g, ' ').trim()

/** One line of at most `max` characters; Slack takes none that is empty. */
export const line = (text: string, max: number, otherwise = '–'): PlainTextElement =>
  plain(shortened(oneLine(text) || otherwise, max))
