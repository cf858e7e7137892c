import type { Reader } from '#db/db.ts'
import { listFires } from '#db/schedule-fires.ts'
import { findSchedule, listSchedules, type ScheduleRow } from '#db/schedules.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { idCursor, leadsNowhere, pairCursor } from '../cursor.ts'
import { AppError } from '../errors.ts'
import { requireReader } from '../runs/reader.ts'
import { requireSchedule } from './keeper.ts'
import { type FireView, fireCursor, fireView, type ScheduleView, viewOf } from './view.ts'

export async function getSchedule(core: Pick<Core, 'db' | 'clock'>, actor: Actor, id: string): Promise<ScheduleView> {
  return viewOf(core.db, await requireSchedule(core.db, actor, id, findSchedule), core.clock.nowMs())
}

export interface ScheduleQuery {
  /** Only those that may still fire. */
  isLive?: boolean
  jobId?: string
  cursor?: string
  limit: number
}

/** Of the actor's context, newest first. The cursor is the last one of the page before. */
export async function findSchedules(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  { isLive = false, jobId, cursor, limit }: ScheduleQuery,
): Promise<{ items: ScheduleView[]; nextCursor: string | null }> {
  await requireReader(core.db, actor, actor.context, 'such context')
  const rows = await listSchedules(core.db, {
    context: contextKey(actor.context),
    isLive,
    ...(jobId === undefined ? {} : { jobKey: jobId }),
    ...(cursor === undefined ? {} : { beforeId: idCursor('sch', cursor) }),
    limit: limit + 1,
  })
  const nowMs = core.clock.nowMs()
  const items = await Promise.all(rows.slice(0, limit).map((row) => viewOf(core.db, row, nowMs)))
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
}

/** What became of each of its times, newest first. */
export async function findFires(
  core: Pick<Core, 'db'>,
  actor: Actor,
  { id, cursor, limit }: { id: string; cursor?: string; limit: number },
): Promise<{ items: FireView[]; nextCursor: string | null }> {
  await requireSchedule(core.db, actor, id, findSchedule)
  const rows = await listFires.all(core.db, { scheduleId: id, ...readCursor(cursor), limit: limit + 1 })
  const last = rows[limit - 1]
  return {
    items: rows.slice(0, limit).map(fireView),
    nextCursor: rows.length > limit && last ? fireCursor(last) : null,
  }
}

function readCursor(cursor: string | undefined): { beforeMs: number; beforeByHand: number } {
  if (cursor === undefined) return { beforeMs: Number.MAX_SAFE_INTEGER, beforeByHand: 0 }
  const [beforeMs, beforeByHand] = pairCursor(cursor, '.')
  if (beforeByHand > 1) throw leadsNowhere()
  return { beforeMs, beforeByHand }
}

/** The schedule that words mean: an id, the job it runs, or nothing where there is only one. */
export async function scheduleMeant(on: Reader, actor: Actor, words: string | undefined): Promise<ScheduleRow> {
  if (words?.startsWith('sch_')) return requireSchedule(on, actor, words, findSchedule)
  await requireReader(on, actor, actor.context, 'such context')
  const jobKey = words?.toLowerCase().replaceAll('_', '-')
  const live = await listSchedules(on, {
    context: contextKey(actor.context),
    isLive: true,
    ...(jobKey === undefined ? {} : { jobKey }),
    limit: 2,
  })
  const [only, another] = live
  if (!only) {
    const what = words === undefined ? 'There is no schedule here.' : `There is no schedule of ${words} here.`
    throw new AppError('not_found', `${what} /schedules lists them, /schedule makes one.`)
  }
  if (another)
    throw new AppError('conflict', 'Several schedules fit. Press the button of the one you mean in /schedules.')
  return only
}
