import type { Api } from 'grammy'
import type { Update } from 'grammy/types'
import type { Receive } from '#core/chat/sender.ts'
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/core.ts'
import type { InTurn, Trouble } from '../channel.ts'
import { Backoff } from './backoff.ts'
import { cancelOn } from './cancel.ts'
import { isWrongToken, reasonOf } from './errors.ts'
import { toIncoming } from './incoming.ts'
import { ALLOWED_UPDATES, poll } from './polling.ts'
import type { Self } from './self.ts'
import { answer, readWebhook } from './webhook.ts'

export interface IntakeOptions {
  api: Api
  /** Where Telegram posts to, with the secret that proves it; without it updates are polled. */
  webhook?: { url: string; secret: string }
  /** The run whose text was shown as this draft, as far as this process knows. */
  runOfDraft?: (draftId: number) => string | undefined
  log: Log
  clock: Clock
}

/** Nobody else polls. */
const alone: InTurn = (stop, work) => work(stop)

/** The way in: takes updates by polling or by webhook, and has each stored before Telegram may forget it. */
export class Intake {
  readonly #options: IntakeOptions
  readonly #stopping = new AbortController()
  readonly #storing = new Set<Promise<void>>()
  #self: Self | undefined
  #wasConnected = false
  /** Undefined while Telegram answers. */
  #reason: string | undefined = 'Not connected yet.'
  #receive: Receive | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(options: IntakeOptions) {
    this.#options = options
  }

  /** Who the bot is; asks when it is not known yet. */
  async self(): Promise<Self> {
    if (this.#self) return this.#self
    const { id, username } = await this.#options.api.getMe(cancelOn(this.stopping))
    return (this.#self = { id, username })
  }

  /** Who the bot is, once Telegram has said so. */
  get knownSelf(): Self | undefined {
    return this.#self
  }

  trouble(): Trouble | undefined {
    return this.#reason === undefined ? undefined : { reason: this.#reason, wasConnected: this.#wasConnected }
  }

  #hasAnswered(): void {
    this.#reason = undefined
    this.#wasConnected = true
  }

  get stopping(): AbortSignal {
    return this.#stopping.signal
  }

  /** Comes back at once: Telegram out of reach must not hold up the start of everything else. */
  start(receive: Receive, inTurn: InTurn = alone): void {
    this.#receive = receive
    this.#running = this.#run(inTurn)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
    await Promise.allSettled(this.#storing)
  }

  /** 200 when the update is stored; nothing is done about it before that. */
  async post(request: Request): Promise<Response> {
    const { webhook, log } = this.#options
    if (!webhook) return answer(404)
    const update = await readWebhook(request, webhook.secret)
    if (update instanceof Response) return update
    if (!this.#self || !this.#receive || this.stopping.aborted) return answer(503, 'Not ready; send it again.')
    try {
      await this.#store(update)
      return answer(200)
    } catch (error) {
      log.error({ err: error, updateId: update.update_id }, 'An update could not be stored; Telegram will repeat it')
      return answer(500)
    }
  }

  async #run(inTurn: InTurn): Promise<void> {
    const { api, webhook, clock, log } = this.#options
    const backoff = new Backoff(clock, this.stopping)
    await this.#introduce(backoff)
    if (webhook || this.stopping.aborted) return
    await inTurn(this.stopping, (signal) =>
      poll({
        api,
        store: (update) => this.#store(update),
        answered: () => this.#hasAnswered(),
        failed: (reason) => {
          this.#reason = reason
        },
        backoff: new Backoff(clock, signal),
        log,
        signal,
      }),
    )
  }

  /** Learns who the bot is and says which way updates come; goes on trying until it has. */
  async #introduce(backoff: Backoff): Promise<void> {
    const { api, webhook, log } = this.#options
    while (!this.stopping.aborted) {
      try {
        await this.self()
        if (webhook) {
          const wish = { secret_token: webhook.secret, allowed_updates: ALLOWED_UPDATES }
          await api.setWebhook(webhook.url, wish, cancelOn(this.stopping))
        } else await api.deleteWebhook({}, cancelOn(this.stopping))
        this.#hasAnswered()
        return backoff.succeeded()
      } catch (error) {
        const why = isWrongToken(error) ? 'Telegram does not know this bot token' : 'Telegram could not be set up'
        this.#reason = `${why}: ${reasonOf(error)}`
        log.error({ reason: reasonOf(error) }, `${why}; it will be tried again`)
        await backoff.failed()
      }
    }
  }

  #store(update: Update): Promise<void> {
    const storing = this.#read(update)
    this.#storing.add(storing)
    return storing.finally(() => this.#storing.delete(storing))
  }

  async #read(update: Update): Promise<void> {
    const incoming = this.#normalise(update)
    if (incoming) await this.#receive?.(incoming)
  }

  /** One update that we cannot read must not stop those behind it. */
  #normalise(update: Update): ReturnType<typeof toIncoming> {
    const { log, clock, runOfDraft } = this.#options
    try {
      return this.#self && toIncoming(update, this.#self, clock.nowMs(), runOfDraft)
    } catch (error) {
      log.error({ err: error, updateId: update.update_id }, 'An update could not be read and was passed over')
      return undefined
    }
  }
}
