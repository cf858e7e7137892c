import type { SideEffect } from '../../tools/tool.ts'
import type { AgentProfile } from '../agent.ts'

export type Verdict = { kind: 'go' } | { kind: 'refuse'; why: string } | { kind: 'ask'; why: string }

/** One call, as far as it matters for whether it may be made. */
export interface Judged {
  effect: SideEffect
  /** It could carry something to an address that nobody of the team has stored. */
  goesAnywhere: boolean
}

const WORDS: Record<Exclude<SideEffect, 'none'>, string> = {
  read: 'looks something up outside',
  write: 'changes something outside',
  spend: 'spends money',
}

/**
 * Whether an agent may make a call by itself, only after somebody approved that very call, or not at all. Once anything from
 * outside came in, what it asks for may be what an attacker asks for: from then on no permission lets it write, spend, or
 * call an address that nobody has stored.
 */
export function judge(
  { permissions }: AgentProfile,
  { effect, goesAnywhere }: Judged,
  taints: readonly string[],
): Verdict {
  if (effect === 'none') return { kind: 'go' }
  const permission = permissions[effect]
  if (permission === 'never') return { kind: 'refuse', why: `This agent may not use what ${WORDS[effect]}.` }
  const isDangerous = effect !== 'read' || goesAnywhere
  if (taints.length > 0 && isDangerous) {
    return { kind: 'ask', why: `It has seen what came from outside (${taints.join(', ')}), and this ${WORDS[effect]}.` }
  }
  if (permission === 'ask') return { kind: 'ask', why: `This agent asks before it uses what ${WORDS[effect]}.` }
  return { kind: 'go' }
}
