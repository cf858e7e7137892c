import { type Api, GrammyError } from 'grammy'
import type { Update } from 'grammy/types'
import type { Log } from '#core/core.ts'
import { conversationOf } from './address.ts'
import type { Backoff } from './backoff.ts'
import { cancelOn } from './cancel.ts'
import { failureOf, reasonOf } from './errors.ts'

/** Long enough to spare requests, short enough for proxies that end quiet connections after half a minute. */
const POLL_SECONDS = 25

/** A stop must not wait for a Telegram that does not answer. */
const FAREWELL_MS = 2_000

/** What Telegram is asked to send; it remembers this until it is told otherwise. */
export const ALLOWED_UPDATES = ['message', 'callback_query', 'my_chat_member', 'stopped_message_generation'] as const

export interface Polling {
  api: Api
  /** Resolves when the update is stored. */
  store(update: Update): Promise<void>
  /** Told after each poll. */
  answered(): void
  failed(reason: string): void
  backoff: Backoff
  log: Log
  signal: AbortSignal
}

/**
 * Takes updates until it is told to stop. An offset tells Telegram to forget all before it, so it moves past an update
 * only when that one is stored; what goes wrong meanwhile is waited out.
 */
export async function poll({ api, store, answered, failed, backoff, log, signal }: Polling): Promise<void> {
  let offset = 0
  while (!signal.aborted) {
    try {
      const wish = { offset, timeout: POLL_SECONDS, allowed_updates: ALLOWED_UPDATES }
      const updates = await api.getUpdates(wish, cancelOn(signal))
      answered()
      const stored = await storeAll(updates, store)
      offset = stored.nextOffset ?? offset
      if (stored.failure) throw stored.failure.error
      backoff.succeeded()
    } catch (error) {
      if (signal.aborted) break
      const reason = pollingReason(error)
      failed(reason)
      log.warn({ reason }, 'Taking updates from Telegram failed and will be tried again')
      await backoff.failed(waitOf(error))
    }
  }
  // Tells Telegram what is stored, so that the next start is not given it again. Were it lost, that would do no harm.
  if (offset > 0)
    await api.getUpdates({ offset, limit: 1, timeout: 0 }, cancelOn(AbortSignal.timeout(FAREWELL_MS))).catch(() => {})
}

/** Conversations side by side, each in its order. `nextOffset` keeps the first update that could not be stored. */
async function storeAll(
  updates: readonly Update[],
  store: (update: Update) => Promise<void>,
): Promise<{ nextOffset?: number; failure?: { error: unknown } }> {
  const failed = new Map<Update, unknown>()
  await Promise.all(
    [...Map.groupBy(updates, conversationKey).values()].map(async (group) => {
      for (const update of group) {
        try {
          await store(update)
        } catch (error) {
          failed.set(update, error)
          return
        }
      }
    }),
  )
  const first = updates.find((update) => failed.has(update))
  if (first) return { nextOffset: first.update_id, failure: { error: failed.get(first) } }
  const last = updates.at(-1)
  return last ? { nextOffset: last.update_id + 1 } : {}
}

/** Coarser than a conversation: all topics of a chat are in one line. */
function conversationKey(update: Update): string {
  const chat = update.message?.chat ?? update.callback_query?.message?.chat
  return chat ? conversationOf(chat.id) : ''
}

function waitOf(error: unknown): number | undefined {
  if (!(error instanceof GrammyError)) return undefined
  const failure = failureOf(error)
  return failure.outcome === 'retry' && error.error_code === 429 ? failure.afterMs : undefined
}

const pollingReason = (error: unknown): string =>
  error instanceof GrammyError && error.error_code === 409
    ? 'Another program takes updates with the same token, or a webhook was set.'
    : reasonOf(error)
