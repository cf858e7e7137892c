import type { Clock } from '#core/clock.ts'
import { MINUTE_MS, type Share, type Shares } from './shares.ts'

export interface Counted {
  isRefused: boolean
  left: number
  /** Until the minute, or however long it is counted for, is over. */
  waitMs: number
}

/** Whose minutes are over is looked through when there are so many. */
const KNOWN_MOST = 10_000

/**
 * Counts what is taken from shares of this process; the next share is drawn when one is used up, by one of those who wait
 * for it. What is known to be used up is refused without asking again: a flood stays in memory.
 */
export class Counter {
  readonly #shares: Shares
  readonly #clock: Pick<Clock, 'nowMs'>
  readonly #points: number
  readonly #name: string
  readonly #lengthMs: number
  readonly #known = new Map<string, Share>()
  readonly #drawing = new Map<string, Promise<void>>()

  constructor(
    shares: Shares,
    clock: Pick<Clock, 'nowMs'>,
    { points, name, lengthMs = MINUTE_MS }: { points: number; name: string; lengthMs?: number },
  ) {
    this.#shares = shares
    this.#clock = clock
    this.#points = points
    this.#name = name
    this.#lengthMs = lengthMs
  }

  /** Rejects with what the shares reject with when there is none to draw from. */
  async take(whose: string): Promise<Counted> {
    for (;;) {
      const counted = this.#takeKnown(whose)
      if (counted) return counted
      await this.#draw(whose)
    }
  }

  #takeKnown(whose: string): Counted | undefined {
    const share = this.#known.get(whose)
    if (!share) return undefined
    const waitMs = share.endsAtMs - this.#clock.nowMs()
    if (waitMs <= 0) return undefined
    if (share.granted > 0) {
      share.granted--
      return { isRefused: false, left: share.left + share.granted, waitMs }
    }
    return share.left > 0 ? undefined : { isRefused: true, left: 0, waitMs }
  }

  #draw(whose: string): Promise<void> {
    const drawing = this.#drawing.get(whose) ?? this.#drawNow(whose)
    this.#drawing.set(whose, drawing)
    return drawing
  }

  async #drawNow(whose: string): Promise<void> {
    try {
      const share = await this.#shares.draw(`${this.#name}:${whose}`, this.#points, this.#lengthMs)
      if (this.#known.size >= KNOWN_MOST) this.#forgetOver()
      this.#known.set(whose, share)
    } finally {
      this.#drawing.delete(whose)
    }
  }

  #forgetOver(): void {
    const nowMs = this.#clock.nowMs()
    for (const [whose, { endsAtMs }] of this.#known) if (endsAtMs <= nowMs) this.#known.delete(whose)
  }
}
