import type { Clock } from '#core/clock.ts'

/** A clock that moves only when told to; what is due by then happens in order. */
export class TestClock implements Clock {
  #nowMs: number
  #timers: { atMs: number; action: () => void }[] = []

  constructor(start: string | number = '2026-11-20T10:00:00Z') {
    this.#nowMs = typeof start === 'number' ? start : Date.parse(start)
  }

  nowMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, action: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, action }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  advance(ms: number): void {
    const untilMs = this.#nowMs + ms
    for (;;) {
      const due = this.#timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0]
      if (!due) break
      this.#timers = this.#timers.filter((other) => other !== due)
      this.#nowMs = Math.max(this.#nowMs, due.atMs)
      due.action()
    }
    this.#nowMs = untilMs
  }
}
