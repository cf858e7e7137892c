import { isJsonObject } from '../json.ts'
import type { JsonSchema } from '../schema.ts'
import { REASONING_MAX } from './plan.ts'
import { PLAN_ACTIONS, type PlanActionName } from './settings.ts'

/** Something that a model would do beside going on. */
export interface Recommended {
  action: PlanActionName
  reason: string
  endpoint: string | null
  everyMs: number | null
  untilMs: number | null
  /** What is said, or asked. */
  message: string | null
}

/** What a model says at the end of a cycle. */
export interface Advice {
  nextRunAtMs: number | null
  reasoning: string
  confidence: number
  actions: Recommended[]
}

const ACTIONS_MAX = 5
const TEXT_MAX = 500

export const ADVICE_SCHEMA: JsonSchema = {
  type: 'object',
  required: ['nextRunAt', 'reasoning', 'confidence', 'recommendedActions'],
  additionalProperties: false,
  properties: {
    nextRunAt: { type: 'string', description: 'ISO 8601 in UTC' },
    reasoning: { type: 'string', description: 'Why then, in a few plain sentences' },
    confidence: { type: 'number', minimum: 0, maximum: 1 },
    recommendedActions: {
      type: 'array',
      maxItems: ACTIONS_MAX,
      description: 'Seldom needed',
      items: {
        type: 'object',
        required: ['action', 'reason'],
        additionalProperties: false,
        properties: {
          action: { type: 'string', enum: [...PLAN_ACTIONS] },
          reason: { type: 'string', maxLength: TEXT_MAX },
          endpoint: { type: 'string', description: 'Of disable_endpoint' },
          everyMs: { type: 'integer', description: 'Of change_interval', minimum: 1 },
          until: { type: 'string', description: 'Of pause and change_interval: ISO 8601' },
          message: { type: 'string', description: 'Of notify and ask_person', maxLength: TEXT_MAX },
        },
      },
    },
  },
}

/** What of an answer is of use; what is not is said, and as if it had not come. */
export function readAdvice(value: unknown, nowMs: number): { advice: Advice; notes: string[] } {
  const notes: string[] = []
  const given = isJsonObject(value) ? value : {}
  if (!isJsonObject(value)) notes.push('What the model said about the next time could not be read.')
  const nextRunAtMs = momentOf(given.nextRunAt)
  const isUsable = nextRunAtMs !== null && nextRunAtMs > nowMs
  if (isJsonObject(value) && !isUsable) notes.push('The model named no time to come, so it decided nothing about that.')
  const list = Array.isArray(given.recommendedActions) ? given.recommendedActions : []
  const actions: Recommended[] = []
  for (const one of list.slice(0, ACTIONS_MAX)) {
    const read = readAction(one)
    if (read) actions.push(read)
    else notes.push('Something that the model recommended is nothing that can be done here.')
  }
  if (list.length > ACTIONS_MAX) notes.push(`The model recommended more than ${ACTIONS_MAX} things; the rest was left.`)
  return {
    advice: {
      nextRunAtMs: isUsable ? nextRunAtMs : null,
      reasoning: textOf(given.reasoning, REASONING_MAX) ?? '',
      confidence:
        typeof given.confidence === 'number' && given.confidence >= 0 && given.confidence <= 1 ? given.confidence : 0,
      actions,
    },
    notes,
  }
}

function readAction(value: unknown): Recommended | undefined {
  if (!isJsonObject(value)) return undefined
  const action = PLAN_ACTIONS.find((name) => name === value.action)
  if (!action) return undefined
  const everyMs =
    typeof value.everyMs === 'number' && Number.isSafeInteger(value.everyMs) && value.everyMs > 0 ? value.everyMs : null
  const read: Recommended = {
    action,
    reason: textOf(value.reason, TEXT_MAX) ?? '',
    endpoint: textOf(value.endpoint, 60),
    everyMs,
    untilMs: momentOf(value.until),
    message: textOf(value.message, TEXT_MAX),
  }
  const lacks =
    (action === 'disable_endpoint' && read.endpoint === null) ||
    (action === 'change_interval' && read.everyMs === null) ||
    ((action === 'notify' || action === 'ask_person') && read.message === null && read.reason === '')
  return lacks ? undefined : read
}

const textOf = (value: unknown, most: number): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, most) : null

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/

function momentOf(value: unknown): number | null {
  if (typeof value !== 'string' || !ISO.test(value.trim())) return null
  const ms = Date.parse(value.trim())
  return Number.isFinite(ms) ? ms : null
}
