import type { Reader } from '#db/db.ts'
import type { StoredEvent } from '#db/events.ts'
import { findRuleFire } from '#db/rule-fires.ts'
import { findReviewOrigin, findRunOrigin, findScheduleOrigin } from '#db/rules.ts'
import type { Json } from '../json.ts'
import { decodePins } from '../runs/pins.ts'
import { type Cause, causeIn } from './cause.ts'

/**
 * The rules that led to an event: as it says itself, or as what it happened to remembers. A review that runs out and a
 * schedule that fires do so by the clock, long after the command that made them.
 */
export async function causeOf(on: Reader, { subject }: StoredEvent, details: Json): Promise<Cause> {
  const said = causeIn(details)
  if (said.length > 0) return said
  if (subject.startsWith('run_')) return ofRun(on, subject)
  if (subject.startsWith('rev_')) {
    const review = await findReviewOrigin.first(on, { id: subject })
    return review ? ofRun(on, review.root_run_id) : []
  }
  if (!subject.startsWith('sch_')) return []
  const schedule = await findScheduleOrigin.first(on, { id: subject })
  return schedule ? ofPlace(on, schedule) : []
}

async function ofRun(on: Reader, runId: string): Promise<Cause> {
  const run = await findRunOrigin.first(on, { runId })
  return run ? (decodePins(run.pins_json).cause ?? ofPlace(on, run)) : []
}

/** What was made by a rule's command answers to that rule. */
async function ofPlace(
  on: Reader,
  { channel, conversation }: { channel: string; conversation: string | null },
): Promise<Cause> {
  if (channel !== 'rule' || conversation === null) return []
  const fire = await findRuleFire.first(on, { id: conversation })
  return fire ? (JSON.parse(fire.chain_json) as string[]) : []
}
