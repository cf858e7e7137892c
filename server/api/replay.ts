import type { Context } from 'hono'
import type { Actor } from '#core/actor.ts'
import type { Env } from '../env.ts'

/**
 * Does what a request asks for, once per Idempotency-Key. An answer that was given before is marked as such. Two
 * requests with one key at the same moment: the second waits in the database for the first, and has its answer.
 */
export async function doOnce<T>(c: Context<Env>, actor: Actor, action: (actor: Actor) => Promise<T>): Promise<T> {
  let isReplay = false
  const answer = await action({
    ...actor,
    onReplay: () => {
      isReplay = true
    },
  })
  if (isReplay) markReplayed(c)
  return answer
}

export const markReplayed = (c: Context<Env>): void => c.header('Idempotency-Replayed', 'true')
