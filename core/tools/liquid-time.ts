/**
 * What Liquid asks whether a rendering takes too long, going by the time that this thread worked: a machine that sleeps, and
 * one that has too much to do, are no fault of a template. The thread is asked only when so much time has gone by on the wall.
 */
export class ThreadTimeLimit {
  readonly #limitMs: number
  readonly #beganMs = threadMs()
  #lookAtMs: number

  constructor(limitMs: number) {
    this.#limitMs = limitMs
    this.#lookAtMs = performance.now() + limitMs
  }

  /** `nowMs` is Liquid's `performance.now()`. Throws in Liquid's own words. */
  check(nowMs: number): void {
    if (nowMs <= this.#lookAtMs) return
    const leftMs = this.#limitMs - (threadMs() - this.#beganMs)
    if (leftMs <= 0) throw new Error('template render limit exceeded')
    this.#lookAtMs = nowMs + leftMs
  }
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
