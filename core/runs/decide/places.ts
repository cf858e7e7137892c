import type { JobDefinition, StepDefinition } from '#core/jobs/definition.ts'
import { checkTemplate, variablesOf } from '#core/tools/liquid.ts'
import { RESULT_REVIEW } from '../state.ts'

/** One review of a definition, and what is done again when changes are asked for in it. Steps by their seq. */
export interface ReviewPlace {
  stepId: string
  /** What made the thing that is looked at: these are told what was said. None: it cannot be sent back. */
  makers: ReadonlySet<number>
  /** The makers and everything that has seen what they made, the review itself included. */
  again: ReadonlySet<number>
}

interface Graph {
  definition: JobDefinition
  seqOf: ReadonlyMap<string, number>
  dependencies: readonly (readonly number[])[]
  ancestors: readonly (readonly number[])[]
}

export function reviewPlacesOf(graph: Graph): ReviewPlace[] {
  const { definition } = graph
  const places = definition.steps.flatMap((step, seq): ReviewPlace[] => {
    if (!('review' in step)) return []
    const shown = seqsOf(graph, readBy(step))
    return [placeOf(graph, step.stepId, shown.length > 0 ? shown : (graph.dependencies[seq] ?? []), shown.length > 0)]
  })
  if (!definition.review) return places
  const shown = seqsOf(
    graph,
    Object.values(definition.outputs).map(({ step }) => step),
  )
  return [...places, placeOf(graph, RESULT_REVIEW, shown.length > 0 ? shown : lastSteps(graph), shown.length > 0)]
}

function placeOf(graph: Graph, stepId: string, from: readonly number[], isShown: boolean): ReviewPlace {
  const makers = new Set<number>()
  for (const seq of from) walkBack(graph, seq, isShown, makers)
  const again = new Set(makers)
  for (const [seq, ancestors] of graph.ancestors.entries()) {
    if (ancestors.some((ancestor) => makers.has(ancestor))) again.add(seq)
  }
  return { stepId, makers, again }
}

/** Nothing is made by waiting, nor by people asked before unless their answer is what is shown. */
function walkBack({ definition, dependencies }: Graph, from: number, isShown: boolean, makers: Set<number>): void {
  const toVisit = [{ seq: from, isShown }]
  const seen = new Set<number>()
  for (let next = toVisit.pop(); next; next = toVisit.pop()) {
    const step = definition.steps[next.seq]
    if (!step || seen.has(next.seq)) continue
    seen.add(next.seq)
    const isMaker = 'toolId' in step || 'jobId' in step || ('review' in step && next.isShown)
    if (isMaker) makers.add(next.seq)
    else for (const seq of dependencies[next.seq] ?? []) toVisit.push({ seq, isShown: false })
  }
}

function readBy(step: StepDefinition): string[] {
  return Object.values(step.inputMappings ?? {}).flatMap((mapping) => {
    if ('step' in mapping) return [mapping.step]
    if (!('template' in mapping) || checkTemplate(mapping.template) !== undefined) return []
    return variablesOf(mapping.template).flatMap(([root, stepId]) => (root === 'steps' && stepId ? [stepId] : []))
  })
}

const seqsOf = ({ seqOf }: Graph, stepIds: readonly string[]): number[] =>
  [...new Set(stepIds)].flatMap((stepId) => seqOf.get(stepId) ?? [])

function lastSteps({ definition, dependencies }: Graph): number[] {
  const waitedFor = new Set(dependencies.flat())
  return definition.steps.flatMap((_, seq) => (waitedFor.has(seq) ? [] : [seq]))
}
