import { setTimeout as sleep } from 'node:timers/promises'
import type { Claim, WorkKind } from './queue.ts'

interface Entry {
  abort: AbortController
  done: Promise<void>
}

/** What this process is working on. */
export class Active {
  readonly #entries = new Map<Claim, Entry>()
  readonly #byKind: Record<WorkKind, number> = { run: 0, inbox: 0, outbox: 0 }
  readonly #runsByGroup = new Map<string, number>()

  get size(): number {
    return this.#entries.size
  }

  has(claim: Claim): boolean {
    return this.#entries.has(claim)
  }

  claims(): Claim[] {
    return [...this.#entries.keys()]
  }

  count(kind: WorkKind): number {
    return this.#byKind[kind]
  }

  /** Runs of one context. */
  countOf(fairGroup: string): number {
    return this.#runsByGroup.get(fairGroup) ?? 0
  }

  /** Begins work that never rejects, and says when it has ended. */
  begin(claim: Claim, work: (signal: AbortSignal) => Promise<void>, ended: () => void): void {
    const abort = new AbortController()
    this.#count(claim, 1)
    const done = work(abort.signal).finally(() => {
      this.#entries.delete(claim)
      this.#count(claim, -1)
      ended()
    })
    this.#entries.set(claim, { abort, done })
  }

  abort(claim: Claim): void {
    this.#entries.get(claim)?.abort.abort()
  }

  /** Aborts everything, and says what that was. */
  abortAll(): Claim[] {
    for (const { abort } of this.#entries.values()) abort.abort()
    return this.claims()
  }

  /** Resolves when nothing is under way any more, at that time at the latest. */
  async ended(untilMs: number): Promise<void> {
    while (this.#entries.size > 0) {
      const leftMs = untilMs - performance.now()
      if (leftMs <= 0) return
      const late = new AbortController()
      const all = Promise.allSettled([...this.#entries.values()].map(({ done }) => done))
      await Promise.race([all, sleep(leftMs, undefined, { signal: late.signal }).catch(() => {})])
      late.abort()
    }
  }

  #count({ kind, fairGroup }: Claim, change: 1 | -1): void {
    this.#byKind[kind] += change
    if (kind !== 'run') return
    const runs = this.countOf(fairGroup) + change
    if (runs > 0) this.#runsByGroup.set(fairGroup, runs)
    else this.#runsByGroup.delete(fairGroup)
  }
}
