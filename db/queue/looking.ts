import type { Clock } from '../clock.ts'

export interface LookingOptions {
  clock: Clock
  /** One look. What it leaves for another one it says with `again`. */
  look(): Promise<void>
  /** When something will be due that nobody needs to tell of. */
  nextDueMs(): Promise<number | undefined>
  onError(error: unknown): void
}

/** Looks when it is woken, one look at a time, and by itself when the next thing is due. */
export class Looking {
  readonly #options: LookingOptions
  #isOpen = false
  #running: Promise<void> | undefined
  #again = false
  #cancelTimer: () => void = () => {}

  constructor(options: LookingOptions) {
    this.#options = options
  }

  open(): void {
    this.#isOpen = true
    this.wake()
  }

  /** No look begins any more; resolves when the last one has ended. */
  async close(): Promise<void> {
    this.#isOpen = false
    this.#cancelTimer()
    await this.#running
    this.#cancelTimer()
  }

  wake(): void {
    this.#again = true
    if (this.#running || !this.#isOpen) return
    this.#running = this.#lookSoon()
  }

  /** To be called in a look that has not seen everything. */
  again(): void {
    this.#again = true
  }

  /** Resolves when the look that is under way has ended. */
  async ended(): Promise<void> {
    await this.#running
  }

  async #lookSoon(): Promise<void> {
    // The rest of this turn may put in more; one look finds it all.
    await new Promise(setImmediate)
    await this.#lookNow()
    this.#running = undefined
    if (this.#again) this.wake()
  }

  async #lookNow(): Promise<void> {
    try {
      while (this.#again && this.#isOpen) {
        this.#again = false
        await this.#options.look()
      }
      await this.#setTimer()
    } catch (error) {
      this.#options.onError(error)
    }
  }

  async #setTimer(): Promise<void> {
    const { clock, nextDueMs } = this.#options
    const next = await nextDueMs()
    this.#cancelTimer()
    if (next === undefined) return
    const delayMs = next - clock.nowMs()
    // What is overdue waits for capacity, and whoever frees some wakes us.
    if (delayMs > 0) this.#cancelTimer = clock.after(delayMs, () => this.wake())
  }
}
