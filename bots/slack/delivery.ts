import type { webApi } from '@slack/bolt'
import type { Outgoing, SendResult } from '#core/chat/sender.ts'
import type { Log } from '#core/core.ts'
import { isDirect, parseConversation } from './address.ts'
import { type FilePart, NotShared, shareFile } from './files.ts'
import { outcomeOf } from './outcome.ts'
import { markDuplicate, type Post, toPosts } from './pack.ts'
import type { Plans } from './plans.ts'
import { type Destination, openDirect, post } from './posting.ts'
import type { ResponseUrls } from './response-url.ts'
import { escapeText } from './text.ts'

type Step = { kind: 'post'; post: Post } | { kind: 'file'; file: FilePart }

/** How far a message got that had to wait between its pieces. */
interface Progress {
  done: number
  messageRef: string | undefined
  /** Whether the next piece may be there already. */
  isUnsure: boolean
}

const REMEMBERED_MAX = 500

/** Sends a message that may be several of Slack's. A piece that was shown is not shown again when the rest is tried again. */
export class Deliveries {
  readonly #apiUrl: string
  readonly #responseUrls: ResponseUrls
  readonly #plans: Plans
  readonly #log: Log
  readonly #progress = new Map<string, Progress>()

  constructor(given: { apiUrl: string; responseUrls: ResponseUrls; plans: Plans; log: Log }) {
    const { apiUrl, responseUrls, plans, log } = given
    this.#apiUrl = apiUrl
    this.#responseUrls = responseUrls
    this.#plans = plans
    this.#log = log
  }

  async send(client: webApi.WebClient, message: Outgoing): Promise<SendResult> {
    const steps = stepsOf(message)
    if (steps.length === 0) return { outcome: 'refused', reason: 'The message is empty.' }
    const { maybeDuplicate: isUnsure } = message
    const progress = this.#progress.get(message.key) ?? { done: 0, messageRef: undefined, isUnsure }
    for (const step of steps.slice(progress.done)) {
      try {
        const messageRef = await this.#take(client, message, step, progress.isUnsure)
        progress.messageRef ??= messageRef
        progress.isUnsure = false
        progress.done++
      } catch (error) {
        const result = failed(error)
        if (result.outcome === 'refused') this.#progress.delete(message.key)
        else this.#remember(message.key, { ...progress, isUnsure: progress.isUnsure || result.outcome === 'unclear' })
        return result.outcome === 'retry' && progress.done > 0 ? { ...result, isBegun: true } : result
      }
    }
    this.#progress.delete(message.key)
    return { outcome: 'sent', messageRef: progress.messageRef ?? '' }
  }

  async #take(client: webApi.WebClient, message: Outgoing, step: Step, isUnsure: boolean): Promise<string> {
    const needs = { client, responseUrls: this.#responseUrls, plans: this.#plans }
    const to = destinationOf(message)
    if (step.kind === 'post') return post(needs, to, isUnsure ? markDuplicate(step.post) : step.post)
    try {
      return await this.#share(client, message, to, step.file)
    } catch (error) {
      const { outcome, reason } = failed(error)
      if (outcome !== 'refused') throw error
      // The rest of the answer is worth having without its file.
      this.#log.warn({ cause: message.cause, reason }, 'A file could not be shared in Slack')
      return post(needs, to, fileMissing(step.file))
    }
  }

  /** A file cannot be shown to one person in a channel: it goes to them directly. */
  async #share(client: webApi.WebClient, message: Outgoing, to: Destination, file: FilePart): Promise<string> {
    const bytes = await message.readFile(file.artifactId)
    const isAlone = to.onlyFor !== undefined && !isDirect(to.channel)
    const address = isAlone ? { channel: await openDirectSafely(client, to.onlyFor ?? '') } : to
    const fileId = await shareFile(client, this.#apiUrl, address, file, bytes)
    return `${address.channel}/${fileId}`
  }

  #remember(key: string, progress: Progress): void {
    if (this.#progress.size >= REMEMBERED_MAX) this.#progress.clear()
    this.#progress.set(key, progress)
  }
}

function stepsOf({ parts }: Outgoing): Step[] {
  const files = parts.filter((part) => part.type === 'file')
  return [
    ...toPosts(parts).map((one): Step => ({ kind: 'post', post: one })),
    ...files.map((file): Step => ({ kind: 'file', file })),
  ]
}

const destinationOf = ({ conversation, onlyFor, hints }: Outgoing): Destination => ({
  ...parseConversation(conversation),
  ...(onlyFor ? { onlyFor } : {}),
  ...(hints ? { hints } : {}),
})

const failed = (error: unknown): ReturnType<typeof outcomeOf> =>
  error instanceof NotShared ? outcomeOf(error.cause, true) : outcomeOf(error)

const openDirectSafely = (client: webApi.WebClient, externalId: string): Promise<string> =>
  openDirect(client, externalId).catch((cause: unknown) => {
    throw new NotShared('The direct message could not be opened', { cause })
  })

function fileMissing({ name }: FilePart): Post {
  const text = `${name} could not be shared here; it is kept in the console.`
  return {
    text: escapeText(text),
    blocks: [{ type: 'context', elements: [{ type: 'plain_text', text, emoji: false }] }],
  }
}
