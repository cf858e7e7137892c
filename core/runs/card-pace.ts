/** A card is brought up to date this often while its run goes on; channels have their own, slower pace. */
const CARD_EVERY_MS = 1_000

/** When the card of a run that goes on is written again: not with each change, and never without the last one. */
export class CardPace {
  #shownAtMs: number
  #isBehind = false

  constructor(shownAtMs: number) {
    this.#shownAtMs = shownAtMs
  }

  isDue(nowMs: number): boolean {
    return nowMs - this.#shownAtMs >= CARD_EVERY_MS
  }

  /** A change came faster than the card follows. */
  get isBehind(): boolean {
    return this.#isBehind
  }

  /** The card was written with what was true at that moment. */
  shown(nowMs: number): void {
    this.#shownAtMs = nowMs
    this.#isBehind = false
  }

  /** A change was written without it; the end of a run shows itself. */
  passed({ hasEnded }: { hasEnded: boolean }): void {
    this.#isBehind = !hasEnded
  }
}
