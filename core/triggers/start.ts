import { DatabaseBusyError, DatabaseGoneError, type Tx } from '#db/db.ts'
import { underClaim } from '#db/queue/claims.ts'
import { type Claim, LeaseLostError } from '#db/queue/queue.ts'
import { type DeliveryRow, findDelivery, settleDelivery } from '#db/trigger-deliveries.ts'
import { findTrigger, holdTrigger, setRefused, type TriggerRow } from '#db/triggers.ts'
import type { Core } from '../core.ts'
import { reserveBudget } from '../economy/run-budget.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { PreparedRun } from '../runs/request.ts'
import { submitPrepared } from '../runs/submit.ts'
import { ownerOf } from '../schedules/keeper.ts'
import { prepareScheduled } from '../schedules/start.ts'
import { triggerBook } from './budget.ts'
import { deliveryOfKey } from './delivery-work.ts'
import { whyIgnored } from './filter.ts'
import { mapPayload } from './mapping.ts'
import { isNewsNow, tellOwner } from './notice.ts'
import type { Payload } from './payload.ts'
import { keptBy, triggerEvent } from './trigger.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'settings' | 'outbound' | 'log' | 'models'>

/** A delivery and its run have one name: whoever comes second finds that there is a run of it. */
const requestKeyOf = (deliveryId: string): string => `trigger:${deliveryId}`

/**
 * Starts the run of a delivery, in the name of whoever keeps the trigger and with the rights they have at this moment; or
 * writes down why not. Asked again, after a crash or by another process, it finds it done.
 */
export async function workOnDelivery(unfenced: Needs, claim: Claim): Promise<void> {
  const core = { ...unfenced, db: underClaim(unfenced.db, claim) }
  const delivery = await findDelivery.first(core.db, { id: deliveryOfKey(claim.key) ?? '' })
  const trigger = delivery && (await findTrigger.first(core.db, { id: delivery.trigger_id }))
  if (delivery?.status !== 'accepted') return core.db.write((tx) => giveBack(core, tx, claim))
  try {
    if (!trigger) throw new AppError('not_found', 'The trigger was removed meanwhile.')
    await start(core, claim, trigger, delivery)
  } catch (error) {
    if (isPassing(error)) throw error
    await settle(core, claim, delivery, { status: 'refused', ...refusalOf(core, error, delivery) })
  }
}

/** Nothing is known to be wrong with the delivery: it is tried again, here or elsewhere. */
const isPassing = (error: unknown): boolean =>
  error instanceof DatabaseBusyError ||
  error instanceof DatabaseGoneError ||
  error instanceof LeaseLostError ||
  (error instanceof AppError && error.code === 'busy')

interface Refusal {
  code: string
  reason: string
}

function refusalOf({ log }: Needs, error: unknown, { id }: DeliveryRow): Refusal {
  if (error instanceof AppError) return { code: error.code, reason: error.message }
  log.error({ err: error, deliveryId: id }, 'The run of a delivery could not be started')
  return { code: 'internal', reason: 'Something went wrong on our side; the log of the program says what.' }
}

