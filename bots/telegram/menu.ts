import type { Api } from 'grammy'
import type { BotCommand } from 'grammy/types'
import type { Log } from '#core/core.ts'
import { cut } from '#core/cut.ts'
import type { Menu, MenuEntry } from '../channel.ts'
import { reasonOf } from './errors.ts'
import { cleanLine, isBlank } from './rich.ts'

const COMMANDS_MAX = 100
const DESCRIPTION_MAX = 256

type Scope = 'all_private_chats' | 'all_group_chats'

/** Keeps the command menus of private chats and of groups; writes only what differs from what Telegram has. */
export class MenuWriter {
  readonly #api: Api
  readonly #log: Log
  /** What Telegram has, as far as this process knows. */
  readonly #written = new Map<Scope, string>()
  #turn: Promise<void> = Promise.resolve()

  constructor(api: Api, log: Log) {
    this.#api = api
    this.#log = log
  }

  /** Never throws: a menu is a convenience, and what is not written now is written the next time. */
  sync({ personal, group }: Menu): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      await this.#syncScope('all_private_chats', personal)
      await this.#syncScope('all_group_chats', group)
    })
    return this.#turn
  }

  async #syncScope(type: Scope, entries: readonly MenuEntry[]): Promise<void> {
    const commands = commandsOf(entries)
    const wanted = JSON.stringify(commands)
    try {
      const there = this.#written.get(type) ?? fingerprint(await this.#api.getMyCommands({ scope: { type } }))
      if (there !== wanted) await this.#api.setMyCommands(commands, { scope: { type } })
      this.#written.set(type, wanted)
    } catch (error) {
      this.#written.delete(type)
      this.#log.warn({ scope: type, reason: reasonOf(error) }, 'The command menu could not be written')
    }
  }
}

const fingerprint = (commands: readonly BotCommand[]): string =>
  JSON.stringify(commands.map(({ command, description }) => ({ command, description })))

/** What of the menu Telegram takes: names it refuses, such as those with a dash, are left out and can still be typed. */
function commandsOf(entries: readonly MenuEntry[]): BotCommand[] {
  const seen = new Set<string>()
  const commands = entries.flatMap(({ command, description }) => {
    if (!/^[a-z0-9_]{1,32}$/.test(command) || seen.has(command)) return []
    seen.add(command)
    return [{ command, description: describe(description, command) }]
  })
  return commands.slice(0, COMMANDS_MAX)
}

function describe(description: string, command: string): string {
  const line = cleanLine(description)
  // Telegram wants at least one letter, digit or sign in it.
  if (isBlank(line) || !/[\p{L}\p{N}\p{P}\p{S}]/u.test(line)) return command
  return line.length > DESCRIPTION_MAX ? `${cut(line, DESCRIPTION_MAX - 1)}…` : line
}
