import { z } from 'zod'
import { leadsNowhere } from '#core/cursor.ts'
import { limit, text } from './schemas.ts'

/** What the page before gave as `nextCursor`; whether it could have is for the list to say. */
export const cursor = text(200).exactOptional()

/** The query of a list that is short enough to be read as a whole. */
export const pageQuery = z.strictObject({ cursor, limit: limit(200, 500) })

export interface Page<T> {
  items: T[]
  /** Leads to the next page; null on the last. */
  nextCursor: string | null
}

/** One page of it. The cursor is the key of the last item of the page before; one that is gone is refused. */
export function pageOf<T>(
  items: readonly T[],
  { cursor, limit }: z.infer<typeof pageQuery>,
  keyOf: (item: T) => string,
): Page<T> {
  const before = cursor === undefined ? -1 : items.findIndex((item) => keyOf(item) === cursor)
  if (cursor !== undefined && before === -1) {
    throw leadsNowhere()
  }
  const page = items.slice(before + 1, before + 1 + limit)
  const last = page.at(-1)
  const isLast = before + 1 + page.length >= items.length
  return { items: page, nextCursor: isLast || last === undefined ? null : keyOf(last) }
}
