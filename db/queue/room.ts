import type { Active } from './active.ts'
import type { WorkItem, WorkKind } from './queue.ts'

interface Limits {
  /** How many of each kind at once in this process. */
  capacity: Record<WorkKind, number>
  /** How many runs of one context this process begins by itself. */
  perContext: number
}

/** However overloaded it is, a process goes on with so many of a kind: with none it would never see that it can again. */
const LEAST = 4
/** After a beat at which nothing was lost a process takes so much more than before, up to what it was set to. */
const MORE = 1.25

/** What this process has room for beside what it works on, and whose runs must not be passed by. */
export class Room {
  readonly #active: Active
  readonly #limits: Limits
  /** Contexts of which runs wait in the queue: what comes later must not pass them by. */
  readonly #behind = new Set<string>()
  /** Of its capacity: what it can keep the leases of. */
  #share = 1

  constructor(active: Active, limits: Limits) {
    this.#active = active
    this.#limits = limits
  }

  freeFor(kind: WorkKind): number {
    const capacity = this.#limits.capacity[kind]
    const canKeep = Math.max(Math.min(LEAST, capacity), Math.floor(capacity * this.#share))
    return canKeep - this.#active.count(kind)
  }

  /**
   * To be told at each beat of the leases whether one was lost. Who loses leases has more than it can keep alive: what it
   * does is done again by others, who lose theirs in turn, and nothing ends any more. So it takes half as much at once,
   * and more again while all is well.
   */
  beat({ hasLost }: { hasLost: boolean }): void {
    this.#share = hasLost ? Math.max(this.#share / 2, 1 / 64) : Math.min(1, this.#share * MORE)
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
