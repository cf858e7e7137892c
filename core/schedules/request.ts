import { checkTimeZone } from '../accounts/fields.ts'
import { readLimit } from '../economy/amounts.ts'
import { AppError, type Problem } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { PLAN_FIELDS, type PlanRequest, readPlan } from '../plans/request.ts'
import type { PlanSettings } from '../plans/settings.ts'
import { checkCron } from './cron.ts'
import type { MissedPolicy } from './missed.ts'
import { nextAfter, type Rhythm } from './rhythm.ts'
import { readWhole } from './when.ts'

/** A schedule as the API and files say it. */
export interface ScheduleRequest extends PlanRequest {
  /** A job, or one tool by its id; of a planned one a job that it may run, or `planned`. */
  jobId: string
  inputs: JsonObject
  kind: 'cron' | 'interval' | 'once' | 'planned'
  cron?: string
  everyMs?: number
  /** ISO 8601 or words; of an interval its first time. */
  at?: string
  /** An IANA name; left out, the owner's. */
  timezone?: string
  missed?: { policy: MissedPolicy['policy']; max?: number }
  budgetUsd?: string
  expiresAt?: string
  maxRuns?: number
}

/** The same, checked: what a schedule consists of apart from who keeps it. */
export interface Terms {
  rhythm: Rhythm
  missed: MissedPolicy
  budgetMicros: bigint | null
  expiresAtMs: number | null
  maxRuns: number | null
  /** Of a planned one. */
  plan: PlanSettings | null
}

const EVERY_MIN_MS = 1_000
const EVERY_MAX_MS = 366 * 24 * 3_600_000
/** With `all`, unless it is said: a hundred runs at once are as many as anybody wants to wake up to. */
const USUAL_MISSED_MAX = 100
const MISSED_MAX = 500

/** Everything that is wrong with when and how often, or the terms of it. */
export function readTerms(request: ScheduleRequest, { nowMs, timeZone }: { nowMs: number; timeZone: string }): Terms {
  const here = { nowMs, timeZone: request.timezone === undefined ? timeZone : checkTimeZone(request.timezone) }
  refuseForeign(request)
  const plan = request.kind === 'planned' ? readPlan(request) : null
  const rhythm = readRhythm(request, here)
  const expiresAtMs = request.expiresAt === undefined ? null : readMoment('expiresAt', request.expiresAt, here)
  const terms: Terms = {
    rhythm,
    missed: readMissed(request.missed, request.kind),
    budgetMicros: readLimit('budgetUsd', request.budgetUsd ?? null),
    expiresAtMs,
    // What happens once ends with its run.
    maxRuns: rhythm.kind === 'once' ? 1 : (request.maxRuns ?? null),
    plan,
  }
  const firstMs = nextAfter(rhythm, nowMs)
  if (firstMs === null) throw wrong('at', 'lies in the past')
  if (expiresAtMs !== null && firstMs > expiresAtMs) throw wrong('expiresAt', 'is before the first time it would run')
  return terms
}

/** What belongs to another kind is a slip that would otherwise go unnoticed. */
function refuseForeign(request: ScheduleRequest): void {
  const { kind, cron, everyMs, at } = request
  const problems: Problem[] = []
  const add = (path: string, message: string): void => void problems.push({ path, message })
  if (kind === 'cron' && cron === undefined) add('cron', 'is needed for kind cron')
  if (kind === 'interval' && everyMs === undefined) add('everyMs', 'is needed for kind interval')
  if (kind === 'once' && at === undefined) add('at', 'is needed for kind once')
  if (kind !== 'cron' && cron !== undefined) add('cron', 'goes with kind cron only')
  if (kind !== 'interval' && kind !== 'planned' && everyMs !== undefined) {
    add('everyMs', 'goes with the kinds interval and planned only')
  }
  for (const name of PLAN_FIELDS) {
    if (kind !== 'planned' && request[name] !== undefined) add(name, 'goes with kind planned only')
  }
  if (kind === 'cron' && at !== undefined) add('at', 'does not go with kind cron')
  if (problems.length === 0) return
  const list = problems.map(({ path, message }) => `${path} ${message}`).join('; ')
  throw new AppError('bad_input', `This schedule cannot be: ${list}.`, { problems })
}

/** A planned one comes at once, unless it is said when first: it has nothing to go by yet. */
const FIRST_MS = 1_000

function readRhythm({ kind, cron, everyMs, at }: ScheduleRequest, here: { nowMs: number; timeZone: string }): Rhythm {
  const { nowMs, timeZone } = here
  if (kind === 'cron') return { kind, cron: checkCron(cron ?? '', timeZone, nowMs), timeZone }
  if (kind === 'once') return { kind, atMs: readMoment('at', at ?? '', here), timeZone }
  const length = everyMs ?? 0
  if (kind === 'planned') {
    const firstMs = at === undefined ? nowMs + FIRST_MS : readMoment('at', at, here)
    return { kind, everyMs: length, atMs: firstMs, timeZone }
  }
  if (!Number.isInteger(length) || length < EVERY_MIN_MS || length > EVERY_MAX_MS) {
    throw wrong('everyMs', 'is a whole number of milliseconds, at least 1000 and at most a year')
  }
  const firstMs = at === undefined ? nowMs + length : readMoment('at', at, here)
  return { kind: 'interval', everyMs: length, atMs: firstMs, timeZone }
}

/** A moment that is to come, in ISO 8601 or in words. */
export function readMoment(path: string, text: string, here: { nowMs: number; timeZone: string }): number {
  const { rhythm } = readWhole(text, here)
  if (rhythm.kind === 'once') return rhythm.atMs
  throw wrong(path, 'is one moment, not a rhythm')
}

function readMissed(
  { policy, max }: NonNullable<ScheduleRequest['missed']> = { policy: 'once' },
  kind: ScheduleRequest['kind'],
): MissedPolicy {
  if (kind === 'planned' && policy === 'all') {
    throw wrong('missed.policy', 'is skip or once for kind planned: each time decides about the next one')
  }
  if (max !== undefined && policy !== 'all') throw wrong('missed.max', 'goes with the policy all only')
  if (max !== undefined && (!Number.isInteger(max) || max < 1 || max > MISSED_MAX)) {
    throw wrong('missed.max', `is a whole number from 1 to ${MISSED_MAX}`)
  }
  return { policy, max: max ?? USUAL_MISSED_MAX }
}

function wrong(path: string, message: string): AppError {
  return new AppError('bad_input', `This schedule cannot be: ${path} ${message}.`, { problems: [{ path, message }] })
}
