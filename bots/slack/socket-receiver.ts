import type { App, Receiver, SocketModeReceiver } from '@slack/bolt'
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/core.ts'
import { holdingAcks } from './held-ack.ts'
import { refusalOf } from './outcome.ts'

const RECONNECT_MIN_MS = 1_000
const RECONNECT_MAX_MS = 60_000

interface Options {
  /** Bolt's, with its own reconnecting switched off: a refusal there ends in an unhandled rejection. */
  inner: SocketModeReceiver
  clock: Clock
  log: Log
}

/** Socket Mode that stays connected: at once after a break, then with growing pauses, until it is stopped. */
export class SocketReceiver implements Receiver {
  readonly #options: Options
  #state: 'off' | 'connecting' | 'on' = 'off'
  #failed: string | undefined
  #cancelRetry = (): void => {}
  readonly #inFlight = new Set<Promise<void>>()

  constructor(options: Options) {
    this.#options = options
    options.inner.client.on('disconnected', () => this.#lost())
  }

  /** Why it is not connected although it should be. */
  get trouble(): string | undefined {
    return this.#state === 'connecting' ? (this.#failed ?? 'Connecting.') : undefined
  }

  init(app: App): void {
    const track = (event: Promise<void>): void => {
      const ended = event
        .catch(() => {})
        .then(() => {
          this.#inFlight.delete(ended)
        })
      this.#inFlight.add(ended)
    }
    this.#options.inner.init(holdingAcks(app, track))
  }

  /** Rejects when Slack refuses the token. When Slack cannot be reached it resolves, and goes on trying. */
  async start(): Promise<void> {
    try {
      await this.#connect()
    } catch (error) {
      if (refusalOf(error)) throw error
      this.#retryAfter(RECONNECT_MIN_MS, error)
    }
  }

  /** The connection stays until what came over it has been acknowledged. */
  async stop(): Promise<void> {
    await Promise.all(this.#inFlight)
    const wasOn = this.#state === 'on'
    this.#state = 'off'
    this.#cancelRetry()
    if (wasOn) await this.#options.inner.client.disconnect()
  }

  async #connect(): Promise<void> {
    this.#state = 'connecting'
    await this.#options.inner.start()
    // Stopped while it was being connected.
    if ((this.#state as string) === 'off') await this.#options.inner.client.disconnect()
    else {
      this.#state = 'on'
      this.#failed = undefined
    }
  }

  #lost(): void {
    if (this.#state !== 'on') return
    this.#options.log.info({}, 'The connection to Slack has ended; connecting again')
    this.#connect().catch((error: unknown) => this.#retryAfter(RECONNECT_MIN_MS, error))
  }

  #retryAfter(delayMs: number, error: unknown): void {
    if (this.#state === 'off') return
    this.#failed = refusalOf(error) ?? 'Slack cannot be reached.'
    this.#options.log.warn({ err: error, delayMs }, 'Slack could not be reached; trying again')
    this.#cancelRetry = this.#options.clock.after(delayMs, () => {
      this.#connect().catch((again: unknown) => this.#retryAfter(Math.min(delayMs * 2, RECONNECT_MAX_MS), again))
    })
  }
}
