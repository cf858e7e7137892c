import type { Reader, Tx } from '#db/db.ts'
import { findIdempotent, insertIdempotent } from '#db/idempotency.ts'
import type { Actor } from './actor.ts'
import { AppError } from './errors.ts'
import { sha256 } from './ids.ts'
import { canonicalJson, type Json } from './json.ts'

/**
 * Runs `body` once per request key and operation, in the caller's transaction. The second time the stored answer comes
 * back, `actor.onReplay` is told, and nothing is written; with other inputs under the same key it is refused
 * (`idempotency_key_reused`). Without a key the body simply runs. Answers are JSON: bigint and undefined do not survive.
 */
export async function once<T extends Json>(
  tx: Tx,
  { actor, operation, input, nowMs }: { actor: Actor; operation: string; input: Json; nowMs: number },
  body: () => Promise<T>,
): Promise<T> {
  if (!actor.requestKey) return body()
  const key = keyOf(actor, operation)
  const requestHash = sha256(canonicalJson(input))
  const before = await findIdempotent.first(tx, { key })
  if (before) {
    if (before.request_hash !== requestHash) throw keyReused()
    if (actor.onReplay) tx.afterCommit(actor.onReplay)
    return JSON.parse(before.response_json) as T
  }
  const response = await body()
  await insertIdempotent.run(tx, { key, requestHash, responseJson: JSON.stringify(response), nowMs })
  return response
}

/** Whether the operation was done under the actor's request key before: a look for those that are seldom done at all. */
export async function wasDone(on: Reader, actor: Actor, operation: string): Promise<boolean> {
  if (!actor.requestKey) return false
  return (await findIdempotent.first(on, { key: keyOf(actor, operation) })) !== undefined
}

const keyOf = ({ accountId, requestKey }: Actor, operation: string): string => `${accountId}/${operation}/${requestKey}`

/**
 * The answer that this request has got before, for operations that check something which may be different by now before they
 * come to their transaction. Refused like `once`.
 */
export async function answerBefore<T extends Json>(
  on: Reader,
  { actor, operation, input }: { actor: Actor; operation: string; input: Json },
): Promise<T | undefined> {
  if (!actor.requestKey) return undefined
  const before = await findIdempotent.first(on, { key: keyOf(actor, operation) })
  if (!before) return undefined
  if (before.request_hash !== sha256(canonicalJson(input))) throw keyReused()
  actor.onReplay?.()
  return JSON.parse(before.response_json) as T
}

export const keyReused = (): AppError =>
  new AppError('idempotency_key_reused', 'This Idempotency-Key was used before with a different request.')
