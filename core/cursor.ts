import { AppError } from './errors.ts'
import type { IdPrefix } from './ids.ts'

/**
 * Where a page goes on is what the page before gave as `nextCursor`, and nothing else. What could not have been given is
 * refused (`bad_request`): compared as it stands it would lead to some page, and nobody would notice that it is the wrong one.
 */
export const leadsNowhere = (): AppError =>
  new AppError(
    'bad_request',
    'This cursor leads nowhere: cursor must be the nextCursor of the page before. Leave it out for the first page.',
    { problems: [{ path: 'cursor', message: 'must be the nextCursor of the page before' }] },
  )

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The id of the last item of the page before. */
export function idCursor(prefix: IdPrefix, cursor: string): string {
  const isId = cursor.startsWith(`${prefix}_`) && UUID.test(cursor.slice(prefix.length + 1))
  if (!isId) throw leadsNowhere()
  return cursor
}

/** Fifteen digits are exact in a number, and there are more milliseconds and rows in them than anybody will see. */
const WHOLE = /^\d{1,15}$/

/** The position of the last item. */
export function numberCursor(cursor: string): number {
  if (!WHOLE.test(cursor)) throw leadsNowhere()
  return Number(cursor)
}

/** The same where it takes two of them. */
export function pairCursor(cursor: string, separator: string): [number, number] {
  const [first = '', second = '', ...more] = cursor.split(separator)
  if (more.length > 0) throw leadsNowhere()
  return [numberCursor(first), numberCursor(second)]
}
