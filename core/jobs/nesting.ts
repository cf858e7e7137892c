import type { JobDefinition } from './definition.ts'
import { NESTING_MAX } from './types.ts'
import type { JobWorld } from './world.ts'

/** The jobs a definition calls, each once. */
const calledJobs = (definition: JobDefinition): string[] => [
  ...new Set(definition.steps.flatMap((step) => ('jobId' in step ? [step.jobId] : []))),
]

/** Why a job may not call another: it comes back to itself, or goes too deep. Undefined when it may. */
export function nestingFault(caller: string, called: string, world: Pick<JobWorld, 'job'>): string | undefined {
  if (caller === called) return 'a job cannot call itself'
  const levels = new Map<string, number>()
  const circle = circleFrom(called, [caller], levels, world)
  if (circle) return `goes in a circle: ${circle.join(' → ')}`
  const depth = levels.get(called) ?? 1
  return depth > NESTING_MAX ? `calls jobs ${depth} levels deep; at most ${NESTING_MAX} are allowed` : undefined
}

/** Fills in how many levels of jobs stand under each, itself counted; gives the first circle that it meets instead. */
function circleFrom(
  jobId: string,
  trail: string[],
  levels: Map<string, number>,
  world: Pick<JobWorld, 'job'>,
): string[] | undefined {
  if (trail.includes(jobId)) return [...trail.slice(trail.indexOf(jobId)), jobId]
  if (levels.has(jobId)) return undefined
  const job = world.job(jobId)
  let deepest = 0
  // Beyond this the answer is the same; it also bounds the recursion.
  for (const next of job && trail.length < 50 ? calledJobs(job.definition) : []) {
    const circle = circleFrom(next, [...trail, jobId], levels, world)
    if (circle) return circle
    deepest = Math.max(deepest, levels.get(next) ?? 0)
  }
  levels.set(jobId, deepest + 1)
  return undefined
}
