import type { Agent } from '../../agents/agent.ts'

export type Match = {
  /** 0 to 1. */
  confidence: number
  reason: string
}

/** Labels and needs are what somebody said on purpose: they count for more than a word in passing. */
const SAID_WEIGHT = 2
const SURE = 4

/** How well an agent fits a task, by its capabilities alone; null when nothing says that it does. */
export function matchOf(
  { profile: { capabilities }, role }: Pick<Agent, 'profile' | 'role'>,
  {
    title,
    description,
    labels,
    needs,
  }: { title: string; description: string; labels: readonly string[]; needs: readonly string[] },
): Match | null {
  const said = wordsOf([...labels, ...needs].join(' '))
  const told = wordsOf(`${title} ${description}`)
  const known = wordsOf([role, ...capabilities].join(' '))
  const found = [...known].map((word) => ({ word, weight: said.has(word) ? SAID_WEIGHT : told.has(word) ? 1 : 0 }))
  const hits = found.filter(({ weight }) => weight > 0)
  if (hits.length === 0) return null
  const score = hits.reduce((sum, { weight }) => sum + weight, 0)
  return {
    confidence: Math.min(1, score / SURE),
    reason: hits
      .map(({ word }) => word)
      .slice(0, 3)
      .join(', '),
  }
}

const WORD_LEAST = 3

/** Without the ending of a plural, so that “report” finds “reports”. */
const wordsOf = (text: string): Set<string> =>
  new Set(
    (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])
      .filter((word) => word.length >= WORD_LEAST)
      .map((word) => (word.length > 4 ? word.replace(/s$/, '') : word)),
  )
