import type { Reader } from '#db/db.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import { AppError, type Problem } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { readSources } from './knowledge.ts'
import { type Apply, jobSource, PLAN_ACTIONS, type PlanActionName, type PlanSettings, USUAL_APPLY } from './settings.ts'

/** What a planned schedule says beside what every schedule does. */
export interface PlanRequest {
  /** In words. */
  goal?: string
  /** Names of endpoints of the context. */
  endpoints?: string[]
  /** Names of published jobs. */
  jobs?: string[]
  minMs?: number
  maxMs?: number
  cooldownMs?: number
  tokensPerCycle?: number
  tokensPerDay?: number
  lenient?: boolean
  fallback?: 'interval' | 'adaptive'
  model?: string
  apply?: Partial<Record<PlanActionName, Apply>>
}

/** Stands for the job of a planned schedule that names none: what it runs is decided each time. */
export const PLANNED = 'planned'

export const PLAN_FIELDS = [
  'goal',
  'endpoints',
  'jobs',
  'minMs',
  'maxMs',
  'cooldownMs',
  'tokensPerCycle',
  'tokensPerDay',
  'lenient',
  'fallback',
  'model',
  'apply',
] as const satisfies (keyof PlanRequest)[]

const GOAL_MAX = 2_000
const SOURCES_MAX = 20
const PLANNED_EVERY = { minMs: 10_000, maxMs: 30 * 86_400_000 }
const WEEK_MS = 7 * 86_400_000

interface Asked extends PlanRequest {
  jobId: string
  inputs: JsonObject
  everyMs?: number
}

/** Everything that is wrong with it at once (`bad_input`); what is left out is as usual. */
export function readPlan(asked: Asked): PlanSettings {
  const problems: Problem[] = []
  const add = (path: string, message: string): void => void problems.push({ path, message })
  const { minMs: least, maxMs: most } = PLANNED_EVERY
  const job = asked.jobId === PLANNED ? undefined : asked.jobId
  const everyMs = asked.everyMs ?? 0
  if (!isWithin(everyMs, least, most))
    add('everyMs', 'is needed: how often it comes round, in milliseconds, from 10 seconds to 30 days')
  const minMs = asked.minMs ?? Math.max(least, Math.min(everyMs, Math.floor(everyMs / 4)))
  const maxMs = asked.maxMs ?? Math.max(everyMs, Math.min(WEEK_MS, everyMs * 8))
  if (!isWithin(minMs, least, Math.max(least, everyMs)))
    add('minMs', 'is a whole number of milliseconds, from 10 seconds to everyMs')
  if (!isWithin(maxMs, everyMs, most)) add('maxMs', 'is a whole number of milliseconds, from everyMs to 30 days')
  const cooldownMs = asked.cooldownMs ?? 0
  if (!isWithin(cooldownMs, 0, most)) add('cooldownMs', 'is a whole number of milliseconds, at most 30 days')
  const goal = (asked.goal ?? (job === undefined ? '' : `Run ${job} whenever that is of use.`)).trim()
  if (goal === '' || goal.length > GOAL_MAX)
    add('goal', `is needed: what it is after, in at most ${GOAL_MAX} characters`)
  const jobs = [...new Set([...(job === undefined ? [] : [job]), ...(asked.jobs ?? [])])]
  const sources = [...new Set([...(asked.endpoints ?? []), ...jobs.map(jobSource)])]
  if (sources.length === 0) add('endpoints', 'or jobs are needed: what it may call')
  if (sources.length > SOURCES_MAX)
    add('endpoints', `and jobs are ${sources.length}; at most ${SOURCES_MAX} may be called`)
  if (job === undefined && Object.keys(asked.inputs).length > 0) add('inputs', 'belong to a job: name it as jobId')
  for (const name of ['tokensPerCycle', 'tokensPerDay'] as const) {
    const tokens = asked[name]
    if (tokens !== undefined && !isWithin(tokens, 0, 1_000_000_000)) add(name, 'is a whole number')
  }
  for (const name of Object.keys(asked.apply ?? {})) {
    if (!PLAN_ACTIONS.some((known) => known === name)) add(`apply.${name}`, `is none of ${PLAN_ACTIONS.join(', ')}`)
  }
  if (problems.length > 0) throw wrongPlan(problems)
  return {
    goal,
    sources,
    jobInputs: job === undefined ? {} : { [job]: asked.inputs },
    everyMs,
    minMs,
    maxMs,
    cooldownMs,
    tokensPerCycle: asked.tokensPerCycle ?? null,
    tokensPerDay: asked.tokensPerDay ?? null,
    lenient: asked.lenient ?? true,
    fallback: asked.fallback ?? 'adaptive',
    model: asked.model ?? null,
    apply: { ...USUAL_APPLY, ...asked.apply },
  }
}

/** That everything it may call is there, in its own context, and published. */
export async function requireSources(on: Reader, actor: Actor, settings: PlanSettings): Promise<void> {
  const { gone } = await readSources(on, actor, contextKey(actor.context), settings)
  if (gone.length === 0) return
  const [first = ''] = gone
  const isJob = first.startsWith('job:')
  const message = isJob
    ? `There is no published job ${first.slice('job:'.length)} here. /jobs lists them.`
    : `There is no endpoint ${first} here.`
  throw new AppError('not_found', message)
}

const isWithin = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most

function wrongPlan(problems: Problem[]): AppError {
  const list = problems.map(({ path, message }) => `${path} ${message}`).join('; ')
  return new AppError('bad_input', `This schedule cannot be: ${list}.`, { problems })
}
