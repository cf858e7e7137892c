import type { JsonSchema } from '#core/schema.ts'
import { schemaAt } from '#core/schema-fit.ts'
import type { JobDefinition, StepDefinition } from './definition.ts'
import type { JobWorld } from './world.ts'

/** Jobs call jobs no deeper than this. */
export const NESTING_MAX = 5

const ANYTHING: JsonSchema = {}

export interface StepTypes {
  /** What a step takes; undefined when it takes anything (reviews, waits) or is not known. */
  inputOf(step: StepDefinition): JsonSchema | undefined
  /** What later steps see of it: with forEach `{ items: [...] }`. `{}` for steps that are not known. */
  outputOf(stepId: string): JsonSchema
  /** What one execution gives: the same without forEach. */
  resultOf(step: StepDefinition): JsonSchema
  /** The element that each copy of a forEach step works on; undefined without forEach. */
  itemOf(step: StepDefinition): JsonSchema | undefined
}

/** The schemas on both ends of every step, as far as they can be known before a run. */
export function typesOf(definition: JobDefinition, world: Pick<JobWorld, 'tool' | 'job'>): StepTypes {
  return typesWithin(definition, world, new Map(), 0)
}

type Outputs = Map<string, JsonSchema>

function typesWithin(
  definition: JobDefinition,
  world: Pick<JobWorld, 'tool' | 'job'>,
  known: Outputs,
  depth: number,
): StepTypes {
  const steps = new Map(definition.steps.map((step) => [step.stepId, step]))
  const types: StepTypes = {
    inputOf: (step) => {
      if ('toolId' in step) return world.tool(step.toolId)?.inputSchema
      return 'jobId' in step ? world.job(step.jobId)?.definition.inputSchema : undefined
    },
    resultOf: (step) => {
      if ('toolId' in step) return world.tool(step.toolId)?.outputSchema ?? ANYTHING
      if ('jobId' in step) return jobOutputs(step.jobId, world, known, depth + 1)
      const form = 'review' in step ? step.review.schema : undefined
      return form ? { ...form, additionalProperties: true } : ANYTHING
    },
    outputOf: (stepId) => {
      const step = steps.get(stepId)
      if (!step) return ANYTHING
      return step.forEach ? listOf(types.resultOf(step)) : types.resultOf(step)
    },
    itemOf: ({ forEach }) => {
      if (!forEach) return undefined
      const list =
        'step' in forEach
          ? schemaAt(types.outputOf(forEach.step), [forEach.output])
          : schemaAt(definition.inputSchema, [forEach.input])
      return list?.items ?? ANYTHING
    },
  }
  return types
}

const listOf = (items: JsonSchema): JsonSchema => ({
  type: 'object',
  required: ['items'],
  additionalProperties: false,
  properties: { items: { type: 'array', items } },
})

/** Worked out once for each job, however often it is called; circles end as anything. */
function jobOutputs(jobId: string, world: Pick<JobWorld, 'tool' | 'job'>, known: Outputs, depth: number): JsonSchema {
  const found = known.get(jobId)
  if (found) return found
  known.set(jobId, ANYTHING)
  const job = depth > NESTING_MAX ? undefined : world.job(jobId)
  if (!job) return ANYTHING
  const types = typesWithin(job.definition, world, known, depth)
  const properties = outputsWithin(job.definition, types)
  const schema: JsonSchema = { type: 'object', properties, additionalProperties: false }
  known.set(jobId, schema)
  return schema
}

/** The outputs of a job by name, as far as they can be known before a run; `{}` for those that can be anything. */
export const outputsOf = (
  definition: JobDefinition,
  world: Pick<JobWorld, 'tool' | 'job'>,
): Record<string, JsonSchema> => outputsWithin(definition, typesOf(definition, world))

const outputsWithin = ({ outputs }: JobDefinition, types: StepTypes): Record<string, JsonSchema> =>
  Object.fromEntries(
    Object.entries(outputs).map(([name, { step, output, path = '' }]) => [
      name,
      schemaAt(types.outputOf(step), [output, ...path.split('.').filter(Boolean)]) ?? ANYTHING,
    ]),
  )