async function start(core: Needs, claim: Claim, trigger: TriggerRow, delivery: DeliveryRow): Promise<void> {
  requireActive(trigger)
  const payload = JSON.parse(delivery.payload_json ?? 'null') as Payload | null
  if (!payload) throw new AppError('expired', 'What came with it is not kept any more.')
  const ignored = whyIgnored(JSON.parse(trigger.filter_json), payload)
  if (ignored !== undefined) {
    return settle(core, claim, delivery, { status: 'ignored', code: 'filtered', reason: ignored })
  }
  const requestKey = requestKeyOf(delivery.id)
  const owner = await ownerOf(core.db, keptBy(trigger), requestKey)
  const prepared = await prepareMapped(core, owner, trigger, payload)
  await core.db.write(async function startDelivery(tx) {
    const held = await holdTrigger.first(tx, { id: trigger.id })
    if (!held) throw new AppError('not_found', 'The trigger was removed meanwhile.')
    requireActive(held)
    // Once more in here: what was true a moment ago must be true now.
    const actor = await ownerOf(tx, keptBy(held), requestKey)
    const nowMs = core.clock.nowMs()
    const hasBudget = held.budget_micros !== null
    if (hasBudget) await reserveBudget(tx, triggerBook(held.id), prepared.quote.maxMicros)
    const counted = hasBudget ? withDelivery(prepared, held.id, delivery.id) : prepared
    const { runId } = await submitPrepared(core, tx, actor, counted, undefined, 'refuse')
    await settleDelivery.run(tx, {
      id: delivery.id,
      status: 'started',
      runId,
      reasonCode: null,
      reason: null,
      heldMicros: prepared.quote.maxMicros,
      // Without a budget nobody counts.
      isOpen: hasBudget ? 1 : 0,
      nowMs,
    })
    if (held.refused_code !== null) {
      await setRefused.run(tx, { id: held.id, code: null, reason: null, atMs: null, noticedAtMs: held.noticed_at_ms })
    }
    await appendEvents(tx, nowMs, [triggerEvent(held, 'fired', { deliveryId: delivery.id, runId })])
    await giveBack(core, tx, claim)
  })
}

function requireActive({ status }: TriggerRow): void {
  if (status !== 'active') throw new AppError('conflict', 'The trigger was paused meanwhile.')
}

/** What a delivery would run; refused with everything that is wrong with its inputs. */
export async function prepareMapped(
  core: Pick<Core, 'db' | 'clock' | 'tools' | 'settings'>,
  owner: Parameters<typeof prepareScheduled>[1],
  { job_key, mapping_json }: Pick<TriggerRow, 'job_key' | 'mapping_json'>,
  payload: Payload,
): Promise<PreparedRun> {
  const { inputs, problems, missing } = mapPayload(JSON.parse(mapping_json), payload)
  if (problems.length > 0) {
    const list = problems.map(({ path, message }) => `${path} ${message}`).join('; ')
    throw new AppError('bad_input', `The delivery does not fit: ${list}`, { problems })
  }
  try {
    return await prepareScheduled(core, owner, { job_key, inputs_json: JSON.stringify(inputs) })
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'bad_input' || missing.length === 0) throw error
    throw new AppError('bad_input', `${error.message} Left out were ${missing.join(', ')}.`, error.details)
  }
}

/** The run remembers where it is counted: what it comes to hold later counts there too. */
const withDelivery = (prepared: PreparedRun, triggerId: string, deliveryId: string): PreparedRun => ({
  ...prepared,
  pinned: { ...prepared.pinned, pins: { ...prepared.pinned.pins, fire: { triggerId, deliveryId } } },
})

/** Ends a delivery that starts nothing: its row says why, and whoever keeps the trigger hears of it where that is news. */
async function settle(
  core: Needs,
  claim: Claim,
  delivery: DeliveryRow,
  { status, code, reason }: Refusal & { status: 'refused' | 'ignored' },
): Promise<void> {
  await core.db.write(async function settleDeliveryTo(tx) {
    const nowMs = core.clock.nowMs()
    const trigger = await holdTrigger.first(tx, { id: delivery.trigger_id })
    const end = { id: delivery.id, status, runId: null, reasonCode: code, reason, heldMicros: 0n, isOpen: 0, nowMs }
    const isSettled = (await settleDelivery.run(tx, end)) > 0
    if (trigger && isSettled) {
      await appendEvents(tx, nowMs, [triggerEvent(trigger, status, { deliveryId: delivery.id, code, reason })])
      if (status === 'refused') {
        const isNews = isNewsNow(trigger, code, nowMs)
        const noticedAtMs = isNews ? nowMs : trigger.noticed_at_ms
        await setRefused.run(tx, { id: trigger.id, code, reason, atMs: nowMs, noticedAtMs })
        if (isNews) await tellOwner(core, tx, trigger, reason)
      }
    }
    await giveBack(core, tx, claim)
  })
}

/** Asked to look again meanwhile: the second release finds nothing in the way. */
async function giveBack({ queue, clock }: Needs, tx: Tx, claim: Claim): Promise<void> {
  if (!(await queue.release(tx, claim, null))) await queue.release(tx, claim, clock.nowMs())
}
