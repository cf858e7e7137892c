import { listEventsBetween, type StoredEvent } from '#db/events.ts'
import { findRuleCursor, listDueRules, listListening, moveRuleCursor, type RuleRow } from '#db/rules.ts'
import type { Core } from '../core.ts'
import { settledEvents } from '../events/settled.ts'
import type { Json } from '../json.ts'
import type { Cause } from './cause.ts'
import { type EventFilter, fitsFilter } from './filter.ts'
import { fireAtTime, fireForEvent } from './fire.ts'
import { causeOf } from './origin.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

const BATCH = 500
const DUE_AT_A_LOOK = 100
/** Whoever comes after this one looks at these again, and finds that nothing is to be done. */
const MOVE_AFTER = 1_000

/** Fires the rules whose time has come. Returns how many; two who do this at once do each once. */
export async function fireDueRules(core: Needs): Promise<number> {
  const due = await listDueRules.all(core.db, { nowMs: core.clock.nowMs(), limit: DUE_AT_A_LOOK })
  let fired = 0
  for (const rule of due) {
    const isDone = await core.db.write(async function fireRuleAtTime(tx) {
      return fireAtTime(core, tx, rule)
    })
    if (isDone) fired++
  }
  return fired
}

/**
 * Goes through the events that are new since the last look, in their order, and fires the rules they fit. Where it was stopped
 * it goes on; an event that it meets twice fires nothing twice. False when nobody listens.
 */
export async function followEvents(core: Needs): Promise<boolean> {
  const rules = (await listListening.all(core.db, {})).map(listening)
  // Nobody listens: whoever begins to, begins with what happens from then on.
  if (rules.length === 0) return false
  const upTo = await settledEvents(core.db)
  const stored = (await findRuleCursor.first(core.db, {}))?.seq ?? 0
  let position = Math.max(stored, Math.min(...rules.map(({ row }) => row.since_seq)))
  let moved = stored
  while (position < upTo) {
    const events = await listEventsBetween.all(core.db, { after: position, upTo, limit: BATCH })
    position = events.length < BATCH ? upTo : (events.at(-1)?.seq ?? upTo)
    const matches = await matchesOf(core, rules, events)
    if (matches.length === 0 && position - moved < MOVE_AFTER) continue
    await core.db.write(async function fireRules(tx) {
      for (const { rule, event, cause } of matches) await fireForEvent(core, tx, rule.id, event, cause)
      await moveRuleCursor.run(tx, { seq: position })
    })
    moved = position
  }
  return true
}

interface Listening {
  row: RuleRow
  filter: EventFilter
}

const listening = (row: RuleRow): Listening => ({ row, filter: JSON.parse(row.filter_json ?? '') as EventFilter })

interface Match {
  rule: RuleRow
  event: StoredEvent
  cause: Cause
}

async function matchesOf({ db }: Needs, rules: readonly Listening[], events: readonly StoredEvent[]): Promise<Match[]> {
  const byContext = Map.groupBy(rules, ({ row }) => row.context)
  const matches: Match[] = []
  for (const event of events) {
    const here = event.context === null ? undefined : byContext.get(event.context)
    // What rules do is no news to rules.
    if (!here || event.type.startsWith('rule.')) continue
    const details = JSON.parse(event.details_json) as Json
    const fitting = here.filter(({ row, filter }) => event.seq > row.since_seq && fitsFilter(event, details, filter))
    if (fitting.length === 0) continue
    const cause = await causeOf(db, event, details)
    for (const { row } of fitting) matches.push({ rule: row, event, cause })
  }
  return matches
}
