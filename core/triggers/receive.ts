import type { SignatureScheme } from '#db/schema.ts'
import { findDeliveryByKey, insertDelivery } from '#db/trigger-deliveries.ts'
import { countDelivery, findTrigger, markCapped, type TriggerRow } from '#db/triggers.ts'
import { scrubberFor } from '../connections/scrub.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { deliveryNameOf } from './delivery-key.ts'
import { putDeliveryWork } from './delivery-work.ts'
import { type Payload, readPayload } from './payload.ts'
import { newTriggerSecret, secretsOf } from './secrets.ts'
import { isSigned, type RawRequest } from './signature.ts'
import { triggerEvent } from './trigger.ts'

export const DELIVERY_BYTES_MAX = 1024 * 1024
const MINUTE_MS = 60_000

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue' | 'settings'>

export interface Received {
  deliveryId: string
  status: 'accepted'
}

/**
 * Takes a delivery: its signature is checked before anything of it is read, and it is stored together with the work to start
 * its run. The same delivery again, however often, has the same answer and starts nothing. Refused: `unauthorized` alike for
 * a wrong signature, a trigger that is paused and one that never was, and then nothing is written; `bad_request` and
 * `unsupported_media_type` for a signed body that cannot be read; `too_many_requests` above the trigger's rate.
 */
export async function receiveDelivery(core: Needs, triggerId: string, request: RawRequest): Promise<Received> {
  const nowMs = core.clock.nowMs()
  const trigger = await findTrigger.first(core.db, { id: triggerId })
  const known = (await secretsOf(core.db, core, triggerId, nowMs)).map(({ secret }) => secret)
  const isOpen = trigger?.status === 'active' && known.length > 0
  const scheme = trigger?.scheme ?? schemeIn(request.headers)
  // Where nothing listens the same is done with a secret that nobody has.
  const isRight = isSigned(scheme, isOpen ? known : [newTriggerSecret(scheme)], request, nowMs)
  if (!trigger || !isOpen || !isRight) {
    throw new AppError('unauthorized', 'The signature is missing, wrong or too old, or nothing listens here.')
  }
  const read = readPayload(scheme, request)
  const name = deliveryNameOf(scheme, request, read.body, () => core.ids.newSecret())
  const payload = scrubberFor(known).json({ ...read }) as unknown as Payload
  return storeDelivery(core, trigger, {
    key: name.key,
    externalId: name.externalId,
    payload,
    sizeBytes: request.bytes.byteLength,
    nowMs,
  })
}

/** What a sender who knows of no trigger seems to use. */
function schemeIn(headers: RawRequest['headers']): SignatureScheme {
  if (headers['x-hub-signature-256'] !== undefined) return 'github'
  if (headers['stripe-signature'] !== undefined) return 'stripe'
  return headers.authorization === undefined ? 'standard_webhooks' : 'bearer'
}

interface NewDelivery {
  key: string
  externalId: string | null
  payload: Payload
  sizeBytes: number
  nowMs: number
}

async function storeDelivery(core: Needs, trigger: TriggerRow, given: NewDelivery): Promise<Received> {
  const { nowMs, key } = given
  const { id: triggerId } = trigger
  const windowMs = nowMs - (nowMs % MINUTE_MS)
  const id = core.ids.newId('dlv')
  const payloadJson = JSON.stringify(given.payload)
  const stored = await core.db
    .write(async function storeDelivery(tx): Promise<Received | undefined> {
      const row = { id, triggerId, deliveryKey: key, externalId: given.externalId, payloadJson, nowMs }
      const more = { sizeBytes: given.sizeBytes, replayOf: null, replayedBy: null }
      if (!(await insertDelivery.first(tx, { ...row, ...more }))) {
        const before = await findDeliveryByKey.first(tx, { triggerId, deliveryKey: key })
        return before && { deliveryId: before.id, status: 'accepted' }
      }
      // Nothing of it stays when there were too many, or somebody has paused it a moment ago.
      if ((await countDelivery.run(tx, { id: triggerId, windowMs, nowMs })) === 0) throw tooMany(windowMs, nowMs)
      const details = { deliveryId: id, externalId: given.externalId, sizeBytes: given.sizeBytes }
      await appendEvents(tx, nowMs, [triggerEvent(trigger, 'received', details)])
      await putDeliveryWork(core, tx, { id, context: trigger.context, nowMs })
      return { deliveryId: id, status: 'accepted' }
    })
    .catch(async (error: unknown) => {
      if (error instanceof AppError && error.code === 'too_many_requests')
        await noteCapped(core, trigger, windowMs, nowMs)
      throw error
    })
  // It was there a moment ago, and was swept away since: who sends it again is told to come back.
  if (!stored) throw new AppError('busy', 'Send it again in a moment.')
  return stored
}

function tooMany(windowMs: number, nowMs: number): AppError {
  const waitS = Math.max(1, Math.ceil((windowMs + MINUTE_MS - nowMs) / 1000))
  return new AppError('too_many_requests', `More deliveries a minute than this trigger takes. Wait ${waitS} seconds.`, {
    facts: { retryAfterS: waitS },
  })
}

/** Said once in a minute, however many are turned away. */
async function noteCapped(core: Needs, trigger: TriggerRow, windowMs: number, nowMs: number): Promise<void> {
  await core.db.write(async function noteCapped(tx) {
    if ((await markCapped.run(tx, { id: trigger.id, windowMs, nowMs })) === 0) return
    const details = { ratePerMinute: trigger.rate_per_minute }
    await appendEvents(tx, nowMs, [triggerEvent(trigger, 'capped', details)])
  })
}
