import type { Tx } from '#db/db.ts'
import { findLiveCycle } from '#db/plan-cycles.ts'
import { countPlanHints, findPlan, listPlanHints, setNextAt } from '#db/plans.ts'
import { holdSchedule, type ScheduleRow } from '#db/schedules.ts'
import type { Actor } from '../actor.ts'
import { contextOf } from '../context.ts'
import type { Core } from '../core.ts'
import { parseDurationMs } from '../duration.ts'
import { AppError } from '../errors.ts'
import { once } from '../once.ts'
import { requireKeeper, requireSchedule } from '../schedules/keeper.ts'
import { readMoment } from '../schedules/request.ts'
import { govern } from './governor.ts'
import { putHint } from './hints.ts'
import { settingsOf } from './settings.ts'

const DAY_MS = 24 * 3_600_000
/** What is said about times holds for a day, and what it is to know for a month, unless it is said otherwise. */
const TIMES_HOLD_MS = DAY_MS
const NOTES_HOLD_MS = 30 * DAY_MS
const HOLDS_MOST_MS = 366 * DAY_MS
const HINTS_MAX = 20
const NOTE_MAX = 1_000

/** Exactly one of `everyMs`, `at` and `note`. Moments are ISO 8601 or words in the zone of the schedule. */
export interface Hint {
  everyMs?: number
  at?: string
  note?: string
  until?: string
}

/**
 * Tells a planned schedule something that holds for a while: how often to come, when to come next, or something to know. It
 * takes effect at once, within the bounds of the schedule. For those who may keep schedules there.
 */
export async function hintSchedule(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>,
  actor: Actor,
  { id, ...hint }: Hint & { id: string },
): Promise<{ id: string; hintId: string }> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function hintSchedule(tx) {
    return once(tx, { actor, operation: 'schedule.hint', input: { id, ...hint }, nowMs }, async () => {
      const row = await requirePlanned(tx, actor, id)
      const said = readHint(row, hint, nowMs)
      const { count = 0 } = (await countPlanHints.first(tx, { scheduleId: id, nowMs })) ?? {}
      if (count >= HINTS_MAX)
        throw new AppError('conflict', `There are ${HINTS_MAX} hints already; they end by themselves.`)
      const hintId = await putHint(core, tx, row, { ...said, saidBy: 'person', accountId: actor.accountId, nowMs })
      if (said.note === null) await comeAsSaid(tx, row, nowMs)
      tx.afterCommit(() => core.queue.wakeCompanions())
      return { id, hintId }
    })
  })
}

/** A planned schedule that the actor may keep, held until the end of the transaction. */
export async function requirePlanned(tx: Tx, actor: Actor, id: string): Promise<ScheduleRow> {
  const row = await requireSchedule(tx, actor, id, holdSchedule)
  await requireKeeper(tx, actor, contextOf(row.context))
  if (row.kind !== 'planned')
    throw new AppError('conflict', 'This schedule has fixed times; only planned ones can be told so.')
  if (row.status === 'ended') throw new AppError('conflict', 'This schedule has ended. Make a new one.')
  return row
}

function readHint(
  row: ScheduleRow,
  { everyMs, at, note, until }: Hint,
  nowMs: number,
): { everyMs: number | null; atMs: number | null; note: string | null; untilMs: number } {
  const given = [everyMs, at, note].filter((one) => one !== undefined)
  if (given.length !== 1) throw wrong('note', 'give exactly one of everyMs, at and note')
  const here = { nowMs, timeZone: row.time_zone }
  if (everyMs !== undefined && !(Number.isSafeInteger(everyMs) && everyMs > 0))
    throw wrong('everyMs', 'is a whole number of milliseconds')
  const text = note?.trim()
  if (text !== undefined && (text === '' || text.length > NOTE_MAX))
    throw wrong('note', `is 1 to ${NOTE_MAX} characters`)
  const atMs = at === undefined ? null : readMoment('at', at, here)
  const holdsMs = text === undefined ? TIMES_HOLD_MS : NOTES_HOLD_MS
  // A moment has been when it was; it says nothing more a little later.
  const usualMs = atMs === null ? nowMs + holdsMs : atMs + 1
  const untilMs = until === undefined ? usualMs : readMoment('until', until, here)
  if (untilMs <= nowMs || untilMs > nowMs + HOLDS_MOST_MS) throw wrong('until', 'is a moment to come, within a year')
  return { everyMs: everyMs ?? null, atMs, note: text ?? null, untilMs }
}

/** While a cycle goes on, its end looks at what was said; else it counts from now. */
async function comeAsSaid(tx: Tx, row: ScheduleRow, nowMs: number): Promise<void> {
  const { id, context } = row
  if (await findLiveCycle.first(tx, { scheduleId: id })) return
  const plan = await findPlan.first(tx, { scheduleId: id, context })
  if (!plan) return
  const hints = await listPlanHints.all(tx, { scheduleId: id, context, nowMs, limit: HINTS_MAX })
  const { atMs } = govern({
    ...settingsOf(plan),
    nowMs,
    hints: hints
      .filter(({ note }) => note === null)
      .map((one) => ({ saidBy: one.said_by, everyMs: one.every_ms, atMs: one.at_ms, untilMs: one.until_ms })),
    adviceAtMs: null,
    changed: null,
    troubles: plan.troubles,
    repeats: plan.repeats,
  })
  await setNextAt.run(tx, { id, nextAtMs: atMs, nowMs })
}

/** `every 5 min until 18:00`, `at 17:30`, `tomorrow 9am`; everything else is something to know. */
export function readHintWords(words: string, here: { nowMs: number; timeZone: string }): Hint {
  const [, said = words, until] = /^(.*?)[\s,]+until\s+(.+)$/is.exec(words.trim()) ?? []
  const held = until !== undefined && isMoment(until, here) ? { until } : {}
  const text = 'until' in held ? said.trim() : words.trim()
  const [, every] = /^(?:come\s+)?every\s+(.+)$/i.exec(text) ?? []
  const everyMs = every && (parseDurationMs(every) ?? parseDurationMs(`1 ${every}`))
  if (everyMs) return { everyMs, ...held }
  const [, moment = text] = /^(?:come\s+)?(?:at\s+)?(.+)$/i.exec(text) ?? []
  return isMoment(moment, here) ? { at: moment, ...held } : { note: text, ...held }
}

function isMoment(text: string, here: { nowMs: number; timeZone: string }): boolean {
  try {
    return readMoment('at', text, here) > here.nowMs
  } catch (error) {
    if (error instanceof AppError) return false
    throw error
  }
}

function wrong(path: string, message: string): AppError {
  return new AppError('bad_input', `This cannot be said: ${path} ${message}.`, { problems: [{ path, message }] })
}
