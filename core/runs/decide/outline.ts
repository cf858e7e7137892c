import type { JobDefinition, StepDefinition } from '#core/jobs/definition.ts'
import { ancestorsOf, planOf } from '#core/jobs/graph.ts'
import { type ReviewPlace, reviewPlacesOf } from './places.ts'

/** A definition with its graph worked out in seqs (places in `definition.steps`), once for all events of all its runs. */
export interface Outline {
  definition: JobDefinition
  steps: readonly StepDefinition[]
  /** Every seq once, behind what it waits for. */
  order: readonly number[]
  /** By seq: the steps it waits for directly. */
  dependencies: readonly (readonly number[])[]
  /** By seq: every step that must have ended before it, however far back. It sees the outputs of these and no others. */
  ancestors: readonly (readonly number[])[]
  seqOf: ReadonlyMap<string, number>
  requiredInputs: readonly string[]
  /** Every review of the definition, with what is done again when changes are asked for. */
  reviews: readonly ReviewPlace[]
  concurrency: number
}

const outlines = new WeakMap<JobDefinition, Outline>()

/** Remembered by the identity of the definition, which must not be changed afterwards. */
export function outlineOf(definition: JobDefinition): Outline {
  let outline = outlines.get(definition)
  if (!outline) {
    outline = draw(definition)
    outlines.set(definition, outline)
  }
  return outline
}

function draw(definition: JobDefinition): Outline {
  const plan = planOf(definition)
  const seqOf = new Map(definition.steps.map((step, seq) => [step.stepId, seq]))
  const seqs = (ids: Iterable<string>): number[] => Array.from(ids, (id) => seqOf.get(id) as number)
  const dependencies = definition.steps.map((step) => seqs(plan.dependenciesOf(step.stepId)))
  const ancestors = definition.steps.map((step) => seqs(ancestorsOf(plan, step.stepId)).sort((a, b) => a - b))
  return {
    definition,
    steps: definition.steps,
    order: seqs(plan.order),
    dependencies,
    ancestors,
    reviews: reviewPlacesOf({ definition, seqOf, dependencies, ancestors }),
    seqOf,
    requiredInputs: definition.inputSchema.required ?? [],
    concurrency: definition.limits?.concurrency ?? Number.POSITIVE_INFINITY,
  }
}
