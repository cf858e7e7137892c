import type { Api } from 'grammy'
import type { BotCommand } from 'grammy/types'
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/core.ts'
import { cut } from '#core/cut.ts'
import { pause } from '#core/pause.ts'
import type { Menu, MenuEntry } from '../channel.ts'
import { parseConversation } from './address.ts'
import { reasonOf } from './errors.ts'
import { cleanLine, isBlank } from './rich.ts'

const COMMANDS_MAX = 100
const DESCRIPTION_MAX = 256

type Scope = { type: 'all_private_chats' } | { type: 'all_group_chats' } | { type: 'chat'; chat_id: number }

/** Between two calls: a menu must not use up what messages need. */
const PAUSE_MS = 50

/** Keeps the command menus of private chats and of groups, and of single chats; writes only what differs from what Telegram has. */
export class MenuWriter {
  readonly #api: Api
  readonly #log: Log
  readonly #clock: Clock
  readonly #stopping: AbortSignal
  /** What Telegram has, as far as this process knows. */
  readonly #written = new Map<string, string>()
  #turn: Promise<void> = Promise.resolve()

  constructor({ api, log, clock, stopping }: { api: Api; log: Log; clock: Clock; stopping: AbortSignal }) {
    this.#api = api
    this.#log = log
    this.#clock = clock
    this.#stopping = stopping
  }

  /** Never throws: a menu is a convenience, and what is not written now is written the next time. */
  sync({ personal, group, chats }: Menu): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      await this.#syncScope({ type: 'all_private_chats' }, personal)
      await this.#syncScope({ type: 'all_group_chats' }, group)
      for (const { conversation, entries } of chats) {
        const chatId = parseConversation(conversation)?.chatId
        if (chatId === undefined || this.#stopping.aborted) continue
        if (await this.#syncScope({ type: 'chat', chat_id: chatId }, entries ?? [])) {
          await pause(this.#clock, PAUSE_MS, this.#stopping)
        }
      }
    })
    return this.#turn
  }

  /** True when Telegram was asked or told something. */
  async #syncScope(scope: Scope, entries: readonly MenuEntry[]): Promise<boolean> {
    const key = JSON.stringify(scope)
    const commands = commandsOf(entries)
    const wanted = JSON.stringify(commands)
    if (this.#written.get(key) === wanted) return false
    try {
      const there = this.#written.get(key) ?? fingerprint(await this.#api.getMyCommands({ scope }))
      if (there !== wanted) await this.#write(scope, commands)
      this.#written.set(key, wanted)
    } catch (error) {
      this.#written.delete(key)
      this.#log.warn({ scope, reason: reasonOf(error) }, 'The command menu could not be written')
    }
    return true
  }

  /** Without a menu of its own a chat has the one that everybody has. */
  #write(scope: Scope, commands: BotCommand[]): Promise<unknown> {
    if (scope.type === 'chat' && commands.length === 0) return this.#api.deleteMyCommands({ scope })
    return this.#api.setMyCommands(commands, { scope })
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
