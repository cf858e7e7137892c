import type { Tx } from '#db/db.ts'
import type { Core } from '../core.ts'

const PREFIX = 'delivery:'

const deliveryKey = (id: string): string => `${PREFIX}${id}`

/** The delivery that an item of work is about; undefined for other work. */
export const deliveryOfKey = (key: string): string | undefined =>
  key.startsWith(PREFIX) ? key.slice(PREFIX.length) : undefined

/** Has the run of a delivery started, in the transaction that stores it: once that is there, it will be. */
export const putDeliveryWork = (
  { queue }: Pick<Core, 'queue'>,
  tx: Tx,
  { id, context, nowMs }: { id: string; context: string; nowMs: number },
): Promise<void> => queue.enqueue(tx, { kind: 'run', key: deliveryKey(id), runAtMs: nowMs, fairGroup: context })
