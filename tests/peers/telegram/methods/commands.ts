import type { BotCommand } from 'grammy/types'
import type { Call } from '../call.ts'
import { refuse, within } from '../errors.ts'
import { type Fields, isFields, requiredInt, requiredString } from '../fields.ts'
import type { Scope } from '../types.ts'
import { reach } from '../world/access.ts'
import type { World } from '../world/world.ts'

export function setMyCommands(world: World, call: Call): true {
  const commands = readCommands(call)
  const key = readKey(world, call)
  const checked = commands.map(checkCommand)
  if (checked.length > 100) throw refuse('BOT_COMMANDS_TOO_MUCH')
  if (new Set(checked.map(({ command }) => command)).size < checked.length) call.violate('a command is listed twice')
  if (checked.length === 0) world.commands.delete(key)
  else world.commands.set(key, checked)
  return true
}

export const getMyCommands = (world: World, call: Call): BotCommand[] => world.commands.get(readKey(world, call)) ?? []

export function deleteMyCommands(world: World, call: Call): true {
  world.commands.delete(readKey(world, call))
  return true
}

export const commandKey = ({ type, chat_id, user_id }: Scope, language: string): string =>
  [type, chat_id ?? '', user_id ?? '', language].join('/')

function readCommands(call: Call): Fields[] {
  const value = call.args.json('commands', "Can't parse commands JSON object") ?? []
  if (!Array.isArray(value)) throw refuse('Expected an Array of BotCommand')
  return value.map((item: unknown) =>
    within("Can't parse BotCommand", () => {
      if (!isFields(item)) throw refuse('expected an Object')
      requiredString(item, 'command')
      requiredString(item, 'description')
      return item
    }),
  )
}

function checkCommand(fields: Fields): BotCommand {
  // A leading slash is forgiven; capitals and dashes are not.
  const command = requiredString(fields, 'command').trim().replace(/^\//, '')
  const description = requiredString(fields, 'description').trim()
  if (command === '') throw refuse('Command must be non-empty')
  if ([...command].length > 32) throw refuse('Command length must not exceed 32')
  if (description === '') throw refuse('Command description must be non-empty')
  if ([...description].length > 256) throw refuse('Command description length must not exceed 256')
  if (!/^[a-z0-9_]+$/.test(command)) throw refuse('BOT_COMMAND_INVALID')
  if (!/[\p{L}\p{N}\p{P}\p{S}]/u.test(description)) throw refuse('BOT_COMMAND_DESCRIPTION_INVALID')
  return { command, description }
}

function readKey(world: World, call: Call): string {
  const value = call.args.json('scope', "Can't parse BotCommandScope JSON object")
  const scope = within("Can't parse BotCommandScope", () => readScope(value))
  const language = call.args.text('language_code')
  if (scope.chat_id === undefined) return commandKey(scope, checkLanguage(language))
  const chat = reach(world, String(scope.chat_id), 'members')
  if (chat.type === 'private' && scope.type !== 'chat') throw refuse("Can't use specified scope in private chats")
  if (scope.user_id !== undefined && !world.users.has(scope.user_id)) throw refuse('USER_ID_INVALID')
  return commandKey({ ...scope, chat_id: chat.id }, checkLanguage(language))
}

function readScope(value: unknown): Scope {
  if (value === undefined) return { type: 'default' }
  if (!isFields(value)) throw refuse('BotCommandScope must be an Object')
  const type = requiredString(value, 'type')
  if (['default', 'all_private_chats', 'all_group_chats', 'all_chat_administrators'].includes(type)) return { type }
  if (!['chat', 'chat_administrators', 'chat_member'].includes(type)) throw refuse('Unsupported type specified')
  const chat_id = requiredString(value, 'chat_id')
  if (chat_id === '') throw refuse('Empty chat_id specified')
  if (type !== 'chat_member') return { type, chat_id }
  const user_id = requiredInt(value, 'user_id')
  if (user_id <= 0) throw refuse('Invalid user_id specified')
  return { type, chat_id, user_id }
}

function checkLanguage(language: string): string {
  if (language !== '' && !/^[a-z]{2}$/.test(language)) throw refuse('Invalid language code specified')
  return language
}
