import type { JobDefinition } from './definition.ts'
import type { Plan } from './graph.ts'
import type { Read } from './reads.ts'
import type { StepTypes } from './types.ts'
import type { JobWorld } from './world.ts'

/** What every check looks at. */
export interface Checking {
  definition: JobDefinition
  world: JobWorld
  plan: Plan
  types: StepTypes
  reads: Read[]
  stepIds: Set<string>
}
