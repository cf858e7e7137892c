import type { Outgoing } from '#core/chat/sender.ts'
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/core.ts'
import { type Place, parseConversation } from './address.ts'
import { reasonOf } from './errors.ts'
import type { Self } from './self.ts'
import type { Sending, Tried } from './sending.ts'

const POINTER = 'Answered you in private.'
const POINTER_EVERY_MS = 60_000
const REMEMBERED_MAX = 1_000

export interface PrivatelyOptions {
  sending: Sending
  self(): Promise<Self>
  clock: Clock
  log: Log
}

/** Answers for one person alone, asked for where others read along. */
export class Privately {
  readonly #options: PrivatelyOptions
  /** When a group was last told that a person was answered in private. */
  readonly #pointedAtMs = new Map<string, number>()

  constructor(options: PrivatelyOptions) {
    this.#options = options
  }

  /**
   * Sends it to the person's own chat and says so in the group. Where Telegram does not let the bot write first, the
   * group is asked to have it opened, without a word of the content; the message counts as refused then.
   */
  async send(group: Place, message: Outgoing, externalId: string): Promise<Tried> {
    const { sending } = this.#options
    const chat = parseConversation(externalId)
    if (!chat) return { outcome: 'refused', reason: 'Telegram knows no such person.', isClosed: true }
    const tried = await sending.send(chat, message)
    const isTold = this.#isToldAlready(group, externalId)
    if (tried.outcome === 'sent' && !isTold) {
      const pointed = await sending.say(group, POINTER, message)
      if (pointed.outcome === 'sent') this.#remember(group, externalId)
    }
    if (tried.outcome !== 'refused' || !tried.isClosed || isTold) return tried
    const asked = await this.#askToOpen(group, message)
    if (asked.outcome === 'sent') this.#remember(group, externalId)
    // Nothing was delivered, so it may all be tried again.
    return asked.outcome === 'retry' || asked.outcome === 'moved' ? asked : tried
  }

  async #askToOpen(group: Place, message: Outgoing): Promise<Tried> {
    const { sending, self, log } = this.#options
    try {
      const { username } = await self()
      const text = `I have something for you in private: open @${username} and press Start.`
      return await sending.say(group, text, message, [[{ text: `Open @${username}`, url: `https://t.me/${username}` }]])
    } catch (error) {
      log.warn({ reason: reasonOf(error) }, 'A person could not be asked to open a private chat')
      return { outcome: 'retry', afterMs: 2_000, reason: reasonOf(error) }
    }
  }

  #isToldAlready(group: Place, externalId: string): boolean {
    const toldAtMs = this.#pointedAtMs.get(keyOf(group, externalId))
    return toldAtMs !== undefined && this.#options.clock.nowMs() - toldAtMs < POINTER_EVERY_MS
  }

  #remember(group: Place, externalId: string): void {
    if (this.#pointedAtMs.size >= REMEMBERED_MAX) this.#pointedAtMs.clear()
    this.#pointedAtMs.set(keyOf(group, externalId), this.#options.clock.nowMs())
  }
}

const keyOf = ({ chatId }: Place, externalId: string): string => `${chatId}/${externalId}`
