import type { Tx } from '#db/db.ts'
import { findTransferByKey } from '#db/ledger.ts'
import type { Actor } from '../actor.ts'
import { AppError } from '../errors.ts'
import type { Ids } from '../ids.ts'
import type { Json } from '../json.ts'
import { once } from '../once.ts'

/** What identifies one payment: a new id and, when the request has a key, that key, unique among all transfers for ever. */
export interface NewPayment {
  id: string
  idempotencyKey?: string
}

/**
 * Pays once per request key: the same request again has the same answer, and after the stored answers are gone the
 * transfer itself still stands in the way (`conflict`, naming it).
 */
export async function payOnce<T extends Json>(
  tx: Tx,
  { ids, actor, operation, input, nowMs }: { ids: Ids; actor: Actor; operation: string; input: Json; nowMs: number },
  pay: (payment: NewPayment) => Promise<T>,
): Promise<T> {
  const idempotencyKey = actor.requestKey && `${actor.accountId}/${operation}/${actor.requestKey}`
  // Before the stored answer is looked for: who finds the transfer of a request that has just ended finds its answer too.
  const before = idempotencyKey ? await findTransferByKey.first(tx, { idempotencyKey }) : undefined
  return once(tx, { actor, operation, input, nowMs }, async () => {
    if (before) {
      throw new AppError('conflict', 'This was paid already, under the same key.', { facts: { transferId: before.id } })
    }
    return pay({ id: ids.newId('tr'), ...(idempotencyKey ? { idempotencyKey } : {}) })
  })
}
