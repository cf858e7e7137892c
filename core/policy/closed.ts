import type { Effort } from '../models/model.ts'
import type { Chosen } from './choice.ts'
import type { Policy } from './document.ts'
import type { PolicyFacts } from './resolve.ts'

/** A tool that may not ask a model here, at all or for now. */
export function closedTool({ policy, where, wanted: { toolId }, standing }: PolicyFacts): Chosen | undefined {
  const { allowed, deniedWhenLow } = policy.tools
  if (allowed && !allowed.includes(toolId)) {
    const message = `${toolId} may not ask a model in ${where}: its policy allows ${allowed.join(', ') || 'no tool'}.`
    return { refused: { code: 'policy_refused', message }, because: 'override_refused' }
  }
  if (standing.level === 'fine' || !deniedWhenLow.includes(toolId)) return undefined
  const message = `${standing.words}, and until then ${toolId} is closed by the policy of ${where}.`
  return { refused: { code: 'limit_reached', message }, because: 'budget' }
}

const RANK: Record<Effort, number> = { low: 0, medium: 1, high: 2 }

/** What of a wish is more than anybody may have; undefined when nothing is. */
export function tooMuch(
  { most }: Policy,
  { effort, maxTokens }: { effort: Effort | null; maxTokens: number },
): string | undefined {
  if (most.maxTokens !== undefined && maxTokens > most.maxTokens) {
    return `${maxTokens} tokens are asked for and ${most.maxTokens} are the most`
  }
  if (most.effort !== undefined && effort !== null && RANK[effort] > RANK[most.effort]) {
    return `the effort ${effort} is asked for and ${most.effort} is the most`
  }
  return undefined
}
