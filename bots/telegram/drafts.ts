import type { Api } from 'grammy'
import type { LiveSender, LiveText } from '#core/chat/sender.ts'
import type { Log } from '#core/core.ts'
import { sha256 } from '#core/ids.ts'
import { isPrivateChat, parseConversation } from './address.ts'
import { failureOf, reasonOf } from './errors.ts'
import { isBlank, plain, withoutPings } from './rich.ts'

/** Two looks of ours leave room for an edit of the card: about one call a second is what Telegram takes in private. */
const EVERY_MS = 2_200
/** So many drafts are known by their runs, for who presses Stop. */
const KNOWN_MAX = 1_000

/**
 * Text while it is written, as drafts: in private chats, with a button that stops it. A draft goes by itself, with the next
 * message or after half a minute. A server that knows no drafts is not asked again.
 */
export class Drafts implements LiveSender {
  readonly everyMs = EVERY_MS
  readonly #api: Api
  readonly #log: Log
  readonly #runs = new Map<number, string>()
  #isOff = false

  constructor({ api, log }: { api: Api; log: Log }) {
    this.#api = api
    this.#log = log
  }

  isOffered(conversation: string): boolean {
    const place = parseConversation(conversation)
    return !this.#isOff && place !== undefined && isPrivateChat(place.chatId)
  }

  async show({ runId, conversation, text }: LiveText): Promise<{ againAfterMs?: number } | 'off'> {
    const place = parseConversation(conversation)
    if (!place || !this.isOffered(conversation)) return 'off'
    const shown = withoutPings(plain(text))
    if (isBlank(shown.text)) return {}
    const draftId = draftIdOf(runId)
    this.#remember(draftId, runId)
    try {
      await this.#api.sendMessageDraft(place.chatId, draftId, shown.text, {
        entities: shown.entities,
        can_stop: true,
        ...(place.threadId === undefined ? {} : { message_thread_id: place.threadId }),
      })
      return {}
    } catch (error) {
      const failure = failureOf(error)
      if (failure.outcome === 'retry' && !isUnknownMethod(error)) return { againAfterMs: failure.afterMs }
      if (isUnknownMethod(error)) {
        this.#isOff = true
        this.#log.info({ reason: reasonOf(error) }, 'This Telegram server knows no drafts; text shows when it is whole')
      }
      return 'off'
    }
  }

  /** The run whose draft somebody stopped; undefined when another process shows it. */
  runOf(draftId: number): string | undefined {
    return this.#runs.get(draftId)
  }

  #remember(draftId: number, runId: string): void {
    const [oldest] = this.#runs.keys()
    if (oldest !== undefined && this.#runs.size >= KNOWN_MAX) this.#runs.delete(oldest)
    this.#runs.set(draftId, runId)
  }
}

/** Not zero, the same for a run in each process, and a number that every language has. */
export const draftIdOf = (runId: string): number => (Number.parseInt(sha256(runId).slice(0, 8), 16) % 2_147_483_646) + 1

/** 404 for a method stands for a server that is older than it. */
const isUnknownMethod = (error: unknown): boolean => (error as { error_code?: number } | null)?.error_code === 404
