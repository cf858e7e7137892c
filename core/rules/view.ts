import type { RuleFireRow } from '#db/rule-fires.ts'
import type { RuleRow } from '#db/rules.ts'
import { type Context, contextOf } from '../context.ts'
import { describeRhythm, type Rhythm } from '../schedules/rhythm.ts'
import type { EventFilter } from './filter.ts'

/** A rule as clients see it. */
export interface RuleView {
  id: string
  name: string
  command: string
  on: EventFilter | null
  /** When it speaks, in words; null for one that waits for events. */
  at: string | null
  nextAt: string | null
  context: Context
  /** Who says its command. */
  ownerId: string
  ratePerHour: number
  status: 'active' | 'paused' | 'ended'
  /** Why it is not active. */
  reason: string | null
  fires: number
  lastFiredAt: string | null
  createdAt: string
}

export interface RuleFireView {
  id: string
  at: string
  /** said: not answered yet. stopped, capped and refused: it was not said, and `reason` tells why. */
  status: RuleFireRow['status']
  command: string
  event: { seq: number; type: string } | null
  /** The rules that led here, this one last. */
  chain: string[]
  reason: string | null
  /** What was answered, for whoever it was said for; null for everybody else. */
  answers: { at: string; text: string }[] | null
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

export const ruleView = (row: RuleRow): RuleView => ({
  id: row.id,
  name: row.name,
  command: row.command,
  on: row.filter_json === null ? null : JSON.parse(row.filter_json),
  at: row.rhythm_json === null ? null : describeRhythm(JSON.parse(row.rhythm_json) as Rhythm),
  nextAt: iso(row.next_at_ms),
  context: contextOf(row.context),
  ownerId: row.account_id,
  ratePerHour: row.rate_per_hour,
  status: row.status === 'removed' ? 'ended' : row.status,
  reason: row.status_reason,
  fires: row.fires,
  lastFiredAt: iso(row.last_at_ms),
  createdAt: new Date(row.created_at_ms).toISOString(),
})

export const ruleFireView = (row: RuleFireRow, answers: { text: string; at_ms: number }[] | null): RuleFireView => ({
  id: row.id,
  at: new Date(row.at_ms).toISOString(),
  status: row.status,
  command: row.command,
  event: row.event_seq === null ? null : { seq: row.event_seq, type: row.event_type ?? '' },
  chain: JSON.parse(row.chain_json),
  reason: row.reason,
  answers: answers?.map(({ text, at_ms }) => ({ at: new Date(at_ms).toISOString(), text })) ?? null,
})
