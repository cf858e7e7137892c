import type { InlineKeyboardButton } from 'grammy/types'
import type { Call } from './call.ts'
import { refuse, refuseInside } from './errors.ts'
import { type Fields, isFields, optionalInt, optionalString, requiredObject, requiredString } from './fields.ts'
import { invalidLink, linkProblem } from './links.ts'

/** In the order Telegram looks for them: of two, the first one found is the button and the other is lost. */
const actions = [
  'url',
  'callback_data',
  'callback_game',
  'pay',
  'switch_inline_query',
  'switch_inline_query_chosen_chat',
  'switch_inline_query_current_chat',
  'login_url',
  'web_app',
  'copy_text',
  'disabled',
]

const looks = new Set(['text', 'icon_custom_emoji_id', 'style'])

export function button(call: Call, item: unknown, privateChat: boolean): InlineKeyboardButton {
  if (!isFields(item)) throw refuse('InlineKeyboardButton must be an Object')
  const text = requiredString(item, 'text')
  optionalInt(item, 'icon_custom_emoji_id')
  const style = optionalString(item, 'style').toLowerCase()
  if (!['', 'default', 'primary', 'danger', 'success'].includes(style)) throw refuse('invalid button style specified')
  const given = actions.filter((name) => item[name] !== undefined && item[name] !== '')
  // The switch_inline_query pair may be empty and still count.
  const action = given[0] ?? actions.find((name) => name.startsWith('switch') && item[name] !== undefined)
  if (action === undefined) throw refuse('Text buttons are unallowed in the inline keyboard')
  if (given.length > 1) call.violate(`button "${text}" has several actions: ${given.join(', ')}`)
  for (const name of Object.keys(item)) {
    if (!actions.includes(name) && !looks.has(name)) call.violate(`button "${text}" has unknown field "${name}"`)
  }
  checkAction(item, action, privateChat)
  if (text.trim() === '') throw refuseInside('Inline keyboard button text must be non-empty')
  const kept = Object.entries(item).filter(([name]) => looks.has(name) || name === action)
  return Object.fromEntries(kept) as unknown as InlineKeyboardButton
}

function checkAction(item: Fields, action: string, privateChat: boolean): void {
  switch (action) {
    case 'url':
      checkLink('button', optionalString(item, 'url'), {})
      return
    case 'callback_data':
      if (Buffer.byteLength(optionalString(item, 'callback_data')) > 64) throw refuseInside('BUTTON_DATA_INVALID')
      return
    case 'web_app':
      checkLink('button Web App', requiredString(requiredObject(item, 'web_app'), 'url'), { httpsOnly: true })
      if (!privateChat) throw refuseInside('BUTTON_TYPE_INVALID')
      return
    case 'login_url':
      checkLink('button login', requiredString(requiredObject(item, 'login_url'), 'url'), { httpsOnly: true })
      return
    case 'copy_text': {
      const length = requiredString(requiredObject(item, 'copy_text'), 'text').length
      if (length < 1 || length > 256) throw refuseInside('BUTTON_COPY_TEXT_INVALID')
      return
    }
    case 'pay':
    case 'callback_game':
      throw refuseInside('BUTTON_TYPE_INVALID')
    default:
  }
}

function checkLink(what: string, url: string, options: { httpsOnly?: boolean }): void {
  if (/^tg:\/\/user\?id=\d+$/.test(url)) return
  const problem = linkProblem(url, options)
  if (problem) throw refuseInside(`Inline keyboard ${what} ${invalidLink(url, problem)}`)
}
