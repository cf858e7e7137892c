import type { Tx } from '#db/db.ts'
import { listInLine } from '#db/funds-waits.ts'
import { type Context, type ContextKey, contextKey } from '../context.ts'
import type { Core } from '../core.ts'

const PREFIX = 'funds:'

/** The work of giving a wallet's money to the runs that wait for it; one item for each wallet, so one at a time. */
const fundsKey = (context: ContextKey): string => `${PREFIX}${context}`

/** The context behind such an item; undefined for other keys. */
export const contextOfFundsKey = (key: string): ContextKey | undefined =>
  key.startsWith(PREFIX) ? key.slice(PREFIX.length) : undefined

/**
 * Has the runs looked at that wait in a wallet, once this transaction is committed: there is more money, or more room.
 * It goes with the work on runs, which it is a part of: a kind of its own would be asked for at every look of the queue.
 */
export const wakeWaiting = (core: Pick<Core, 'queue' | 'clock'>, tx: Tx, context: ContextKey): Promise<void> =>
  core.queue.enqueue(tx, {
    kind: 'run',
    key: fundsKey(context),
    runAtMs: core.clock.nowMs(),
    fairGroup: context,
  })

/** The same where nobody knows yet whether any run waits. */
export async function wakeIfAnyWaits(core: Pick<Core, 'queue' | 'clock'>, tx: Tx, context: Context): Promise<void> {
  const key = contextKey(context)
  if (await listInLine.first(tx, { context: key, afterMs: 0, afterRunId: '', limit: 1 }))
    await wakeWaiting(core, tx, key)
}
