import type { Tx } from '#db/db.ts'
import { contextKey, personal } from '../context.ts'
import type { Core } from '../core.ts'

const PREFIX = 'notify:'

/** The person whose held back notifications an item of work is about; undefined for other keys. */
export const accountOfHeldKey = (key: string): string | undefined =>
  key.startsWith(PREFIX) ? key.slice(PREFIX.length) : undefined

/** Has somebody's held back notifications looked at then, or earlier: one item for each person, so one at a time. */
export const wakeHeldAt = (core: Pick<Core, 'queue'>, tx: Tx, accountId: string, atMs: number): Promise<void> =>
  core.queue.enqueue(tx, {
    kind: 'run',
    key: `${PREFIX}${accountId}`,
    runAtMs: atMs,
    fairGroup: contextKey(personal(accountId)),
  })
