import { setTimeout as sleep } from 'node:timers/promises'
import type { Companion } from '#db/queue/dispatcher.ts'
import type { Core } from '../core.ts'
import { inTurn } from '../leases/turn.ts'
import { fireDueRules, followEvents } from './follow.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue' | 'log'>

/** After this long without a sign of life another process follows the events. */
const LEASE_MS = 15_000
/** A look even when nothing has happened here: a time may have come. */
const LOOK_EVERY_MS = 1_000
/** Every commit of the program wakes it; a moment's pause makes one look of many. */
const PAUSE_MS = 25
/** Where nobody listens, and after a failure. */
const SELDOM_MS = 500

/** Lets rules speak, in one process at a time. */
export class RuleFollower implements Companion {
  readonly #core: Needs
  readonly #stop = new AbortController()
  readonly #ended: Promise<void>
  #wake: () => void = () => {}

  constructor(core: Needs) {
    this.#core = core
    const turn = { resource: 'rules', purpose: 'Lets rules speak', ttlMs: LEASE_MS, stop: this.#stop.signal }
    this.#ended = inTurn(core, turn, (signal) => this.#follow(signal))
  }

  wake(): void {
    this.#wake()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.#wake()
    await this.#ended
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const unsubscribe = this.#core.db.onChange(() => this.#wake())
    const wake = (): void => this.#wake()
    signal.addEventListener('abort', wake)
    try {
      while (!signal.aborted) {
        const woken = this.#untilWoken(LOOK_EVERY_MS)
        const waitMs = (await this.#look()) ? PAUSE_MS : SELDOM_MS
        await woken
        await sleep(waitMs, undefined, { signal }).catch(() => {})
      }
    } finally {
      unsubscribe()
      signal.removeEventListener('abort', wake)
    }
  }

  /** Whether to look again as soon as something happens. */
  async #look(): Promise<boolean> {
    try {
      await fireDueRules(this.#core)
      return await followEvents(this.#core)
    } catch (err) {
      this.#core.log.warn({ err }, 'Rules could not be looked after and will be in a moment')
      return false
    }
  }

  #untilWoken(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
