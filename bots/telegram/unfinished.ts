import type { Rendered } from './render.ts'

/** What is missing of a message that broke off, and the ref of what arrived. */
export interface Begun {
  rest: Rendered[]
  messageRef: string
}

/** Enough for every conversation that breaks off at once; past it the oldest is sent anew. */
const KEPT_MAX = 500

/** Messages that broke off in the middle, by key. In memory only. */
export class Unfinished {
  readonly #begun = new Map<string, Begun>()

  put(key: string, begun: Begun): void {
    const oldest = this.#begun.keys().next()
    if (this.#begun.size >= KEPT_MAX && !oldest.done) this.#begun.delete(oldest.value)
    this.#begun.set(key, begun)
  }

  take(key: string): Begun | undefined {
    const begun = this.#begun.get(key)
    this.#begun.delete(key)
    return begun
  }
}
