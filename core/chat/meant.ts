import type { Tx } from '#db/db.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import type { Json } from '../json.ts'
import { once } from '../once.ts'

/**
 * What somebody's words meant when their message was handled first. Once `/leaveteam Acme` has worked, no team of theirs
 * is called Acme any more; the same delivery handled again still has to mean that team, and get the same answer.
 */
export async function meantOnce<T extends Json>(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  { what, words }: { what: string; words: Json },
  find: (tx: Tx) => Promise<T>,
): Promise<T> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function rememberWhatWasMeant(tx) {
    return once(tx, { actor, operation: `meant.${what}`, input: words, nowMs }, () => find(tx))
  })
}
