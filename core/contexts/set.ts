import { forgetAnyContext, rememberContext } from '#db/contexts.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'
import { once } from '../once.ts'
import { readTarget } from './explicit.ts'
import { resolveWish } from './resolve.ts'

export type SetContext = { context: { type: 'user' | 'team'; id: string }; name: string }

/**
 * Remembers, for this person on this channel, in which context they act: `personal`, or a team of theirs by name or id.
 * Refused like an explicit context. A chat that is tied to a team keeps that team all the same.
 */
export async function setContext(core: Pick<Core, 'db' | 'clock'>, actor: Actor, target: string): Promise<SetContext> {
  const nowMs = core.clock.nowMs()
  const wish = readTarget(target)
  const { accountId, channel } = actor
  return core.db.write(async function rememberChosenContext(tx) {
    return once(tx, { actor, operation: 'context.set', input: { channel, target }, nowMs }, async () => {
      const { context, name } = await resolveWish(tx, accountId, wish)
      const key = contextKey(context)
      // Personal is what nothing remembered means.
      if (context.type === 'user') await forgetAnyContext.run(tx, { accountId, channel })
      else await rememberContext.run(tx, { accountId, channel, context: key })
      await appendEvents(tx, nowMs, [
        { type: 'context.set', actor: accountId, context: key, subject: accountId, details: { channel, name } },
      ])
      return { context: { ...context }, name }
    })
  })
}
