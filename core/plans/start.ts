import type { Tx } from '#db/db.ts'
import { findLiveCycle, insertCycle, type PlanCycleRow } from '#db/plan-cycles.ts'
import { findPlan } from '#db/plans.ts'
import { insertFire } from '#db/schedule-fires.ts'
import { holdDueSlot, type ScheduleRow } from '#db/schedules.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'
import { endSlot, scheduleEvent } from '../schedules/advance.ts'
import { ownerOf } from '../schedules/keeper.ts'
import { endNotice, tellOwner } from '../schedules/notice.ts'
import { prepareQuestion } from './ask.ts'
import { prepareWithoutModel } from './carry-out.ts'
import { closeCycle } from './close.ts'
import { gatherKnowledge, knownWords } from './knowledge.ts'
import { type Memo, NO_MEMO } from './memo.ts'
import { planPrompt } from './prompt.ts'
import { settingsOf } from './settings.ts'
import { type StageRun, submitStage } from './stage.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'settings' | 'outbound' | 'models' | 'log'>

/** What a cycle begins with. Without a run there is nothing to do at all, and it ends as it begins. */
export interface Opening {
  cycleId: string
  status: 'planning' | 'running' | 'done'
  run: StageRun | undefined
  memo: Memo
  known: string[]
  notes: string[]
}

/** Asks a model for a plan where one may be asked; else does what can be done without. Writes nothing. */
export async function prepareOpening(core: Needs, actor: Actor, row: ScheduleRow): Promise<Opening> {
  const nowMs = core.clock.nowMs()
  const cycleId = core.ids.newId('cyc')
  const plan = await findPlan.first(core.db, { scheduleId: row.id, context: row.context })
  if (!plan) throw new Error(`The schedule ${row.id} has no plan`)
  const settings = settingsOf(plan)
  const knowledge = await gatherKnowledge(core.db, actor, { row, plan, nowMs })
  const known = knownWords(knowledge)
  const used = { cycle: 0, today: knowledge.today.tokens }
  const asked = await prepareQuestion(core, actor, {
    cycleId,
    stage: 'plan',
    prompt: planPrompt(knowledge),
    settings,
    plan,
    used,
  })
  if ('run' in asked)
    return { cycleId, status: 'planning', run: asked.run, memo: { ...NO_MEMO, model: 'asked' }, known, notes: [] }
  const { run, memo, notes } = await prepareWithoutModel(core, actor, cycleId, knowledge, 'not_asked')
  return { cycleId, status: run ? 'running' : 'done', run, memo, known, notes: [asked.whyNot, ...notes] }
}

const slotKey = (row: ScheduleRow, dueAtMs: number): string => `schedule:${row.id}:${dueAtMs}`

/**
 * Begins the cycle of a slot: its first run, its rows and the step to the next slot are one transaction. While the cycle before
 * goes on, the slot is skipped. False when the slot is not due any more. Refused like a run.
 */
export async function startCycle(core: Needs, row: ScheduleRow, dueAtMs: number): Promise<boolean> {
  const owner = await ownerOf(core.db, row, slotKey(row, dueAtMs))
  const live = await findLiveCycle.first(core.db, { scheduleId: row.id })
  const opening = live ? undefined : await prepareOpening(core, owner, row)
  return core.db.write(async function startCycle(tx) {
    const held = await holdDueSlot.first(tx, { id: row.id, dueAtMs })
    if (!held) return false
    const nowMs = core.clock.nowMs()
    const afterMs = Math.max(dueAtMs, nowMs)
    const going = await findLiveCycle.first(tx, { scheduleId: row.id })
    if (going || !opening) {
      await putSkipped(tx, held, dueAtMs, { code: 'busy', reason: busyWords(going ?? live) }, nowMs)
      await endSlot(tx, held, dueAtMs, { afterMs, nowMs })
      await appendEvents(tx, nowMs, [scheduleEvent(held, 'skipped', { dueAt: iso(dueAtMs), code: 'busy' })])
      return true
    }
    const actor = await ownerOf(tx, held, slotKey(row, dueAtMs))
    const ended = await endSlot(tx, held, dueAtMs, { afterMs, isStarted: opening.run !== undefined, nowMs })
    await openCycle(core, tx, held, actor, { opening, dueAtMs, byHand: 0, nowMs })
    if (ended !== null) await tellOwner(core, tx, held, endNotice(held, ended))
    return true
  })
}

/** The step of `startCycle` that writes the cycle, and of who starts one by hand. The id of its run, if it has one. */
export async function openCycle(
  core: Needs,
  tx: Tx,
  row: ScheduleRow,
  actor: Actor,
  { opening, dueAtMs, byHand, nowMs }: { opening: Opening; dueAtMs: number; byHand: 0 | 1; nowMs: number },
): Promise<string | null> {
  const { cycleId, status, run, memo, known, notes } = opening
  const key = { id: cycleId, due_at_ms: dueAtMs, by_hand: byHand }
  const runId = run ? await submitStage(core, tx, { row, cycle: key, actor, run }) : null
  const next = run
    ? null
    : await closeCycle(core, tx, row, { cycle: key, memo, outcome: null, advice: null, error: null, nowMs })
  const cycle: PlanCycleRow = {
    ...key,
    schedule_id: row.id,
    context: row.context,
    status,
    run_id: runId,
    known_json: JSON.stringify(known),
    plan_json: JSON.stringify(memo),
    notes_json: JSON.stringify(notes),
    outcome_json: null,
    advice_json: null,
    next_json: next && JSON.stringify(next),
    error_json: null,
    tokens: 0,
    cost_micros: 0n,
    is_mock: 0,
    started_at_ms: nowMs,
    ended_at_ms: run ? null : nowMs,
  }
  await insertCycle.run(tx, cycle)
  if (runId === null) {
    const reason = notes.at(-1) ?? 'There was nothing to do.'
    await putSkipped(tx, row, dueAtMs, { code: 'nothing_to_do', reason }, nowMs, byHand)
  } else {
    await insertFire.run(tx, {
      ...NO_FIRE,
      schedule_id: row.id,
      due_at_ms: dueAtMs,
      by_hand: byHand,
      status: 'started',
      run_id: runId,
      at_ms: nowMs,
    })
  }
  const details = { dueAt: iso(dueAtMs), cycleId, runId, ...(byHand ? { byHand: true } : {}) }
  await appendEvents(tx, nowMs, [scheduleEvent(row, runId === null ? 'skipped' : 'fired', details)])
  return runId
}

/** What its runs count for stands with each of them. */
const NO_FIRE = { reason_code: null, reason: null, until_ms: null, held_micros: 0n, is_open: 0 } as const

const putSkipped = (
  tx: Tx,
  { id }: ScheduleRow,
  dueAtMs: number,
  { code, reason }: { code: string; reason: string },
  nowMs: number,
  byHand: 0 | 1 = 0,
): Promise<number> =>
  insertFire.run(tx, {
    ...NO_FIRE,
    schedule_id: id,
    due_at_ms: dueAtMs,
    by_hand: byHand,
    status: 'skipped',
    run_id: null,
    reason_code: code,
    reason,
    at_ms: nowMs,
  })

export const busyWords = (live: Pick<PlanCycleRow, 'run_id'> | undefined): string =>
  `The cycle before still goes on${live?.run_id ? `: it waits for the run ${live.run_id}` : ''}.`

const iso = (ms: number): string => new Date(ms).toISOString()
