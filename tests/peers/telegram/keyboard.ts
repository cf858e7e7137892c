import type { InlineKeyboardMarkup } from 'grammy/types'
import type { Call } from './call.ts'
import { refuse, within } from './errors.ts'
import { type Fields, isFields, optionalBool, optionalString } from './fields.ts'
import { button } from './keyboard-button.ts'

export interface Markup {
  readonly keyboard: InlineKeyboardMarkup | undefined
  /** A reply keyboard, its removal, or a forced reply: shown to the user, but no part of the message. */
  readonly other: Fields | undefined
}

const none: Markup = { keyboard: undefined, other: undefined }

/** Reads reply_markup. `privateChat` matters because some buttons only work there. */
export function readMarkup(call: Call, privateChat: boolean): Markup {
  const value = call.args.json('reply_markup', "Can't parse reply keyboard markup JSON object")
  if (value === undefined) return none
  if (!isFields(value)) throw refuse('Object expected as reply markup')
  const plain = rows(value, 'keyboard', 'Field "keyboard" must be an Array of Arrays')
  const inline = rows(
    value,
    'inline_keyboard',
    'Field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
  )
  for (const item of plain.flat()) within("Can't parse keyboard button", () => plainButton(item))
  const buttons = within("Can't parse inline keyboard button", () =>
    inline.map((row) => row.map((item) => button(call, item, privateChat))),
  )
  for (const flag of ['remove_keyboard', 'force_reply', 'selective']) optionalBool(value, flag)
  optionalString(value, 'input_field_placeholder')
  if (plain.flat().length > 0) return { keyboard: undefined, other: value }
  if (buttons.flat().length > 0) return { keyboard: finish(buttons), other: undefined }
  if (value.remove_keyboard === true || value.force_reply === true) return { keyboard: undefined, other: value }
  if (!('inline_keyboard' in value)) call.violate('reply_markup comes to nothing')
  return none
}

/** Edits take inline keyboards only. */
export function readInlineMarkup(call: Call, privateChat: boolean): InlineKeyboardMarkup | undefined {
  const markup = readMarkup(call, privateChat)
  if (markup.other) throw refuse('Inline keyboard expected')
  return markup.keyboard
}

function rows(value: Fields, name: string, complaint: string): unknown[][] {
  const list = value[name]
  if (list === undefined) return []
  if (!Array.isArray(list)) throw refuse(`Field "${name}" must be of type Array`)
  return list.map((row: unknown) => {
    if (!Array.isArray(row)) throw refuse(complaint)
    return row as unknown[]
  })
}

function plainButton(item: unknown): void {
  const text = isFields(item) ? optionalString(item, 'text') : item
  if (typeof text !== 'string') throw refuse('KeyboardButton must be a String or an Object')
  if (text.trim() === '') throw refuse('Keyboard button text must be non-empty')
}

function finish(buttons: InlineKeyboardMarkup['inline_keyboard']): InlineKeyboardMarkup {
  if (buttons.flat().length > 100) throw refuse('reply markup is too long')
  return { inline_keyboard: buttons.filter((row) => row.length > 0) }
}
