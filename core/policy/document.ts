import { z } from 'zod'
import { AppError, type Problem } from '../errors.ts'

const EFFORTS = ['low', 'medium', 'high'] as const

const name = z.string().trim().min(1).max(200)
const toolId = z.string().min(1).max(64)
const maxTokens = z.int().min(1).max(1_000_000)
const shape = { model: name.optional(), effort: z.enum(EFFORTS).optional(), maxTokens: maxTokens.optional() }

/** What something in particular gets in place of the default. */
const override = z.strictObject(shape)
const overrides = z.record(z.string().min(1).max(200), override)

/** `anthropic/*`, `openai/gpt-5`, `gpt-5` of whichever provider, or `*`. */
const MODELS_MAX = 100
const models = z.array(name).max(MODELS_MAX)

/**
 * What a context says about models. Everything may be left out: then the instance says it, and what that leaves out has its
 * usual value. Lists are whole: one that is given stands in place of the instance's.
 */
export const policyDocument = z.strictObject({
  /** `provider/model`, or a model by its name alone. */
  default: z.strictObject({ ...shape, model: name }).optional(),
  /** What may be asked at all; left out: whatever has a price. */
  allowed: models.min(1).optional(),
  overrides: z
    .strictObject({ jobs: overrides.optional(), agents: overrides.optional(), tools: overrides.optional() })
    .optional(),
  /** The most that anybody may ask for. */
  most: z.strictObject({ effort: z.enum(EFFORTS).optional(), maxTokens: maxTokens.optional() }).optional(),
  /** What happens to what is not allowed: nothing runs, or the nearest that is allowed answers. */
  onDisallowed: z.enum(['refuse', 'clamp']).optional(),
  /** Asked in this order when the model cannot be reached: models, or connections by name for the same model. */
  fallbacks: models.optional(),
  /** From dear to cheap: what a budget that runs low turns to. */
  cheaper: models.optional(),
  tools: z
    .strictObject({
      /** Tools that may ask a model; left out: all. */
      allowed: z.array(toolId).max(MODELS_MAX).optional(),
      /** Not while a budget runs low. */
      deniedWhenLow: z.array(toolId).max(MODELS_MAX).optional(),
    })
    .optional(),
  /** The mock answers, and no model is asked. */
  mock: z.boolean().optional(),
  /** With `fallback`, the mock answers where nothing at all is connected. */
  onNoConnection: z.enum(['fallback', 'refuse', 'mock']).optional(),
})

export type PolicyDocument = z.output<typeof policyDocument>
export type PolicyOverride = z.output<typeof override>

/** A policy in which nothing is left open. */
export interface Policy {
  default: PolicyDocument['default'] | null
  allowed: readonly string[]
  overrides: Record<'jobs' | 'agents' | 'tools', Record<string, PolicyOverride>>
  most: NonNullable<PolicyDocument['most']>
  onDisallowed: 'refuse' | 'clamp'
  fallbacks: readonly string[]
  cheaper: readonly string[]
  tools: { allowed: readonly string[] | null; deniedWhenLow: readonly string[] }
  mock: boolean
  onNoConnection: 'fallback' | 'refuse' | 'mock'
}

/** What reigns where these were written: the nearest first. Each part comes whole from the nearest that has it. */
export function reigning(...documents: readonly PolicyDocument[]): Policy {
  const part = <K extends keyof PolicyDocument>(key: K): PolicyDocument[K] | undefined =>
    documents.find((document) => document[key] !== undefined)?.[key]
  const { jobs = {}, agents = {}, tools = {} } = part('overrides') ?? {}
  const { allowed = null, deniedWhenLow = [] } = part('tools') ?? {}
  return {
    default: part('default') ?? null,
    allowed: part('allowed') ?? ['*'],
    overrides: { jobs, agents, tools },
    most: part('most') ?? {},
    onDisallowed: part('onDisallowed') ?? 'refuse',
    fallbacks: part('fallbacks') ?? [],
    cheaper: part('cheaper') ?? [],
    tools: { allowed, deniedWhenLow },
    mock: part('mock') ?? false,
    onNoConnection: part('onNoConnection') ?? 'fallback',
  }
}

const SIZE_MAX_BYTES = 64 * 1024

/** A document as somebody wrote it, or `bad_input` with everything that is wrong with it. */
export function readPolicy(given: unknown): PolicyDocument {
  const { success, data, error } = policyDocument.safeParse(given)
  const problems: Problem[] = success
    ? Buffer.byteLength(JSON.stringify(data)) > SIZE_MAX_BYTES
      ? [{ path: '', message: 'is larger than 64 KiB' }]
      : []
    : error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
  if (success && problems.length === 0) return data
  const list = problems.map(({ path, message }) => `${path} ${message}`.trim()).join('; ')
  throw new AppError('bad_input', `This policy cannot be: ${list}.`, { problems })
}

/** One that was stored: it was read before. */
export const storedPolicy = (json: string): PolicyDocument => policyDocument.parse(JSON.parse(json))
