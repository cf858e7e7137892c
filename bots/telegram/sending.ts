import { type Api, InputFile } from 'grammy'
import type { Outgoing, SendResult } from '#core/chat/sender.ts'
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/core.ts'
import { pause } from '#core/pause.ts'
import { isPrivateChat, messageRefOf, type Place, parseConversation, parseMessageRef } from './address.ts'
import { type Failure, failureOf, says } from './errors.ts'
import { uploadName } from './files.ts'
import { asDuplicate, type FileMessage, type Rendered, render, renderCard, type TextMessage } from './render.ts'
import { plain, withoutPings } from './rich.ts'
import { Unfinished } from './unfinished.ts'

export interface SendingOptions {
  api: Api
  /** The same with more patience. */
  uploads: Api
  log: Log
  clock: Clock
  /** After this nobody waits any more. */
  stopping: AbortSignal
}

export type Sent = { outcome: 'sent'; messageRef: string }
export type Tried = Sent | Failure

/** How long the rest of a message that has begun may hold up its conversation. */
const WAIT_MAX_MS = 90_000
/** So many messages are waited for in place; each holds a place that the messages of other chats go out by. */
const WAITING_MAX = 8
const EDIT_AGAIN_MS = 2_000
const NO_PREVIEW = { link_preview_options: { is_disabled: true } } as const

/** One Outgoing as calls to Telegram. */
export class Sending {
  readonly #options: SendingOptions
  readonly #unfinished = new Unfinished()
  #waiting = 0

  constructor(options: SendingOptions) {
    this.#options = options
  }

  /**
   * Sends all of it, in order. Where nothing of it arrived, the result says what to do. Where it broke off in the
   * middle, a wait that Telegram asks for is waited here, unless it is long or many wait already. Otherwise the next try
   * of the same key goes on with what is missing. Only a restart forgets what that was: then all is sent again, with the
   * note that it may be a duplicate.
   */
  async send(place: Place, message: Outgoing): Promise<Tried> {
    const begun = this.#unfinished.take(message.key)
    const options = { isShared: !isPrivateChat(place.chatId), maybeDuplicate: message.maybeDuplicate }
    const rest = begun?.rest ?? render(message.parts, options)
    let messageRef = begun?.messageRef
    let waitedMs = 0
    for (let next = rest[0]; next; next = rest[0]) {
      const tried = await this.#sendOne(place, next, message, messageRef === undefined)
      if (tried.outcome === 'sent') {
        messageRef = messageRef === undefined || next.keyboard ? tried.messageRef : messageRef
        rest.shift()
        continue
      }
      if (messageRef === undefined || tried.outcome === 'refused') return tried
      if (tried.outcome === 'retry' && waitedMs + tried.afterMs <= WAIT_MAX_MS && this.#mayWait()) {
        waitedMs += tried.afterMs
        await this.#wait(tried.afterMs)
        continue
      }
      return this.#breakOff(message.key, { rest, messageRef }, tried)
    }
    if (messageRef === undefined) return { outcome: 'refused', reason: 'There is nothing in it.', isClosed: false }
    return { outcome: 'sent', messageRef }
  }

