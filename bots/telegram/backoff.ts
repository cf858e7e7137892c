import type { Clock } from '#core/clock.ts'
import { pause } from '#core/pause.ts'

const FIRST_MS = 500
const LONGEST_MS = 30_000

/** Waits longer with each failure in a row. */
export class Backoff {
  readonly #clock: Clock
  readonly #signal: AbortSignal
  #failures = 0

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock
    this.#signal = signal
  }

  succeeded(): void {
    this.#failures = 0
  }

  /** `atLeastMs`: what the other side asked for. */
  failed(atLeastMs = 0): Promise<void> {
    const ms = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures++)
    return pause(this.#clock, Math.max(ms, atLeastMs), this.#signal)
  }
}
