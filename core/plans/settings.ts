import type { JsonObject } from '../json.ts'

/** What a model may recommend beside the next time. */
export const PLAN_ACTIONS = ['pause', 'resume', 'change_interval', 'disable_endpoint', 'notify', 'ask_person'] as const
export type PlanActionName = (typeof PLAN_ACTIONS)[number]

/** Done by itself, asked before, or not at all. */
export type Apply = 'auto' | 'ask' | 'never'

/** What a planned schedule is after and within which bounds. Stored whole as JSON. */
export interface PlanSettings {
  goal: string
  /** What a plan may call: endpoints of the context by name, jobs as `job:<name>`. */
  sources: string[]
  /** Inputs of a job that a plan need not give, by the job's name. */
  jobInputs: Record<string, JsonObject>
  /** How often it comes round when nobody says otherwise. */
  everyMs: number
  minMs: number
  maxMs: number
  /** Between two calls of one source. */
  cooldownMs: number
  tokensPerCycle: number | null
  /** Of a UTC day. */
  tokensPerDay: number | null
  /** Keep what is right of a plan that is wrong in places. */
  lenient: boolean
  /** When nobody decides the next time: the usual interval, or by how much the answers have changed. */
  fallback: 'interval' | 'adaptive'
  /** Asked of policy; null for whatever it gives. */
  model: string | null
  apply: Record<PlanActionName, Apply>
}

/** Telling somebody something harms nobody; the rest is asked. */
export const USUAL_APPLY: Record<PlanActionName, Apply> = {
  pause: 'ask',
  resume: 'ask',
  change_interval: 'ask',
  disable_endpoint: 'ask',
  notify: 'auto',
  ask_person: 'auto',
}

const JOB = 'job:'

export const jobSource = (jobId: string): string => `${JOB}${jobId}`

/** The job that a source is; undefined for endpoints. */
export const jobOfSource = (source: string): string | undefined =>
  source.startsWith(JOB) ? source.slice(JOB.length) : undefined

export const settingsOf = ({ settings_json }: { settings_json: string }): PlanSettings =>
  JSON.parse(settings_json) as PlanSettings
