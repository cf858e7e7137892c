import type { Problem } from '#core/errors.ts'
import { didYouMean } from '#core/suggest.ts'
import type { Checking } from './checking.ts'
import { cyclesOf } from './graph.ts'

/** Dependencies name other steps, each once, and nothing waits for itself. */
export function checkGraph({ definition, plan, stepIds }: Checking): Problem[] {
  const named = definition.steps.flatMap((step, index) =>
    (step.dependencies ?? []).flatMap((dependency, place, all): Problem[] => {
      const wrong = (message: string): Problem[] => [{ path: `steps.${index}.dependencies.${place}`, message }]
      if (dependency === step.stepId) return wrong('is the step itself')
      if (!stepIds.has(dependency)) return wrong(`there is no step ${dependency}${didYouMean(dependency, stepIds)}`)
      return all.indexOf(dependency) < place ? wrong(`names ${dependency} a second time`) : []
    }),
  )
  const circles = cyclesOf(plan)
    .filter((cycle) => cycle.length > 2)
    .map((cycle) => {
      const index = definition.steps.findIndex((step) => step.stepId === cycle[0])
      return { path: `steps.${index}.dependencies`, message: `goes in a circle: ${cycle.join(' → ')}` }
    })
  return [...named, ...circles]
}
