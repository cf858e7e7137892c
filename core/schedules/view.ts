import type { Reader } from '#db/db.ts'
import type { FireRow } from '#db/schedule-fires.ts'
import type { ScheduleRow } from '#db/schedules.ts'
import { type Context, contextOf } from '../context.ts'
import type { JsonObject } from '../json.ts'
import { formatUsd } from '../money.ts'
import { type PlanView, planView } from '../plans/view.ts'
import type { MissedPolicy } from './missed.ts'
import { describeRhythm, upcoming } from './rhythm.ts'
import { boundsOf, rhythmOf } from './row.ts'

/** A schedule as clients see it. Times are ISO 8601, money decimal USD. */
export interface ScheduleView {
  id: string
  jobId: string
  inputs: JsonObject
  context: Context
  /** Whose rights its runs have. */
  ownerId: string
  kind: ScheduleRow['kind']
  cron: string | null
  everyMs: number | null
  at: string | null
  timezone: string
  /** When it runs, in words. */
  description: string
  missed: { policy: MissedPolicy['policy']; max: number | null }
  budgetUsd: string | null
  /** Of the budget: what is spent and what is held. */
  usedUsd: string | null
  expiresAt: string | null
  maxRuns: number | null
  runs: number
  status: 'active' | 'paused' | 'ended'
  /** Why it is not active. */
  reason: string | null
  pausedUntil: string | null
  /** None for what is paused until somebody resumes it, or over. */
  nextFires: string[]
  /** Of a planned one. */
  plan: PlanView | null
  createdAt: string
}

export interface FireView {
  dueAt: string
  status: FireRow['status']
  runId: string | null
  runStatus: string | null
  costUsd: string | null
  reason: { code: string; message: string } | null
  /** Somebody pressed Run now; not a time of its rhythm. */
  byHand: boolean
  /** This row stands for all times up to here. */
  until: string | null
}

/** As many next times as are shown. */
const SHOWN = 5

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

export async function viewOf(on: Reader, row: ScheduleRow, nowMs: number): Promise<ScheduleView> {
  return { ...rowView(row), plan: await planView(on, row, nowMs) }
}

function rowView(row: ScheduleRow): Omit<ScheduleView, 'plan'> {
  const rhythm = rhythmOf(row)
  const next = row.next_at_ms === null ? [] : upcoming(rhythm, boundsOf(row), row.next_at_ms, SHOWN)
  return {
    id: row.id,
    jobId: row.job_key,
    inputs: JSON.parse(row.inputs_json),
    context: contextOf(row.context),
    ownerId: row.account_id,
    kind: row.kind,
    cron: row.cron,
    everyMs: row.every_ms,
    at: iso(row.at_ms),
    timezone: row.time_zone,
    description: describeRhythm(rhythm),
    missed: { policy: row.missed_policy, max: row.missed_policy === 'all' ? row.missed_max : null },
    budgetUsd: row.budget_micros === null ? null : formatUsd(row.budget_micros),
    usedUsd: row.budget_micros === null ? null : formatUsd(row.committed_micros),
    expiresAt: iso(row.expires_at_ms),
    // What happens once has no number of runs.
    maxRuns: row.kind === 'once' ? null : row.max_runs,
    runs: row.runs,
    status: statusOf(row),
    reason: row.status_reason,
    pausedUntil: iso(row.paused_until_ms),
    nextFires: next.map((ms) => new Date(ms).toISOString()),
    createdAt: new Date(row.created_at_ms).toISOString(),
  }
}

function statusOf({ status, paused_until_ms }: ScheduleRow): ScheduleView['status'] {
  if (status === 'active') return paused_until_ms === null ? 'active' : 'paused'
  return status === 'paused' ? 'paused' : 'ended'
}

type ListedFire = FireRow & { run_status: string | null; run_cost_micros: bigint | null }

export const fireView = (row: ListedFire): FireView => ({
  dueAt: new Date(row.due_at_ms).toISOString(),
  status: row.status,
  runId: row.run_id,
  runStatus: row.run_status,
  costUsd: row.run_cost_micros === null ? null : formatUsd(row.run_cost_micros),
  reason: row.reason_code === null ? null : { code: row.reason_code, message: row.reason ?? '' },
  byHand: row.by_hand === 1,
  until: iso(row.until_ms),
})

/** Leads to what comes behind this fire. */
export const fireCursor = ({ due_at_ms, by_hand }: FireRow): string => `${due_at_ms}.${by_hand}`
