import { sql } from 'kysely'
import type { TriggerDeliveryTable } from './schema.ts'
import { statement } from './statement.ts'

export type DeliveryRow = TriggerDeliveryTable

/** Stores a delivery; nothing when it is there already. */
export const insertDelivery = statement(
  (
    q,
    p: {
      id: string
      triggerId: string
      deliveryKey: string
      externalId: string | null
      payloadJson: string
      sizeBytes: number
      replayOf: string | null
      replayedBy: string | null
      nowMs: number
    },
  ) =>
    q
      .insertInto('trigger_delivery')
      .values({
        id: p.id,
        trigger_id: p.triggerId,
        delivery_key: p.deliveryKey,
        external_id: p.externalId,
        status: 'accepted',
        received_at_ms: p.nowMs,
        settled_at_ms: null,
        payload_json: p.payloadJson,
        size_bytes: p.sizeBytes,
        replay_of: p.replayOf,
        replayed_by: p.replayedBy,
        run_id: null,
        reason_code: null,
        reason: null,
        held_micros: 0n,
        is_open: 0,
      })
      .onConflict((conflict) => conflict.columns(['trigger_id', 'delivery_key']).doNothing())
      .returning('id'),
)

export const findDeliveryByKey = statement((q, p: { triggerId: string; deliveryKey: string }) =>
  q
    .selectFrom('trigger_delivery')
    .select('id')
    .where('trigger_id', '=', p.triggerId)
    .where('delivery_key', '=', p.deliveryKey),
)

export const findDelivery = statement((q, p: { id: string }) =>
  q.selectFrom('trigger_delivery').selectAll().where('id', '=', p.id),
)

/** The same of this trigger, with how its run stands. */
export const findDeliveryOf = statement((q, p: { triggerId: string; id: string }) =>
  q
    .selectFrom('trigger_delivery')
    .leftJoin('run', 'run.id', 'trigger_delivery.run_id')
    .selectAll('trigger_delivery')
    .select(['run.status as run_status', 'run.cost_micros as run_cost_micros'])
    .where('trigger_id', '=', p.triggerId)
    .where('trigger_delivery.id', '=', p.id),
)

/** What became of it, as long as nothing has. */
export const settleDelivery = statement(
  (
    q,
    p: {
      id: string
      status: DeliveryRow['status']
      runId: string | null
      reasonCode: string | null
      reason: string | null
      heldMicros: bigint
      isOpen: number
      nowMs: number
    },
  ) =>
    q
      .updateTable('trigger_delivery')
      .set({
        status: p.status,
        run_id: p.runId,
        reason_code: p.reasonCode,
        reason: p.reason,
        held_micros: p.heldMicros,
        is_open: p.isOpen,
        settled_at_ms: p.nowMs,
      })
      .where('id', '=', p.id)
      .where('status', '=', 'accepted'),
)

/** Newest first, with how each run stands; without what came in. */
export const listDeliveries = statement((q, p: { triggerId: string; beforeId: string; limit: number }) =>
  q
    .selectFrom('trigger_delivery')
    .leftJoin('run', 'run.id', 'trigger_delivery.run_id')
    .selectAll('trigger_delivery')
    .select(['run.status as run_status', 'run.cost_micros as run_cost_micros'])
    .where('trigger_id', '=', p.triggerId)
    .where('trigger_delivery.id', '<', p.beforeId)
    .orderBy('trigger_delivery.id', 'desc')
    .limit(p.limit),
)

/** Deliveries whose runs still count by what they hold, with how those stand now. */
export const listOpenDeliveries = statement((q, p: { triggerId: string }) =>
  q
    .selectFrom('trigger_delivery')
    .innerJoin('run', 'run.id', 'trigger_delivery.run_id')
    .select([
      'trigger_delivery.id',
      'trigger_delivery.held_micros as counted_micros',
      'run.finished_at_ms',
      'run.cost_micros as run_cost_micros',
    ])
    .where('trigger_delivery.trigger_id', '=', p.triggerId)
    // Written out, not bound: only so does SQLite see that the partial index serves.
    .where(sql<boolean>`trigger_delivery.is_open = 1`),
)

/** Its run has ended: what it cost is what it counts for. Nothing is written when it counts for something else by now. */
export const closeDelivery = statement((q, p: { id: string; countedMicros: bigint; costMicros: bigint }) =>
  q
    .updateTable('trigger_delivery')
    .set({ held_micros: p.costMicros, is_open: 0 })
    .where('id', '=', p.id)
    .where('held_micros', '=', p.countedMicros)
    .where(sql<boolean>`is_open = 1`),
)

/** What its run holds besides; one that had ended and goes on is open again. */
export const addToDelivery = statement((q, p: { id: string; amountMicros: bigint }) =>
  q
    .updateTable('trigger_delivery')
    .set((row) => ({ held_micros: row('held_micros', '+', p.amountMicros), is_open: 1 }))
    .where('id', '=', p.id),
)

/** The last one whose content is kept: what is older is forgotten. */
export const findDeliveryAt = statement((q, p: { triggerId: string; place: number }) =>
  q
    .selectFrom('trigger_delivery')
    .select('id')
    .where('trigger_id', '=', p.triggerId)
    .orderBy('id', 'desc')
    .limit(1)
    .offset(p.place),
)

/** Forgets what came in, and keeps that it came and what became of it. */
export const forgetPayloads = statement((q, p: { triggerId: string; beforeId: string }) =>
  q
    .updateTable('trigger_delivery')
    .set({ payload_json: null })
    .where('trigger_id', '=', p.triggerId)
    .where('id', '<', p.beforeId)
    .where('status', '<>', 'accepted')
    .where('payload_json', 'is not', null),
)

/** Those that are older than they are kept, and count in no budget any more. */
export const deleteOldDeliveries = statement((q, p: { beforeMs: number; most: number }) =>
  q
    .deleteFrom('trigger_delivery')
    .where('id', 'in', (old) =>
      old
        .selectFrom('trigger_delivery')
        .select('id')
        .where('received_at_ms', '<', p.beforeMs)
        .where('status', '<>', 'accepted')
        .where('is_open', '=', 0)
        .limit(p.most),
    ),
)

/** Triggers to which something came lately, in the order of their ids. */
export const listBusyTriggers = statement((q, p: { sinceMs: number; after: string; limit: number }) =>
  q
    .selectFrom('webhook_trigger')
    .select('id')
    .where('last_at_ms', '>=', p.sinceMs)
    .where('id', '>', p.after)
    .orderBy('id')
    .limit(p.limit),
)
