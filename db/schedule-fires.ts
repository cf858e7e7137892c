import { sql } from 'kysely'
import type { ScheduleFireTable } from './schema.ts'
import { statement } from './statement.ts'

export type FireRow = ScheduleFireTable

/** A second one of the same slot fails. */
export const insertFire = statement((q, p: FireRow) =>
  q.insertInto('schedule_fire').values({
    schedule_id: p.schedule_id,
    due_at_ms: p.due_at_ms,
    by_hand: p.by_hand,
    status: p.status,
    run_id: p.run_id,
    reason_code: p.reason_code,
    reason: p.reason,
    until_ms: p.until_ms,
    at_ms: p.at_ms,
    held_micros: p.held_micros,
    is_open: p.is_open,
  }),
)

/** Any number of missed slots in one statement: a JSON list of times. */
export const insertMissed = statement(
  (q, p: { scheduleId: string; slots: string; code: string; reason: string; nowMs: number }, dialect) =>
    q
      .insertInto('schedule_fire')
      .columns([
        'schedule_id',
        'due_at_ms',
        'by_hand',
        'status',
        'run_id',
        'reason_code',
        'reason',
        'until_ms',
        'at_ms',
        'held_micros',
        'is_open',
      ])
      .expression(() =>
        dialect === 'sqlite'
          ? sql`select ${p.scheduleId}, value, 0, 'missed', null, ${p.code}, ${p.reason}, null, ${p.nowMs}, 0, 0
                from json_each(${p.slots})`
          : sql`select ${p.scheduleId}::text, value::bigint, 0, 'missed', null, ${p.code}::text, ${p.reason}::text,
                null::bigint, ${p.nowMs}::bigint, 0, 0 from json_array_elements_text(${p.slots}::json)`,
      ),
)

/** When the newest fire by hand was: two in one millisecond are two rows. */
export const newestByHand = statement((q, p: { scheduleId: string; fromMs: number }) =>
  q
    .selectFrom('schedule_fire')
    .select('due_at_ms')
    .where('schedule_id', '=', p.scheduleId)
    .where('due_at_ms', '>=', p.fromMs)
    .where('by_hand', '=', 1)
    .orderBy('due_at_ms', 'desc')
    .limit(1),
)

/** The newest slot that was dealt with, and up to where its row stands. */
export const newestSlot = statement((q, p: { scheduleId: string }) =>
  q
    .selectFrom('schedule_fire')
    .select(['due_at_ms', 'until_ms'])
    .where('schedule_id', '=', p.scheduleId)
    .where('by_hand', '=', 0)
    .orderBy('due_at_ms', 'desc')
    .limit(1),
)

/** Newest first, with how each run stands. */
export const listFires = statement(
  (q, p: { scheduleId: string; beforeMs: number; beforeByHand: number; limit: number }) =>
    q
      .selectFrom('schedule_fire')
      .leftJoin('run', 'run.id', 'schedule_fire.run_id')
      .selectAll('schedule_fire')
      .select(['run.status as run_status', 'run.cost_micros as run_cost_micros'])
      .where('schedule_id', '=', p.scheduleId)
      .where((row) =>
        row.or([
          row('due_at_ms', '<', p.beforeMs),
          row.and([row('due_at_ms', '=', p.beforeMs), row('by_hand', '<', p.beforeByHand)]),
        ]),
      )
      .orderBy('due_at_ms', 'desc')
      .orderBy('by_hand', 'desc')
      .limit(p.limit),
)

/** Fires whose runs still count by what they hold, with how those stand now. */
export const listOpenFires = statement((q, p: { scheduleId: string }) =>
  q
    .selectFrom('schedule_fire')
    .innerJoin('run', 'run.id', 'schedule_fire.run_id')
    .select([
      'schedule_fire.due_at_ms',
      'schedule_fire.by_hand',
      'schedule_fire.held_micros as counted_micros',
      'run.finished_at_ms',
      'run.cost_micros as run_cost_micros',
    ])
    .where('schedule_fire.schedule_id', '=', p.scheduleId)
    // Written out, not bound: only so does SQLite see that the partial index serves.
    .where(sql<boolean>`schedule_fire.is_open = 1`),
)

/** The run of a fire has ended: what it cost is what it counts for. Nothing is written when it counts for something else by now. */
export const closeFire = statement(
  (q, p: { scheduleId: string; dueAtMs: number; byHand: number; countedMicros: bigint; costMicros: bigint }) =>
    q
      .updateTable('schedule_fire')
      .set({ held_micros: p.costMicros, is_open: 0 })
      .where('schedule_id', '=', p.scheduleId)
      .where('due_at_ms', '=', p.dueAtMs)
      .where('by_hand', '=', p.byHand)
      .where('held_micros', '=', p.countedMicros)
      .where(sql<boolean>`is_open = 1`),
)

/** What the run of a fire holds besides; one that had ended and goes on is open again. */
export const addToFire = statement(
  (q, p: { scheduleId: string; dueAtMs: number; byHand: number; amountMicros: bigint }) =>
    q
      .updateTable('schedule_fire')
      .set((row) => ({ held_micros: row('held_micros', '+', p.amountMicros), is_open: 1 }))
      .where('schedule_id', '=', p.scheduleId)
      .where('due_at_ms', '=', p.dueAtMs)
      .where('by_hand', '=', p.byHand),
)
