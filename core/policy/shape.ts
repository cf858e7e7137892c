import type { Effort } from '../models/model.ts'
import type { PolicyFacts } from './choice.ts'
import { own, type Policy } from './document.ts'

/** Of an answer, where nobody says how long it may be. */
const USUAL_TOKENS = 1_024
export const MOST_TOKENS = 8_192

interface Shape {
  effort: Effort | null
  maxTokens: number
}

/** How hard and how long it is to think: what the step asks for, else the override, else the default. */
export function givenShape(
  { overrides, default: usual }: Policy,
  { agentId, jobId, toolId, asked }: PolicyFacts['wanted'],
): Shape {
  const decided = [
    agentId === null ? undefined : own(overrides.agents, agentId),
    jobId === null ? undefined : own(overrides.jobs, jobId),
    own(overrides.tools, toolId),
  ]
  const first = <K extends 'effort' | 'maxTokens'>(key: K) =>
    [...decided, asked, usual ?? {}].find((one) => one?.[key] !== undefined)?.[key]
  return { effort: first('effort') ?? null, maxTokens: first('maxTokens') ?? USUAL_TOKENS }
}

const EFFORTS: readonly Effort[] = ['low', 'medium', 'high']

export const lesser = (effort: Effort | null, most: Effort | undefined): Effort | null =>
  effort !== null && most !== undefined && EFFORTS.indexOf(effort) > EFFORTS.indexOf(most) ? most : effort
