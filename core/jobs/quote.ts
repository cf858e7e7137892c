import type { JsonObject } from '#core/json.ts'
import { isModelTool } from '#core/models/model-tools.ts'
import { parseUsd } from '#core/money.ts'
import type { JobDefinition, StepDefinition } from './definition.ts'
import { priceKeyOf, priceUnder, withinCap } from './price-key.ts'
import { NESTING_MAX } from './types.ts'
import type { JobWorld } from './world.ts'

/** How often a forEach step is counted when the length of its list is not known yet. */
const COPIES_ESTIMATE = 5n
const COPIES_MAX = 20n

export type StepQuote = { stepId: string; estimateMicros: bigint; maxMicros: bigint } & (
  | { toolId: string }
  | { jobId: string }
)

export interface JobQuote {
  estimateMicros: bigint
  /** What is held before the run starts; never above the job's own `maxCostUsd`. */
  maxMicros: bigint
  /** Steps that cost something, each with all its copies, before the job's own limit. */
  perStep: StepQuote[]
}

export type Quoted = JobQuote | { unknownPrices: string[] }

type QuoteWorld = Pick<JobWorld, 'price' | 'modelPrice' | 'job'>

/**
 * What a run will cost and may cost at most. Each step counts once, because a failed try costs nothing; a forEach step as
 * often as its list is long when that is an input that was given, otherwise 5 times for the estimate and 20 for the
 * maximum. Tools without a price, and jobs that are not there, are named instead: they never count as zero.
 */
export function quoteJob(definition: JobDefinition, world: QuoteWorld, inputs?: JsonObject): Quoted {
  return quoteWithin(definition, world, inputs, new Map(), 0)
}

function quoteWithin(
  definition: JobDefinition,
  world: QuoteWorld,
  inputs: JsonObject | undefined,
  known: Map<string, Quoted>,
  depth: number,
): Quoted {
  const perStep: StepQuote[] = []
  const unknownPrices = new Set<string>()
  for (const step of definition.steps) {
    if (!('toolId' in step || 'jobId' in step)) continue
    const called = 'toolId' in step ? { toolId: step.toolId } : { jobId: step.jobId }
    const once =
      'toolId' in step
        ? (modelPriceOf(definition, step, world) ?? priceOf(step, inputs, world))
        : quoteOf(step.jobId, world, known, depth + 1)
    if ('unknownPrices' in once) {
      for (const name of once.unknownPrices) unknownPrices.add(name)
      continue
    }
    const copies = copiesOf(step, inputs)
    perStep.push({
      stepId: step.stepId,
      ...called,
      estimateMicros: once.estimateMicros * copies.estimate,
      maxMicros: once.maxMicros * copies.max,
    })
  }
  return unknownPrices.size > 0 ? { unknownPrices: [...unknownPrices] } : { ...totalOf(definition, perStep), perStep }
}

const modelPriceOf = (
  { jobId }: JobDefinition,
  { stepId, toolId }: { stepId: string; toolId: string },
  world: QuoteWorld,
) => (isModelTool(toolId) ? world.modelPrice?.(jobId, stepId) : undefined)

function priceOf(step: Extract<StepDefinition, { toolId: string }>, inputs: JsonObject | undefined, world: QuoteWorld) {
  const key = priceKeyOf(step, inputs)
  const price = priceUnder(key, world.price)
  return price ? withinCap(step, inputs, price) : { unknownPrices: [key] }
}

/** Worked out once for each job, however often it is called. */
function quoteOf(jobId: string, world: QuoteWorld, known: Map<string, Quoted>, depth: number): Quoted {
  const found = known.get(jobId)
  if (found) return found
  // Stands for the job while it is looked into: one that calls itself has no price.
  known.set(jobId, { unknownPrices: [jobId] })
  const job = depth > NESTING_MAX ? undefined : world.job(jobId)
  const quoted = job ? quoteWithin(job.definition, world, undefined, known, depth) : { unknownPrices: [jobId] }
  known.set(jobId, quoted)
  return quoted
}

function copiesOf({ forEach }: StepDefinition, inputs: JsonObject | undefined): { estimate: bigint; max: bigint } {
  if (!forEach) return { estimate: 1n, max: 1n }
  const list = 'input' in forEach && inputs && Object.hasOwn(inputs, forEach.input) ? inputs[forEach.input] : undefined
  if (!Array.isArray(list)) return { estimate: COPIES_ESTIMATE, max: COPIES_MAX }
  return { estimate: BigInt(list.length), max: BigInt(list.length) }
}

function totalOf(definition: JobDefinition, perStep: StepQuote[]): { estimateMicros: bigint; maxMicros: bigint } {
  const most = perStep.reduce((sum, step) => sum + step.maxMicros, 0n)
  const likely = perStep.reduce((sum, step) => sum + step.estimateMicros, 0n)
  const limit = limitOf(definition)
  const maxMicros = limit !== undefined && limit < most ? limit : most
  return { estimateMicros: likely < maxMicros ? likely : maxMicros, maxMicros }
}

/** The job's own limit in micro-dollars, undefined when it has none. */
export const limitOf = ({ limits }: JobDefinition): bigint | undefined =>
  limits?.maxCostUsd === undefined ? undefined : parseUsd(limits.maxCostUsd)

/** What a run costs in any case once each step has been executed once: the sum of the prices that are fixed. */
export function fixedCostOf(definition: JobDefinition, world: QuoteWorld): bigint {
  return fixedWithin(definition, world, new Map(), 0)
}

function fixedWithin(definition: JobDefinition, world: QuoteWorld, known: Map<string, bigint>, depth: number): bigint {
  let sum = 0n
  for (const step of definition.steps) {
    if ('toolId' in step) {
      const price = priceUnder(priceKeyOf(step), world.price)
      if (price && price.estimateMicros === price.maxMicros) sum += price.maxMicros
    } else if ('jobId' in step) sum += fixedOf(step.jobId, world, known, depth + 1)
  }
  return sum
}

function fixedOf(jobId: string, world: QuoteWorld, known: Map<string, bigint>, depth: number): bigint {
  const found = known.get(jobId)
  if (found !== undefined) return found
  known.set(jobId, 0n)
  const job = depth > NESTING_MAX ? undefined : world.job(jobId)
  const sum = job ? fixedWithin(job.definition, world, known, depth) : 0n
  known.set(jobId, sum)
  return sum
}
