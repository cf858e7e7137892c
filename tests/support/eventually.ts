import { setTimeout as sleep } from 'node:timers/promises'

/** Asks again until it does not throw, and gives what it gave; the last error when the time is up. */
export async function eventually<T>(ask: () => Promise<T> | T, timeoutMs = 20_000): Promise<T> {
  const untilMs = performance.now() + timeoutMs
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (performance.now() > untilMs) throw error
      await sleep(20)
    }
  }
}
