import type { Reader } from '#db/db.ts'
import { findEndpoint } from '#db/endpoints.ts'
import { listCycles, listSiblingRuns, listSiblings, type PlanCycleRow, usageSince } from '#db/plan-cycles.ts'
import { listPlanHints, listPlanSources, type PlanHintRow, type PlanRow } from '#db/plans.ts'
import type { ScheduleRow } from '#db/schedules.ts'
import type { Actor } from '../actor.ts'
import { definitionOf } from '../endpoints/endpoint.ts'
import { findJob } from '../jobs/find.ts'
import type { Source } from './check-plan.ts'
import { HEALTHY, type Health, healthOf, whyNotNow } from './health.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import type { Plan } from './plan.ts'
import { jobOfSource, type PlanSettings, settingsOf } from './settings.ts'

/** Everything a planned schedule knows when it comes round. All of it belongs to its own context. */
export interface Knowledge {
  settings: PlanSettings
  sources: Map<string, Source>
  /** Sources that are not there any more. */
  gone: string[]
  health: Map<string, Health>
  hints: PlanHintRow[]
  /** Ended cycles, the newest first. */
  before: PlanCycleRow[]
  lastOutcome: Outcome | null
  lastPlan: Plan | null
  siblings: Sibling[]
  today: { cycles: number; tokens: number }
  nowMs: number
}

export interface Sibling {
  what: string
  how: string
  answers: string
}

const HINTS_MAX = 20
const BEFORE_MAX = 4
const SIBLINGS_MAX = 5

export async function gatherKnowledge(
  on: Reader,
  actor: Actor,
  { row, plan, nowMs }: { row: ScheduleRow; plan: PlanRow; nowMs: number },
): Promise<Knowledge> {
  const { id: scheduleId, context } = row
  const settings = settingsOf(plan)
  const { sources, gone } = await readSources(on, actor, context, settings)
  const rows = await listPlanSources.all(on, { scheduleId })
  const before = (await listCycles.all(on, { scheduleId, context, limit: BEFORE_MAX })).filter(
    (one) => one.ended_at_ms !== null,
  )
  const usage = await usageSince.first(on, { scheduleId, sinceMs: startOfDay(nowMs) })
  const lastRan = before.find(({ outcome_json }) => outcome_json !== null)
  return {
    settings,
    sources,
    gone,
    health: new Map(settings.sources.map((name) => [name, healthOf(rows.find((one) => one.name === name))])),
    hints: await listPlanHints.all(on, { scheduleId, context, nowMs, limit: HINTS_MAX }),
    before,
    lastOutcome: lastRan ? outcomeOf(lastRan) : null,
    lastPlan: plan.last_plan_json === null ? null : (JSON.parse(plan.last_plan_json) as Plan),
    siblings: await readSiblings(on, scheduleId, context),
    today: { cycles: Number(usage?.cycles ?? 0), tokens: Number(usage?.tokens ?? 0) },
    nowMs,
  }
}

/** Sources as they are now: what was taken away meanwhile is not there. */
export async function readSources(
  on: Reader,
  actor: Actor,
  context: string,
  { sources: names, jobInputs }: Pick<PlanSettings, 'sources' | 'jobInputs'>,
): Promise<{ sources: Map<string, Source>; gone: string[] }> {
  const sources = new Map<string, Source>()
  const gone: string[] = []
  for (const name of names) {
    const jobId = jobOfSource(name)
    const source =
      jobId === undefined ? await endpointSource(on, context, name) : await jobSourceOf(on, actor, name, jobId)
    if (source) sources.set(name, { ...source, given: (jobId !== undefined && jobInputs[jobId]) || {} })
    else gone.push(name)
  }
  return { sources, gone }
}

async function endpointSource(on: Reader, context: string, name: string): Promise<Omit<Source, 'given'> | undefined> {
  const row = await findEndpoint.first(on, { context, name })
  if (!row) return undefined
  const { description, method, bodySchema } = definitionOf(row)
  return { name, description, method, schema: bodySchema }
}

async function jobSourceOf(
  on: Reader,
  actor: Actor,
  name: string,
  jobId: string,
): Promise<Omit<Source, 'given'> | undefined> {
  const found = await findJob(on, actor, jobId)
  if (found?.row.status !== 'published') return undefined
  const { displayName, description, inputSchema } = found.definition
  return { name, description: `${displayName}. ${description}`, schema: inputSchema }
}

const ANSWER_MAX = 600

async function readSiblings(on: Reader, scheduleId: string, context: string): Promise<Sibling[]> {
  const planned = await listSiblings.all(on, { scheduleId, context, limit: SIBLINGS_MAX })
  const others = await listSiblingRuns.all(on, { context, limit: SIBLINGS_MAX })
  return [
    ...planned.map((one) => ({
      what: settingsOf(one).goal,
      how: one.status,
      answers: (one.outcome_json ?? '').slice(0, ANSWER_MAX),
    })),
    ...others.map((one) => ({
      what: one.job_key,
      how: one.status,
      answers: (one.outputs_json ?? '').slice(0, ANSWER_MAX),
    })),
  ]
}

const DAY_MS = 86_400_000

/** UTC. */
export const startOfDay = (nowMs: number): number => nowMs - (nowMs % DAY_MS)

/** Why a source may not be called now; undefined when it may be. */
export const notNowIn =
  ({ health, settings: { cooldownMs }, nowMs }: Knowledge) =>
  (name: string): string | undefined =>
    whyNotNow(health.get(name) ?? HEALTHY, { nowMs, cooldownMs })

/** What was known, in sentences. */
export function knownWords(knowledge: Knowledge): string[] {
  const { sources, gone, health, hints, lastOutcome, siblings, today } = knowledge
  const notNow = notNowIn(knowledge)
  const words = [`It could call ${[...sources.keys()].join(', ') || 'nothing'}.`]
  if (gone.length > 0) words.push(`${gone.join(', ')} ${gone.length === 1 ? 'is' : 'are'} not there any more.`)
  for (const [name, { state }] of health) {
    const why = notNow(name)
    if (why !== undefined) words.push(`${name}: ${why}.`)
    else if (state === 'warned') words.push(`${name} is being watched, because it fails often.`)
  }
  if (lastOutcome) {
    const failed = lastOutcome.calls.filter(({ status }) => status === 'failed').length
    words.push(`The last time ${lastOutcome.calls.length} calls were made and ${failed} failed.`)
  }
  if (hints.length > 0)
    words.push(`${hints.length === 1 ? 'One thing was' : `${hints.length} things were`} said about it that still hold.`)
  if (siblings.length > 0)
    words.push(
      `It knew how ${siblings.length} other ${siblings.length === 1 ? 'schedule' : 'schedules'} here had gone.`,
    )
  words.push(`It had come ${today.cycles} times today and used ${today.tokens} tokens.`)
  return words
}
