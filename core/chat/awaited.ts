import { findAwaitedReply, putAwaitedReply, takeAwaitedReply } from '#db/awaited-replies.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { once, wasDone } from '../once.ts'

type Needs = Pick<Core, 'db' | 'clock'>

const TAKE = 'awaited.take'

/** Who was asked something answers soon, or has forgotten it; then their words are words again. */
const LIFETIME_MS = 60 * 60 * 1000

/**
 * What a person says next on this channel, without a slash, belongs behind this command line. Kept across restarts, for
 * an hour; the last question counts.
 */
export async function awaitWords(core: Needs, actor: Actor, command: string): Promise<void> {
  const nowMs = core.clock.nowMs()
  await core.db.write(async function awaitWords(tx) {
    await once(tx, { actor, operation: 'awaited.put', input: command, nowMs }, async () => {
      const { accountId, channel } = actor
      await putAwaitedReply.run(tx, { accountId, channel, command, expiresAtMs: nowMs + LIFETIME_MS })
      return null
    })
  })
}

/** The command line that words without a slash belong to, once; the same delivery handled again gets it again. */
export async function takeAwaited(core: Needs, actor: Actor): Promise<string | undefined> {
  const { accountId, channel } = actor
  const nowMs = core.clock.nowMs()
  // Most words are not awaited: a look is cheaper than a write.
  const isAsked = await findAwaitedReply.first(core.db, { accountId, channel })
  if (!isAsked && !(await wasDone(core.db, actor, TAKE))) return undefined
  const taken = await core.db.write(async function takeAwaitedWords(tx) {
    return once(tx, { actor, operation: TAKE, input: null, nowMs }, async () => {
      const found = await takeAwaitedReply.first(tx, { accountId, channel })
      return found && found.expires_at_ms > nowMs ? found.command : null
    })
  })
  return taken ?? undefined
}

/** Forgets what was asked; false when nothing was. */
export async function dropAwaited(core: Needs, actor: Actor): Promise<boolean> {
  const { accountId, channel } = actor
  const nowMs = core.clock.nowMs()
  return core.db.write(async function dropAwaitedWords(tx) {
    return once(tx, { actor, operation: 'awaited.drop', input: null, nowMs }, async () => {
      const found = await takeAwaitedReply.first(tx, { accountId, channel })
      return found !== undefined && found.expires_at_ms > nowMs
    })
  })
}
