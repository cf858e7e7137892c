import type { webApi } from '@slack/bolt'
import type { LiveSender, LiveText } from '#core/chat/sender.ts'
import type { Log } from '#core/core.ts'
import { isDirect, parseConversation } from './address.ts'
import { outcomeOf, refusalOf } from './outcome.ts'
import { escapeText } from './text.ts'

/** Slack takes more than a hundred of these a minute; the card in the same thread is edited beside them. */
const EVERY_MS = 1_500
/** Of one stream; the rest is in the result. */
const WRITTEN_MAX = 11_000
/** Slack's words for: this app, or this server, does not stream at all. */
const NEVER = new Set(['unknown_method', 'missing_scope', 'not_allowed_token_type', 'method_deprecated'])
/** So many threads that take no streams are remembered. */
const REFUSED_MAX = 500

interface Stream {
  channel: string
  threadTs: string
  /** Once it has begun. */
  ts: string | undefined
  written: number
  /** What Slack had no room for yet. */
  waiting: string
  last: Promise<unknown>
}

/**
 * Text while it is written, as a message that grows, in the threads in which people talk to an app: that is where Slack
 * offers it. When the run writes no more it is taken away, because the result comes as a message of its own. A thread that
 * does not take it is not asked again, and has the card.
 */
export class Streams implements LiveSender {
  readonly everyMs = EVERY_MS
  readonly #client: () => Promise<webApi.WebClient>
  readonly #log: Log
  readonly #streams = new Map<string, Stream>()
  readonly #refused = new Set<string>()
  #isOff = false

  constructor({ client, log }: { client: () => Promise<webApi.WebClient>; log: Log }) {
    this.#client = client
    this.#log = log
  }

  isOffered(conversation: string): boolean {
    return (
      !this.#isOff &&
      isDirect(conversation) &&
      parseConversation(conversation).threadTs !== undefined &&
      !this.#refused.has(conversation)
    )
  }

  async show({ runId, conversation, added }: LiveText): Promise<{ againAfterMs?: number } | 'off'> {
    const { channel, threadTs } = parseConversation(conversation)
    if (!threadTs || !this.isOffered(conversation)) return 'off'
    const key = `${conversation} ${runId}`
    const stream = this.#streams.get(key) ?? {
      channel,
      threadTs,
      ts: undefined,
      written: 0,
      waiting: '',
      last: Promise.resolve(),
    }
    this.#streams.set(key, stream)
    stream.waiting += roomFor(stream, added)
    const written = this.#write(stream)
    stream.last = written.catch(() => {})
    try {
      await written
      return {}
    } catch (error) {
      const outcome = outcomeOf(error)
      if (outcome.outcome === 'retry') return { againAfterMs: outcome.afterMs }
      this.#refuse(conversation, error)
      this.end({ runId, conversation })
      return 'off'
    }
  }

  end({ runId, conversation }: Pick<LiveText, 'runId' | 'conversation'>): void {
    const key = `${conversation} ${runId}`
    const stream = this.#streams.get(key)
    this.#streams.delete(key)
    if (stream) void stream.last.then(() => this.#takeAway(stream))
  }

  async #write(stream: Stream): Promise<void> {
    const { channel, threadTs, ts, waiting } = stream
    if (waiting.trim() === '') return
    const client = await this.#client()
    const markdown_text = asWords(waiting)
    if (ts === undefined) {
      const begun = await client.chat.startStream({ channel, thread_ts: threadTs, markdown_text })
      stream.ts = begun.ts
    } else {
      await client.chat.appendStream({ channel, ts, markdown_text })
    }
    stream.waiting = stream.waiting.slice(waiting.length)
  }

  async #takeAway({ channel, ts }: Stream): Promise<void> {
    if (ts === undefined) return
    const client = await this.#client()
    try {
      await client.chat.stopStream({ channel, ts })
    } catch (err) {
      this.#log.debug({ err }, 'A stream could not be ended in Slack')
    }
    await client.chat.delete({ channel, ts }).catch((err: unknown) => {
      this.#log.debug({ err }, 'A streamed message could not be taken away in Slack')
    })
  }

  #refuse(conversation: string, error: unknown): void {
    const refusal = refusalOf(error)
    if (refusal !== undefined && NEVER.has(refusal)) {
      this.#isOff = true
      this.#log.info({ reason: refusal }, 'Slack takes no streams here; text shows when it is whole')
    }
    if (this.#refused.size >= REFUSED_MAX) this.#refused.clear()
    this.#refused.add(conversation)
  }
}

/** What of it still belongs into the stream. */
function roomFor(stream: Stream, added: string): string {
  const left = WRITTEN_MAX - stream.written
  stream.written += added.length
  if (left <= 0) return ''
  return added.length <= left ? added : `${added.slice(0, left).toWellFormed()} …`
}

/** What a model wrote as words and nothing else: it names nobody, calls nobody and links nowhere. */
export const asWords = (text: string): string =>
  escapeText(text)
    .replaceAll(/[\\`*_~[\]#|]/g, (sign) => `\\${sign}`)
    .replaceAll('://', ':\u2060//')
    .replaceAll(/\bwww\./gi, (start) => `${start.slice(0, 3)}\u2060.`)
    .replaceAll(/@(?=channel|here|everyone)/gi, '@\u2060')
