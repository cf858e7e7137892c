import { findDelivery, insertDelivery } from '#db/trigger-deliveries.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { AppError, notFound } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { once } from '../once.ts'
import { putDeliveryWork } from './delivery-work.ts'
import { keptHeaders, type Payload } from './payload.ts'
import { triggerToChange } from './save.ts'
import type { Example } from './terms.ts'
import { triggerEvent } from './trigger.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

/**
 * Handles a delivery once more, as one of its own: with what came then, and with the mapping and the rights of now. Refused
 * (`expired`) when what came is not kept any more. The same request key again gives the same one.
 */
export async function replayDelivery(
  core: Needs,
  actor: Actor,
  { id, deliveryId }: { id: string; deliveryId: string },
): Promise<{ deliveryId: string }> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function replayDelivery(tx) {
    return once(tx, { actor, operation: 'trigger.replay', input: { id, deliveryId }, nowMs }, async () => {
      const trigger = await triggerToChange(tx, actor, id)
      requireActive(trigger)
      const before = await findDelivery.first(tx, { id: deliveryId })
      if (before?.trigger_id !== id) throw notFound('such delivery')
      if (before.status === 'accepted')
        throw new AppError('conflict', 'It was not handled yet: there is nothing to repeat.')
      if (before.payload_json === null) {
        throw new AppError('expired', 'What came with it is not kept any more; only the last hundred are.')
      }
      const replay = { payloadJson: before.payload_json, sizeBytes: before.size_bytes, externalId: before.external_id }
      return putByHand(core, tx, { trigger, actor, ...replay, replayOf: deliveryId, nowMs })
    })
  })
}

/** Handles a request that nobody has sent, as if it had come: what it starts is real, and paid. */
export async function sendTest(
  core: Needs,
  actor: Actor,
  { id, request }: { id: string; request: Example },
): Promise<{ deliveryId: string }> {
  const nowMs = core.clock.nowMs()
  const payloadJson = JSON.stringify(payloadOf(request))
  const input = { id, payload: payloadJson }
  return core.db.write(async function sendTest(tx) {
    return once(tx, { actor, operation: 'trigger.test', input, nowMs }, async () => {
      const trigger = await triggerToChange(tx, actor, id)
      requireActive(trigger)
      const sizeBytes = Buffer.byteLength(payloadJson)
      return putByHand(core, tx, { trigger, actor, payloadJson, sizeBytes, externalId: null, replayOf: null, nowMs })
    })
  })
}

/** An example as a mapping sees it. */
export const payloadOf = ({ headers = {}, body = null }: Example): Payload => ({ headers: keptHeaders(headers), body })

function requireActive({ status }: { status: string }): void {
  if (status !== 'active') throw new AppError('conflict', 'This trigger is paused. Resume it first.')
}

interface ByHand {
  trigger: Awaited<ReturnType<typeof triggerToChange>>
  actor: Actor
  payloadJson: string
  sizeBytes: number
  externalId: string | null
  replayOf: string | null
  nowMs: number
}

async function putByHand(
  core: Needs,
  tx: Parameters<typeof putDeliveryWork>[1],
  { trigger, actor, nowMs, ...given }: ByHand,
): Promise<{ deliveryId: string }> {
  const id = core.ids.newId('dlv')
  const row = { ...given, id, triggerId: trigger.id, deliveryKey: `hand:${id}`, replayedBy: actor.accountId, nowMs }
  await insertDelivery.first(tx, row)
  const details = { deliveryId: id, byHand: true, ...(given.replayOf === null ? {} : { replayOf: given.replayOf }) }
  await appendEvents(tx, nowMs, [triggerEvent(trigger, 'received', details, actor.accountId)])
  await putDeliveryWork(core, tx, { id, context: trigger.context, nowMs })
  return { deliveryId: id }
}