  #mayWait(): boolean {
    return this.#waiting < WAITING_MAX && !this.#options.stopping.aborted
  }

  async #wait(ms: number): Promise<void> {
    this.#waiting++
    await pause(this.#options.clock, ms, this.#options.stopping)
    this.#waiting--
  }

  #breakOff(key: string, { rest, messageRef }: { rest: Rendered[]; messageRef: string }, tried: Failure): Tried {
    const [next, ...others] = rest
    const isUnclear = tried.outcome === 'unclear' && next !== undefined
    this.#unfinished.put(key, { rest: isUnclear ? [asDuplicate(next), ...others] : rest, messageRef })
    if (tried.outcome === 'moved') return tried
    // Telegram said no to the rest: nobody needs to wonder about that, only to come again.
    if (tried.outcome === 'retry') return { ...tried, isBegun: true }
    return { outcome: 'unclear', reason: `A part of it arrived. ${'reason' in tried ? tried.reason : ''}`.trim() }
  }

  /** `sent` also when the message already says so. What is repeated here changes nothing, so nothing is ever unclear. */
  async edit(messageRef: string, message: Outgoing): Promise<SendResult> {
    const at = parseMessageRef(messageRef)
    if (!at) return { outcome: 'refused', reason: 'Telegram knows no such message.' }
    const place = parseConversation(message.conversation)
    // After the move to a supergroup the old messages stand still; the card goes on in the new place.
    const hasMoved = place && !message.onlyFor && !isPrivateChat(at.chatId) && place.chatId !== at.chatId
    if (hasMoved) return this.send(place, message)
    const { text, entities, keyboard } = renderCard(message.parts, { isShared: !isPrivateChat(at.chatId) })
    const failure = await this.#attempt(() =>
      this.#options.api.editMessageText(at.chatId, at.messageId, text, {
        entities,
        ...NO_PREVIEW,
        ...markup(keyboard),
      }),
    )
    if (!failure || says(failure.error, 'message is not modified')) return { outcome: 'sent', messageRef }
    const result = failureOf(failure.error)
    return result.outcome === 'unclear' ? { outcome: 'retry', afterMs: EDIT_AGAIN_MS, reason: result.reason } : result
  }

  /** A sentence of our own, beside the message. */
  async say(place: Place, text: string, message: Outgoing, keyboard?: TextMessage['keyboard']): Promise<Tried> {
    return this.#sendText(place, { kind: 'text', text, entities: [], ...(keyboard ? { keyboard } : {}) }, message, true)
  }

  #sendOne(place: Place, next: Rendered, message: Outgoing, isFirst: boolean): Promise<Tried> {
    return next.kind === 'text'
      ? this.#sendText(place, next, message, isFirst)
      : this.#sendFile(place, next, message, isFirst)
  }

  async #sendText(place: Place, next: TextMessage, message: Outgoing, isFirst: boolean): Promise<Tried> {
    const { text, entities, keyboard } = next
    return this.#call(async () =>
      this.#options.api.sendMessage(place.chatId, text, {
        entities,
        ...NO_PREVIEW,
        ...markup(keyboard),
        ...thread(place),
        ...(isFirst ? answering(place, message) : {}),
      }),
    )
  }

  async #sendFile(place: Place, next: FileMessage, message: Outgoing, isFirst: boolean): Promise<Tried> {
    const bytes = await this.#bytesOf(next, message)
    const tried: Tried = bytes
      ? await this.#call(() =>
          this.#options.uploads.sendDocument(place.chatId, new InputFile(bytes, uploadName(next.name)), {
            ...(next.caption ? { caption: next.caption } : {}),
            ...markup(next.keyboard),
            ...thread(place),
            ...(isFirst ? answering(place, message) : {}),
          }),
        )
      : { outcome: 'refused', reason: 'It is not there any more.', isClosed: false }
    if (tried.outcome !== 'refused' || tried.isClosed) return tried
    // The words around a file are worth having without it, and a sentence in its place is better than a gap.
    const { text } = withoutPings(plain(`${next.name} could not be sent here. ${tried.reason}`))
    const { keyboard } = next
    return this.#sendText(
      place,
      { kind: 'text', text, entities: [], ...(keyboard ? { keyboard } : {}) },
      message,
      isFirst,
    )
  }

  async #bytesOf({ source, name }: FileMessage, message: Outgoing): Promise<Uint8Array | undefined> {
    if ('text' in source) return Buffer.from(source.text)
    try {
      return await message.readFile(source.artifactId)
    } catch (error) {
      this.#options.log.error({ err: error, artifactId: source.artifactId, name }, 'A file could not be read')
      return undefined
    }
  }

  async #call(call: () => Promise<{ chat: { id: number }; message_id: number }>): Promise<Tried> {
    try {
      const { chat, message_id } = await call()
      return { outcome: 'sent', messageRef: messageRefOf(chat.id, message_id) }
    } catch (error) {
      return failureOf(error)
    }
  }

  async #attempt(call: () => Promise<unknown>): Promise<{ error: unknown } | undefined> {
    try {
      await call()
      return undefined
    } catch (error) {
      return { error }
    }
  }
}

const markup = (keyboard: TextMessage['keyboard']) => (keyboard ? { reply_markup: { inline_keyboard: keyboard } } : {})

const thread = ({ threadId }: Place) => (threadId === undefined ? {} : { message_thread_id: threadId })

/** In a group the answer hangs on what it answers, if that is still there. */
function answering({ chatId }: Place, { replyTo, hints }: Outgoing) {
  const at = parseMessageRef(replyTo ?? hints?.messageRef ?? '')
  if (!at || at.chatId !== chatId || isPrivateChat(chatId)) return {}
  return { reply_parameters: { message_id: at.messageId, allow_sending_without_reply: true } }
}
