/** Wakes whoever waits for the world to change. Tests wait on facts, not on sleeps. */
export class Signal {
  readonly #listeners = new Set<() => void>()
  lastChange = Date.now()

  notify(): void {
    this.lastChange = Date.now()
    for (const listener of [...this.#listeners]) listener()
  }

  /** Resolves with the first defined answer of `look`, asked now and after every change. */
  until<T>(look: () => T | undefined, timeoutMs: number, complaint: () => string): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer)
        this.#listeners.delete(check)
        settle()
      }
      const check = (): void => {
        try {
          const found = look()
          if (found !== undefined) finish(() => resolve(found))
        } catch (error) {
          finish(() => reject(error))
        }
      }
      const timer = setTimeout(() => finish(() => reject(new Error(complaint()))), timeoutMs)
      this.#listeners.add(check)
      check()
    })
  }
}
