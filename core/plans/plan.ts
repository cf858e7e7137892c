import type { JsonObject } from '../json.ts'
import type { JsonSchema } from '../schema.ts'

/** One call of a plan that is fit to run. */
export interface PlannedCall {
  /** Its name within the plan; also its step's. */
  id: string
  /** An endpoint by name, or `job:<name>`. */
  endpoint: string
  parameters: JsonObject
  headers: Record<string, string>
  /** Higher goes first. */
  priority: number
  /** Ids of calls that must have gone well before. */
  dependsOn: string[]
  /** When it fails, the rest is not done. */
  critical: boolean
}

export interface Plan {
  calls: PlannedCall[]
  strategy: Strategy
  concurrencyLimit: number
  reasoning: string
  /** 0 to 1. */
  confidence: number
}

export const STRATEGIES = ['sequential', 'parallel', 'mixed'] as const
export type Strategy = (typeof STRATEGIES)[number]

/** Of one cycle. What needs more is done in the next one. */
export const CALLS_MAX = 10
/** Of one source in one cycle. */
export const SAME_MAX = 3
export const CONCURRENCY_MAX = 5
export const REASONING_MAX = 2_000
export const PARAMETERS_MAX_BYTES = 16_384
const PRIORITY_MAX = 100

export const CALL_SCHEMA: JsonSchema = {
  type: 'object',
  required: ['endpoint'],
  additionalProperties: false,
  properties: {
    id: { type: 'string', description: 'A short name, where several calls go to one endpoint', maxLength: 40 },
    endpoint: { type: 'string', description: 'One of the sources, exactly as it is named', maxLength: 60 },
    parameters: { type: 'object', description: 'As its schema asks', additionalProperties: true },
    headers: {
      type: 'object',
      description: 'Seldom needed; never credentials, cookies or a host',
      additionalProperties: { type: 'string' },
    },
    priority: { type: 'number', description: 'Higher goes first', minimum: -PRIORITY_MAX, maximum: PRIORITY_MAX },
    dependsOn: {
      type: 'array',
      description: 'Ids, or sources, of calls that must have gone well before',
      items: { type: 'string' },
      maxItems: CALLS_MAX,
    },
    critical: { type: 'boolean', description: 'When it fails, the rest is not done' },
  },
}

/** What a model is to answer; everything else about a plan is checked afterwards. */
export const PLAN_SCHEMA: JsonSchema = {
  type: 'object',
  required: ['calls', 'strategy', 'concurrencyLimit', 'reasoning', 'confidence'],
  additionalProperties: false,
  properties: {
    calls: { type: 'array', items: CALL_SCHEMA, description: `At most ${CALLS_MAX}; none when nothing needs doing` },
    strategy: { type: 'string', enum: [...STRATEGIES] },
    concurrencyLimit: { type: 'integer', minimum: 1, maximum: CONCURRENCY_MAX },
    reasoning: { type: 'string', description: 'Why these calls, in a few plain sentences' },
    confidence: { type: 'number', minimum: 0, maximum: 1 },
  },
}
