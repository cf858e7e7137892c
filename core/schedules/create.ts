import type { Tx } from '#db/db.ts'
import { insertPlan } from '#db/plans.ts'
import { insertSchedule, type ScheduleRow } from '#db/schedules.ts'
import { accountById } from '../accounts/account.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { Json } from '../json.ts'
import { showUsd } from '../money.ts'
import { answerBefore, once } from '../once.ts'
import { requireSources } from '../plans/request.ts'
import type { PreparedRun } from '../runs/request.ts'
import { scheduleEvent } from './advance.ts'
import { requireKeeper } from './keeper.ts'
import { readTerms, type ScheduleRequest, type Terms } from './request.ts'
import { describeRhythm, nextAfter } from './rhythm.ts'
import { prepareScheduled } from './start.ts'

export interface NewSchedule extends ScheduleRequest {
  /** Where cards and results of its runs go; none for one that only the API looks at. */
  conversation?: string
}

/** A schedule that could be made as it stands: its times are known, and its job could run with these inputs. */
export interface CheckedSchedule {
  terms: Terms
  /** Null for a planned one: what it runs is decided each time. */
  prepared: PreparedRun | null
}

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'settings'>

/** Everything that can be refused before it is written: its times, its inputs, its job, and whether the actor may. */
export async function checkSchedule(
  core: Pick<Core, 'db' | 'clock' | 'tools' | 'settings'>,
  actor: Actor,
  request: ScheduleRequest,
): Promise<CheckedSchedule> {
  await requireKeeper(core.db, actor, actor.context)
  const account = await accountById(core.db, actor.accountId)
  const terms = readTerms(request, { nowMs: core.clock.nowMs(), timeZone: account?.timeZone ?? 'UTC' })
  if (terms.plan) {
    await requireSources(core.db, actor, terms.plan)
    return { terms, prepared: null }
  }
  const job = { job_key: request.jobId, inputs_json: JSON.stringify(request.inputs) }
  const prepared = await prepareScheduled(core, actor, job)
  const { maxMicros } = prepared.quote
  if (terms.budgetMicros !== null && terms.budgetMicros < maxMicros) {
    const message = `The budget of ${showUsd(terms.budgetMicros)} is not enough for one run, which may cost ${showUsd(maxMicros)}.`
    throw new AppError('bad_input', message, { problems: [{ path: 'budgetUsd', message }] })
  }
  return { terms, prepared }
}

/**
 * Makes a schedule; its runs act with the rights of the actor, who owns it. Refused like a run, and `bad_input` for times
 * that cannot be. The same request key again gives the same schedule.
 */
export async function createSchedule(core: Needs, actor: Actor, request: NewSchedule): Promise<{ id: string }> {
  const asked = { actor, operation: 'schedule.create', input: JSON.parse(JSON.stringify(request)) as Json }
  const before = await answerBefore<{ id: string }>(core.db, asked)
  if (before) return before
  const { terms } = await checkSchedule(core, actor, request)
  const nowMs = core.clock.nowMs()
  return core.db.write(async function createSchedule(tx) {
    return once(tx, { ...asked, nowMs }, () => putSchedule(core, tx, actor, { request, terms }))
  })
}

/** The step of `createSchedule` for those who have more to write in the same transaction. */
export async function putSchedule(
  core: Needs,
  tx: Tx,
  actor: Actor,
  { request, terms }: { request: NewSchedule; terms: Terms },
): Promise<{ id: string }> {
  await requireKeeper(tx, actor, actor.context)
  const nowMs = core.clock.nowMs()
  const nextAtMs = nextAfter(terms.rhythm, nowMs)
  if (nextAtMs === null) throw new AppError('conflict', 'Its time has passed meanwhile. Give a later one.')
  const row: ScheduleRow = { ...newRow(actor, request, terms, nowMs), id: core.ids.newId('sch'), next_at_ms: nextAtMs }
  await insertSchedule.run(tx, row)
  if (terms.plan) {
    const settingsJson = JSON.stringify(terms.plan)
    await insertPlan.run(tx, { scheduleId: row.id, context: row.context, settingsJson, nowMs })
  }
  const details = { when: describeRhythm(terms.rhythm), nextAt: new Date(nextAtMs).toISOString() }
  await appendEvents(tx, nowMs, [scheduleEvent(row, 'created', details, actor.accountId)])
  tx.afterCommit(() => core.queue.wakeCompanions())
  return { id: row.id }
}

function newRow(actor: Actor, request: NewSchedule, { rhythm, ...terms }: Terms, nowMs: number): ScheduleRow {
  return {
    id: '',
    context: contextKey(actor.context),
    account_id: actor.accountId,
    job_key: request.jobId,
    inputs_json: JSON.stringify(request.inputs),
    kind: rhythm.kind,
    cron: rhythm.kind === 'cron' ? rhythm.cron : null,
    every_ms: rhythm.kind === 'interval' || rhythm.kind === 'planned' ? rhythm.everyMs : null,
    at_ms: rhythm.kind === 'cron' ? null : rhythm.atMs,
    time_zone: rhythm.timeZone,
    missed_policy: terms.missed.policy,
    missed_max: terms.missed.max,
    budget_micros: terms.budgetMicros,
    committed_micros: 0n,
    expires_at_ms: terms.expiresAtMs,
    max_runs: terms.maxRuns,
    runs: 0,
    status: 'active',
    status_reason: null,
    paused_until_ms: null,
    catch_up_until_ms: 0,
    next_at_ms: null,
    refused_code: null,
    noticed_at_ms: 0,
    channel: actor.channel,
    conversation: request.conversation ?? null,
    created_at_ms: nowMs,
    updated_at_ms: nowMs,
  }
}
