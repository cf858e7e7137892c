import type { Problem } from '#core/errors.ts'
import type { JsonObject } from '#core/json.ts'
import type { Checking } from './checking.ts'
import type { JobDefinition } from './definition.ts'
import { planOf } from './graph.ts'
import { parseDocument } from './parse.ts'
import { readDefinition } from './read-definition.ts'
import { readsOf } from './reads.ts'
import { typesOf } from './types.ts'
import { checkGraph } from './validate-graph.ts'
import { checkReads, checkTemplates } from './validate-reads.ts'
import { checkFallbacks, checkFit, checkInputsOfSteps, checkLists } from './validate-types.ts'
import { checkCalls, checkIdentity, checkLimits, checkReviews } from './validate-world.ts'
import type { JobWorld } from './world.ts'

const CHECKS: ((checking: Checking) => Problem[])[] = [
  checkIdentity,
  checkCalls,
  checkGraph,
  checkTemplates,
  checkReads,
  checkInputsOfSteps,
  checkFit,
  checkLists,
  checkFallbacks,
  checkReviews,
  checkLimits,
]

/**
 * A job file or object with everything that is wrong with it, its shape and its meaning, in the order of the document.
 * `definition` is there only when nothing is. Never throws because of the source.
 */
export function checkDefinition(
  source: string | JsonObject,
  world: JobWorld,
): { definition?: JobDefinition; problems: Problem[] } {
  const { value, problems } = parseDocument(source)
  if (problems.length > 0) return { problems }
  const { draft, reading } = readDefinition(value)
  const found = [
    ...reading.problems,
    ...meaningProblems(draft, world).filter((problem) => !isEcho(problem, reading.dropped)),
  ]
  return found.length > 0 ? { problems: inOrder(found) } : { definition: draft, problems: [] }
}

/** The same for a definition at hand: every problem, none when it may be stored. */
export const validateDefinition = (definition: JobDefinition, world: JobWorld): Problem[] =>
  checkDefinition(definition as unknown as JsonObject, world).problems

function meaningProblems(definition: JobDefinition, world: JobWorld): Problem[] {
  const checking: Checking = {
    definition,
    world,
    plan: planOf(definition),
    types: typesOf(definition, world),
    reads: readsOf(definition),
    stepIds: new Set(definition.steps.map((step) => step.stepId)),
  }
  return CHECKS.flatMap((check) => check(checking))
}

/** True for what is only wrong because something above or below it could not be read. */
function isEcho({ path }: Problem, dropped: Set<string>): boolean {
  for (const gone of dropped) {
    if (gone === 'steps' || path === gone || path.startsWith(`${gone}.`) || gone.startsWith(`${path}.`)) return true
  }
  return false
}

const FIELDS = [
  'jobId',
  'displayName',
  'description',
  'inputSchema',
  'primaryInput',
  'steps',
  'outputs',
  'review',
  'limits',
]

/** By field and by step, otherwise as found; the same sentence about the same place only once. */
function inOrder(problems: Problem[]): Problem[] {
  const seen = new Set<string>()
  return problems
    .filter(({ path, message }) => {
      const key = `${path}\n${message}`
      return !seen.has(key) && seen.add(key)
    })
    .toSorted((a, b) => rank(a) - rank(b))
}

function rank({ path }: Problem): number {
  const [field = '', index] = path.split('.')
  const place = FIELDS.indexOf(field)
  const step = field === 'steps' && index !== undefined ? Number(index) + 1 : 0
  return (place === -1 ? FIELDS.length : place) * 1_000 + step
}
