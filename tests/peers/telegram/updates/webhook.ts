import type { WebhookInfo } from 'grammy/types'
import type { World } from '../world/world.ts'
import { isLocal } from './local.ts'
import type { QueuedUpdate } from './queue.ts'

export interface WebhookSettings {
  readonly url: string
  readonly secretToken: string
  readonly maxConnections: number
  readonly ipAddress: string
  readonly hasCertificate: boolean
}

const off: WebhookSettings = { url: '', secretToken: '', maxConnections: 40, ipAddress: '', hasCertificate: false }

/** Posts updates to the bot's address until it takes them, keeping those of one chat in order. */
export class Webhook {
  readonly #world: World
  #settings = off
  #inFlight = 0
  #lastError: { at: number; message: string } | undefined
  readonly #resting = new Set<QueuedUpdate>()
  readonly #stop = new AbortController()
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor(world: World) {
    this.#world = world
  }

  get url(): string {
    return this.#settings.url
  }

  set(settings: WebhookSettings): void {
    this.#settings = settings
    this.#lastError = undefined
    this.#resting.clear()
    this.wake()
  }

  delete(): void {
    this.#settings = off
  }

  get settings(): WebhookSettings {
    return this.#settings
  }

  info(): WebhookInfo {
    const { url, hasCertificate, maxConnections, ipAddress } = this.#settings
    const { updates } = this.#world
    const allowed = updates.allowed
      ? { allowed_updates: [...updates.allowed] as WebhookInfo['allowed_updates'] & object }
      : {}
    const base = {
      url,
      has_custom_certificate: hasCertificate,
      pending_update_count: updates.pending.length,
      ...allowed,
    }
    if (url === '') return base
    const error = this.#lastError
    return {
      ...base,
      max_connections: maxConnections,
      ip_address: ipAddress === '' ? '127.0.0.1' : ipAddress,
      ...(error ? { last_error_date: Math.floor(error.at / 1000), last_error_message: error.message } : {}),
    }
  }

  /** Starts every delivery that may start now. */
  wake(): void {
    if (this.url === '' || this.#stop.signal.aborted) return
    for (const queued of [...this.#world.updates.pending]) {
      if (this.#inFlight >= this.#settings.maxConnections) return
      const ahead = this.#world.updates.pending.find((other) => other.key === queued.key)
      if (ahead === queued && !queued.inFlight && !this.#resting.has(queued)) void this.#deliver(queued)
    }
  }

  async #deliver(queued: QueuedUpdate): Promise<void> {
    queued.inFlight = true
    queued.attempts += 1
    this.#inFlight += 1
    const settings = this.#settings
    const problem = await this.#post(queued, settings)
    this.#inFlight -= 1
    queued.inFlight = false
    if (problem === undefined) this.#world.updates.drop(queued)
    else if (settings === this.#settings) this.#rest(queued, problem)
    this.wake()
  }

  #rest(queued: QueuedUpdate, problem: string): void {
    this.#lastError = { at: this.#world.now(), message: problem }
    const { webhookRetryMs = 50, webhookAttempts = 100 } = this.#world.options
    if (queued.attempts >= webhookAttempts) {
      this.#world.updates.drop(queued)
      return
    }
    this.#resting.add(queued)
    const pause = Math.min(1000, webhookRetryMs * 2 ** Math.min(queued.attempts - 1, 10))
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#resting.delete(queued)
      this.wake()
    }, pause)
    this.#timers.add(timer)
  }

  async #post(queued: QueuedUpdate, settings: WebhookSettings): Promise<string | undefined> {
    const target = this.#world.options.webhookTarget?.(settings.url) ?? settings.url
    if (!isLocal(target)) return 'Connection refused'
    const secret = settings.secretToken === '' ? {} : { 'X-Telegram-Bot-Api-Secret-Token': settings.secretToken }
    try {
      const response = await fetch(target, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...secret },
        body: JSON.stringify(queued.update),
        redirect: 'manual',
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(60_000)]),
      })
      const answer = await response.text()
      if (!response.ok) return `Wrong response from the webhook: ${response.status} ${response.statusText}`
      this.#world.runWebhookReply(answer)
      return undefined
    } catch (error) {
      return error instanceof Error && error.name === 'TimeoutError' ? 'Read timeout expired' : 'Connection refused'
    }
  }

  stop(): void {
    this.#stop.abort()
    for (const timer of this.#timers) clearTimeout(timer)
  }
}
