import type { Active } from './active.ts'
import type { WorkItem, WorkKind } from './queue.ts'

interface Limits {
  /** How many of each kind at once in this process. */
  capacity: Record<WorkKind, number>
  /** How many runs of one context this process begins by itself. */
  perContext: number
}

/** What this process has room for beside what it works on, and whose runs must not be passed by. */
export class Room {
  readonly #active: Active
  readonly #limits: Limits
  /** Contexts of which runs wait in the queue: what comes later must not pass them by. */
  readonly #behind = new Set<string>()

  constructor(active: Active, limits: Limits) {
    this.#active = active
    this.#limits = limits
  }

  freeFor(kind: WorkKind): number {
    return this.#limits.capacity[kind] - this.#active.count(kind)
  }

  hasFor({ kind, fairGroup }: Pick<WorkItem, 'kind' | 'fairGroup'>): boolean {
    if (this.freeFor(kind) <= 0) return false
    // Only runs have limits of their context.
    return kind !== 'run' || (this.#active.countOf(fairGroup) < this.#limits.perContext && !this.#behind.has(fairGroup))
  }

  /** A run of this context goes into the queue. */
  fellBehind(fairGroup: string): void {
    this.#behind.add(fairGroup)
  }

  /** To be asked before a look; given to `caughtUp` when the look found no more than it could take. */
  behind(): readonly string[] {
    return [...this.#behind]
  }

  /** Nothing waits any more of contexts that got all they asked for; those at their limit may have more. */
  caughtUp(behind: readonly string[]): void {
    for (const group of behind) {
      if (this.#active.countOf(group) < this.#limits.perContext) this.#behind.delete(group)
    }
  }
}
