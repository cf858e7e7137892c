import type { InlineKeyboardButton } from 'grammy/types'
import type { Button, Part } from '#core/chat/message.ts'
import { cut } from '#core/cut.ts'
import { linkUrl } from './links.ts'
import { cleanLine, isBlank } from './rich.ts'

export type Keyboard = InlineKeyboardButton[][]

const ROW_MAX = 3
/** Labels of one row together: more than this a phone cuts off. */
const ROW_CHARACTERS_MAX = 30
const LABEL_MAX = 60
const TOKEN_MAX_BYTES = 64
/** Telegram refuses a message with more. */
const BUTTONS_MAX = 100

/** All buttons of a message under it, up to three short ones side by side. Undefined when there are none. */
export function keyboardOf(parts: readonly Part[]): Keyboard | undefined {
  const buttons = parts.flatMap((part) => (part.type === 'buttons' ? part.buttons : [])).flatMap(toTelegram)
  const rows: Keyboard = []
  for (const button of buttons.slice(0, BUTTONS_MAX)) {
    const row = rows.at(-1)
    const characters = [...(row ?? []), button].reduce((sum, { text }) => sum + text.length, 0)
    if (row && row.length < ROW_MAX && characters <= ROW_CHARACTERS_MAX) row.push(button)
    else rows.push([button])
  }
  return rows.length > 0 ? rows : undefined
}

/** Links that cannot be buttons on Telegram, such as those to a console on `localhost`; they are shown as text. */
export const linksBeside = (parts: readonly Part[]): Button[] =>
  parts.flatMap((part) => (part.type === 'buttons' ? part.buttons.filter(({ url }) => url && !linkUrl(url)) : []))

function toTelegram({ label, token, url, style }: Button): InlineKeyboardButton[] {
  const text = labelFor(label)
  const look = style ? { text, style } : { text }
  if (token !== undefined) return Buffer.byteLength(token) <= TOKEN_MAX_BYTES ? [{ ...look, callback_data: token }] : []
  const link = url && linkUrl(url)
  return link ? [{ ...look, url: link }] : []
}

function labelFor(label: string): string {
  const line = cleanLine(label)
  if (isBlank(line)) return '·'
  return line.length > LABEL_MAX ? `${cut(line, LABEL_MAX - 1)}…` : line
}
