import type { BotCommand } from 'grammy/types'
import { commandKey } from './methods/commands.ts'
import type * as T from './types.ts'
import { viewOf } from './view.ts'
import { type CallFilter, type MessageMatch, waitForCall, waitForIdle, waitForMessage } from './wait.ts'
import type { World } from './world/world.ts'

/** The looking half of the peer: what the bot did, and waiting for it to. */
export class PeerView {
  readonly #world: World
  #isJudged = false

  constructor(world: World) {
    this.#world = world
  }

  get calls(): readonly T.CallRecord[] {
    return this.#world.calls
  }

  /** Whoever asks for them judges them; else `stop` does. */
  get violations(): readonly T.Violation[] {
    this.#isJudged = true
    return this.#world.violations
  }

  /** Throws when calls were wrong in some way and nobody ever asked whether they were. */
  protected judge(): void {
    const { violations, options } = this.#world
    if (this.#isJudged || options.passesOver || violations.length === 0) return
    const lines = violations.map(({ method, message }) => `  ${method}: ${message}`)
    throw new Error(`Calls to Telegram that are not right, and nobody looked:\n${lines.join('\n')}`)
  }

  get pendingUpdates(): number {
    return this.#world.updates.pending.length
  }

  get pollWaiting(): boolean {
    return this.#world.polling.waiting
  }

  messages(chat: T.ChatRef, options: { deleted?: boolean } = {}): T.MessageView[] {
    const record = this.#world.chatOf(chat)
    const kept = [...record.messages.values()].filter(({ deleted }) => !deleted || options.deleted === true)
    return kept.map((message) => viewOf(record, message, this.#world.bot.id))
  }

  message(chat: T.ChatRef, messageId: number): T.MessageView {
    const found = this.messages(chat, { deleted: true }).find((message) => message.messageId === messageId)
    if (!found) throw new Error(`no message ${messageId} in chat ${JSON.stringify(chat)}`)
    return found
  }

  drafts(chat: T.ChatRef): T.DraftView[] {
    const { id } = this.#world.chatOf(chat)
    return this.#world.drafts.filter(({ chatId }) => chatId === id)
  }

  callsOf(method: string): T.CallRecord[] {
    return this.#world.calls.filter((call) => call.method === method)
  }

  commands(scope: T.Scope = { type: 'default' }, languageCode = ''): BotCommand[] {
    return this.#world.commands.get(commandKey(scope, languageCode)) ?? []
  }

  waitForMessage(chat: T.ChatRef, match: MessageMatch, timeoutMs = 5000): Promise<T.MessageView> {
    return waitForMessage(this.#world, this.#world.chatOf(chat), match, timeoutMs)
  }

  waitForCall(method: string, filter: CallFilter = () => true, timeoutMs = 5000): Promise<T.CallRecord> {
    return waitForCall(this.#world, method, filter, timeoutMs)
  }

  waitForIdle({ quietMs = 60, timeoutMs = 5000 } = {}): Promise<void> {
    return waitForIdle(this.#world, quietMs, timeoutMs)
  }
}
