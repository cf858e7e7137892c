import type { Reader } from '#db/db.ts'
import {
  findPlan,
  listPlanActions,
  listPlanHints,
  listPlanSources,
  type PlanActionRow,
  type PlanHintRow,
} from '#db/plans.ts'
import type { ScheduleRow } from '#db/schedules.ts'
import type { PlanSourceTable } from '#db/schema.ts'
import { actionWords } from './actions.ts'
import type { Recommended } from './advice.ts'
import { healthOf, healthWords } from './health.ts'
import { jobOfSource, type PlanSettings, settingsOf } from './settings.ts'

/** What a planned schedule is after and how it stands, as clients see it. */
export interface PlanView {
  goal: string
  endpoints: string[]
  jobs: string[]
  minMs: number
  maxMs: number
  cooldownMs: number
  tokensPerCycle: number | null
  tokensPerDay: number | null
  lenient: boolean
  fallback: PlanSettings['fallback']
  model: string | null
  apply: PlanSettings['apply']
  sources: SourceView[]
  hints: HintView[]
  /** Recommendations that wait for an answer. */
  asked: ActionView[]
}

export interface SourceView {
  name: string
  state: PlanSourceTable['state']
  /** `3 of its last 12 calls failed`. */
  health: string
  /** It is not called before then. */
  restsUntil: string | null
}

export interface HintView {
  id: string
  saidBy: PlanHintRow['said_by']
  everyMs: number | null
  at: string | null
  note: string | null
  until: string
}

export interface ActionView {
  id: string
  action: string
  /** What it would do: `pause this schedule`. */
  description: string
  reason: string
  status: PlanActionRow['status']
  at: string
}

const ACTIONS = 50

export async function planView(on: Reader, row: ScheduleRow, nowMs: number): Promise<PlanView | null> {
  if (row.kind !== 'planned') return null
  const { id: scheduleId, context } = row
  const plan = await findPlan.first(on, { scheduleId, context })
  if (!plan) return null
  const { sources: names, jobInputs: _, everyMs: __, ...settings } = settingsOf(plan)
  const rows = await listPlanSources.all(on, { scheduleId })
  const hints = await listPlanHints.all(on, { scheduleId, context, nowMs, limit: 20 })
  const actions = await listPlanActions.all(on, { scheduleId, context, limit: ACTIONS })
  return {
    ...settings,
    endpoints: names.filter((name) => jobOfSource(name) === undefined),
    jobs: names.map(jobOfSource).filter((name) => name !== undefined),
    sources: names.map((name) => {
      const health = healthOf(rows.find((one) => one.name === name))
      const rests = health.restsUntilMs > nowMs && health.state !== 'disabled'
      return {
        name,
        state: health.state,
        health: healthWords(health),
        restsUntil: rests ? iso(health.restsUntilMs) : null,
      }
    }),
    hints: hints.map(hintView),
    asked: actions.filter(({ status }) => status === 'asked').map(actionView),
  }
}

const hintView = ({ id, said_by, every_ms, at_ms, note, until_ms }: PlanHintRow): HintView => ({
  id,
  saidBy: said_by,
  everyMs: every_ms,
  at: at_ms === null ? null : iso(at_ms),
  note,
  until: iso(until_ms),
})

function actionView({ id, action, details_json, status, created_at_ms }: PlanActionRow): ActionView {
  const one = JSON.parse(details_json) as Recommended
  return { id, action, description: actionWords(one), reason: one.reason, status, at: iso(created_at_ms) }
}

const iso = (ms: number): string => new Date(ms).toISOString()
