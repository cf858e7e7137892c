/** What one session has under way, by the number of its step: at most one call each, and each can be told to stop. */
export class Executing {
  readonly #calls = new Map<number, AbortController>()

  /** The signal by which the call is told to stop. It is under way until `end`. */
  begin(seq: number): AbortSignal {
    const call = new AbortController()
    this.#calls.set(seq, call)
    return call.signal
  }

  end(seq: number): void {
    this.#calls.delete(seq)
  }

  has(seq: number): boolean {
    return this.#calls.has(seq)
  }

  get isEmpty(): boolean {
    return this.#calls.size === 0
  }

  abort(seq: number): void {
    this.#calls.get(seq)?.abort()
  }

  abortAll(): void {
    for (const call of this.#calls.values()) call.abort()
  }
}
