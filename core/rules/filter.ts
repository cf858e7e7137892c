import type { StoredEvent } from '#db/events.ts'
import { AppError, type Problem } from '../errors.ts'
import { fits } from '../events/view.ts'
import { canonicalJson, type Json } from '../json.ts'
import { readPath } from '../json-path.ts'

/** Which events of its context a rule is about: all of it must be so. */
export interface EventFilter {
  /** Whole types, or beginnings: `run.failed`, `task.*`. At least one. */
  types: string[]
  subject?: string
  /** An account's id, or `system`. */
  actor?: string
  /** By their paths; a list means any of its values. */
  details?: Record<string, Json>
}

const TYPES_MAX = 20
const TYPE = /^[a-z][\w.-]{0,98}\*?$/

/** Everything that is wrong with it at once. */
function filterProblems({ types, details = {} }: EventFilter): Problem[] {
  const problems: Problem[] = []
  if (types.length === 0 || types.length > TYPES_MAX) {
    problems.push({ path: 'on.types', message: `has 1 to ${TYPES_MAX} types of events, like run.failed or task.*` })
  }
  for (const [place, type] of types.entries()) {
    const path = `on.types.${place}`
    if (!TYPE.test(type)) problems.push({ path, message: 'is a type of event, like run.failed or task.*' })
    // What rules do is no news to rules.
    else if (/^rule(\.|\*|$)/.test(type))
      problems.push({ path, message: 'is about rules themselves: no rule follows those' })
  }
  if (Object.keys(details).length > TYPES_MAX)
    problems.push({ path: 'on.details', message: `has ${TYPES_MAX} at most` })
  return problems
}

export function requireFilter(filter: EventFilter): void {
  const problems = filterProblems(filter)
  if (problems.length === 0) return
  const list = problems.map(({ path, message }) => `${path} ${message}`).join('; ')
  throw new AppError('bad_input', `This rule cannot be: ${list}.`, { problems })
}

export function fitsFilter(event: StoredEvent, details: Json, filter: EventFilter): boolean {
  if (!fits(event, filter)) return false
  return Object.entries(filter.details ?? {}).every(([path, wanted]) => isOneOf(readPath(details, path), wanted))
}

function isOneOf(value: Json | undefined, wanted: Json): boolean {
  if (value === undefined) return false
  const isSame = (one: Json): boolean => canonicalJson(one) === canonicalJson(value)
  return isSame(wanted) || (Array.isArray(wanted) && wanted.some(isSame))
}
