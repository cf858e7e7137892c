import type { Clock } from '#core/clock.ts'

/** What comes of it, or undefined when that takes too long or fails. What is late goes on, and is nobody's business. */
export async function inTime<T>(clock: Clock, waitMs: number, asked: Promise<T>): Promise<T | undefined> {
  let cancel = (): void => {}
  const timeUp = new Promise<undefined>((resolve) => {
    cancel = clock.after(waitMs, () => resolve(undefined))
  })
  const answer = asked.catch(() => undefined)
  return Promise.race([answer, timeUp]).finally(() => cancel())
}
