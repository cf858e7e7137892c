import type { MessageEntity } from 'grammy/types'
import { continuous, quotes, solid, splittable } from './kinds.ts'

/**
 * Telegram repairs badly nested entities without a word, so a bot never learns that its formatting was lost.
 * This keeps what Telegram would keep and reports each repair.
 */
export function settleNesting(entities: readonly MessageEntity[], report: (message: string) => void): MessageEntity[] {
  const kept: MessageEntity[] = []
  const ordered = entities
    .filter((entity) => {
      if (entity.length === 0) report(`entity ${name(entity)} is empty`)
      return entity.length > 0
    })
    .toSorted((a, b) => a.offset - b.offset || b.length - a.length || rank(a) - rank(b))
  for (const entity of ordered) {
    const problem = kept.map((outer) => clash(outer, entity)).find((found) => found !== undefined)
    if (problem) report(`entity ${name(entity)} ${problem.says}`)
    if (!problem?.drops) kept.push(entity)
  }
  if (kept.length > 100) report(`${kept.length} entities; Telegram keeps the first 100`)
  return kept.slice(0, 100)
}

interface Clash {
  readonly says: string
  readonly drops: boolean
}

function clash(outer: MessageEntity, inner: MessageEntity): Clash | undefined {
  const outerEnd = outer.offset + outer.length
  if (inner.offset >= outerEnd) return undefined
  const drop = (says: string): Clash => ({ says, drops: true })
  if (outer.type === inner.type) return drop(`overlaps another ${outer.type}`)
  if (solid.has(outer.type)) return drop(`is inside ${name(outer)}, which can hold no entities`)
  if (solid.has(inner.type) && !quotes.has(outer.type)) return drop(`can't be part of ${name(outer)}`)
  if (quotes.has(inner.type) && quotes.has(outer.type)) return drop(`is a quotation inside ${name(outer)}`)
  const joined = continuous.has(inner.type) || quotes.has(inner.type)
  if (joined && continuous.has(outer.type)) return drop(`can't be part of ${name(outer)}`)
  if (inner.offset + inner.length <= outerEnd) return undefined
  // Plain styles are split where they cross; anything else is lost.
  return { says: `crosses ${name(outer)}`, drops: !(splittable.has(inner.type) || splittable.has(outer.type)) }
}

const name = (entity: MessageEntity): string => `${entity.type} at ${entity.offset}+${entity.length}`

const rank = (entity: MessageEntity): number => {
  if (quotes.has(entity.type)) return 0
  if (solid.has(entity.type)) return 1
  return continuous.has(entity.type) ? 2 : 3
}
