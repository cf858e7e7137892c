import type { JobDefinition } from './definition.ts'

/** Which step waits for which. Asking for a step that is not there gives an empty list. */
export interface Plan {
  /** Every step once, each behind its dependencies, otherwise as written. Steps on a circle come last, as written. */
  order: readonly string[]
  /** Direct dependencies, each once, without unknown steps. */
  dependenciesOf(stepId: string): readonly string[]
  /** Steps that wait directly for this one, in the order they are written. */
  dependentsOf(stepId: string): readonly string[]
}

/** True when any step has `dependencies`, even an empty list: then the order in the file means nothing. */
export const isGraph = (definition: Pick<JobDefinition, 'steps'>): boolean =>
  definition.steps.some((step) => step.dependencies !== undefined)

/**
 * The graph of a job. No `dependencies` anywhere: each step waits for the one before it. Any: a step waits for what it
 * names and nothing else. Reading another step's output adds no edge; validation asks that it is declared.
 */
export function planOf(definition: Pick<JobDefinition, 'steps'>): Plan {
  const ids = definition.steps.map((step) => step.stepId)
  const dependencies = isGraph(definition) ? declared(definition) : inOrder(ids)
  const dependents = new Map<string, string[]>(ids.map((id) => [id, []]))
  for (const [id, waitsFor] of dependencies) for (const other of waitsFor) dependents.get(other)?.push(id)
  return {
    order: sorted(ids, dependencies, dependents),
    dependenciesOf: (stepId) => dependencies.get(stepId) ?? [],
    dependentsOf: (stepId) => dependents.get(stepId) ?? [],
  }
}

function declared(definition: Pick<JobDefinition, 'steps'>): Map<string, string[]> {
  const known = new Set(definition.steps.map((step) => step.stepId))
  return new Map(
    definition.steps.map((step) => [
      step.stepId,
      [...new Set(step.dependencies ?? [])].filter((dependency) => known.has(dependency)),
    ]),
  )
}

const inOrder = (ids: string[]): Map<string, string[]> =>
  new Map(ids.map((id, index) => [id, ids.slice(Math.max(0, index - 1), index)]))

function sorted(ids: string[], dependencies: Map<string, string[]>, dependents: Map<string, string[]>): string[] {
  const open = new Map(ids.map((id) => [id, dependencies.get(id)?.length ?? 0]))
  const order: string[] = ids.filter((id) => open.get(id) === 0)
  for (let next = 0; next < order.length; next++) {
    for (const dependent of dependents.get(order[next] as string) ?? []) {
      const left = (open.get(dependent) ?? 0) - 1
      open.set(dependent, left)
      if (left === 0) order.push(dependent)
    }
  }
  const placed = new Set(order)
  return [...order, ...ids.filter((id) => !placed.has(id))]
}

/** Every step that must have ended before this one starts, however far back. */
export function ancestorsOf(plan: Plan, stepId: string): Set<string> {
  const found = new Set<string>()
  const toVisit = [...plan.dependenciesOf(stepId)]
  for (let id = toVisit.pop(); id !== undefined; id = toVisit.pop()) {
    if (found.has(id)) continue
    found.add(id)
    toVisit.push(...plan.dependenciesOf(id))
  }
  return found
}

/** Circles of a graph, one for each tangle, starting and ending with the same step: `['a', 'b', 'a']`. */
export function cyclesOf(plan: Plan): string[][] {
  const cycles: string[][] = []
  const done = new Set<string>()
  for (const start of plan.order) {
    const cycle = done.has(start) ? undefined : cycleFrom(plan, start, done)
    if (cycle) cycles.push(cycle)
  }
  return cycles
}

/** Walks along dependencies without recursion; marks what it has seen as done, so that no circle is told twice. */
function cycleFrom(plan: Plan, start: string, done: Set<string>): string[] | undefined {
  const path: { id: string; next: number }[] = [{ id: start, next: 0 }]
  let cycle: string[] | undefined
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const dependency = plan.dependenciesOf(top.id)[top.next++]
    if (dependency === undefined) {
      done.add(top.id)
      path.pop()
      continue
    }
    const at = path.findIndex((entry) => entry.id === dependency)
    if (at >= 0) cycle ??= [...path.slice(at).map((entry) => entry.id), dependency]
    else if (!done.has(dependency)) path.push({ id: dependency, next: 0 })
  }
  return cycle
}
