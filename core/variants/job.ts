import type { JobDefinition } from '../jobs/definition.ts'
import type { JobQuote } from '../jobs/quote.ts'
import type { JsonObject } from '../json.ts'
import type { RunState } from '../runs/state.ts'

export const VARIANTS_MAX = 10

/** Step ids of definitions cannot begin with `$`. */
const STEP = '$variant-'

/**
 * A run of several variants is a run of a job that calls the real one that often, side by side: so they stand under one
 * quote and one hold, and the failure of one does not stop the others.
 */
export function variantsJob(job: JobDefinition, variants: number): JobDefinition {
  const inputs = Object.keys(job.inputSchema.properties ?? {})
  const { limits: _, review: __, ...named } = job
  return {
    ...named,
    steps: Array.from({ length: variants }, (_, place) => ({
      stepId: `${STEP}${place + 1}`,
      displayName: `Variant ${place + 1}`,
      jobId: job.jobId,
      dependencies: [],
      inputMappings: Object.fromEntries(inputs.map((name) => [name, { input: name }])),
      onFailure: 'continue' as const,
    })),
    outputs: {},
  }
}

/** How many a definition makes, undefined when it is an ordinary job. */
export const variantsOfJob = ({ steps }: JobDefinition): number | undefined =>
  steps[0]?.stepId.startsWith(STEP) ? steps.length : undefined

/** The price of one, that often. */
export function variantsQuote({ estimateMicros, maxMicros }: JobQuote, jobId: string, variants: number): JobQuote {
  const times = BigInt(variants)
  const perStep = Array.from({ length: variants }, (_, place) => ({
    stepId: `${STEP}${place + 1}`,
    jobId,
    estimateMicros,
    maxMicros,
  }))
  return { estimateMicros: estimateMicros * times, maxMicros: maxMicros * times, perStep }
}

/** What the run of several shows as its own outputs: those of the first that succeeded. */
export const firstOutputs = ({ steps }: RunState): JsonObject =>
  steps.find(({ status, parentSeq }) => status === 'succeeded' && parentSeq === null)?.output ?? {}
