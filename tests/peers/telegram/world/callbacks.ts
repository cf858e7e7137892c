import { randomInt } from 'node:crypto'
import type { CallbackOutcome } from '../types.ts'
import type { World } from './world.ts'

interface Waiting {
  settle(outcome: Pick<CallbackOutcome, 'answered' | 'text' | 'showAlert' | 'url'>): void
}

const silence = { answered: false, text: '', showAlert: false, url: '' }

/** Pressed buttons whose spinners still turn. */
export class Callbacks {
  readonly #waiting = new Map<string, Waiting>()
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  get size(): number {
    return this.#waiting.size
  }

  /** Opens a query; the outcome comes when it is answered, or says so when nobody answers in time. */
  open(
    tell: (queryId: string) => number | undefined,
  ): Promise<CallbackOutcome> & { queryId: string; updateId: number | undefined } {
    // Real identifiers are past what a double holds exactly, so a bot that makes numbers of them breaks here too.
    const queryId = `4${String(randomInt(1e9)).padStart(9, '0')}${String(randomInt(1e9)).padStart(9, '0')}`
    const { promise, resolve } = Promise.withResolvers<CallbackOutcome>()
    const timer = setTimeout(() => this.answer(queryId, silence), this.#world.options.callbackTimeoutMs ?? 15_000)
    let updateId: number | undefined
    this.#waiting.set(queryId, {
      settle: (outcome) => {
        clearTimeout(timer)
        resolve({ ...outcome, queryId, updateId })
      },
    })
    updateId = tell(queryId)
    return Object.assign(promise, { queryId, updateId })
  }

  /** False when the query is unknown, too old, or answered before. */
  answer(queryId: string, outcome: Parameters<Waiting['settle']>[0]): boolean {
    const waiting = this.#waiting.get(queryId)
    this.#waiting.delete(queryId)
    waiting?.settle(outcome)
    this.#world.signal.notify()
    return waiting !== undefined
  }

  stop(): void {
    for (const queryId of [...this.#waiting.keys()]) this.answer(queryId, silence)
  }
}
