import type { Reader } from '#db/db.ts'
import { findRun } from '#db/runs.ts'
import { AGENT_TOOL } from '../../jobs/price-key.ts'
import type { JsonObject } from '../../json.ts'
import { written } from '../../reviews/whole.ts'
import { decodePins } from '../../runs/pins.ts'
import type { StoredRun } from '../../runs/stored.ts'
import { MEMORY_TOOL } from '../../sending/order.ts'
import { taskOfKey } from '../../tasks/by-agent/key.ts'
import type { SideEffect } from '../../tools/tool.ts'
import { PARAMETERS_MAX_CHARACTERS } from './limits.ts'
import type { Offer } from './offer.ts'
import type { Proposal } from './turn.ts'

/** More than this nobody looks through. */
export const PROPOSALS_MOST = 20

/**
 * Nobody needs the answer of what is only written; what another agent will do is for that one to say. What it remembers stays in
 * the house, and is marked by what it has seen when it says so.
 */
const canWait = ({ toolId }: Offer, effect: SideEffect): boolean =>
  effect === 'write' && toolId !== AGENT_TOOL && toolId !== MEMORY_TOOL

/**
 * Whether a call has to wait until its task is approved: `proposed` where it is the agent's own task, `refused` where another
 * agent was only asked to help with one. Undefined where no task is worked on: then the permissions of the agent decide.
 */
export async function placeInTask(
  on: Reader,
  run: StoredRun,
  offer: Offer,
  effect: SideEffect,
): Promise<'proposed' | 'refused' | undefined> {
  if (!canWait(offer, effect)) return undefined
  if (run.row.parent_run_id === null) return isOfTask(run.pins) ? 'proposed' : undefined
  let parent = await findRun.first(on, { id: run.row.parent_run_id })
  while (parent?.parent_run_id) parent = await findRun.first(on, { id: parent.parent_run_id })
  return parent && isOfTask(decodePins(parent.pins_json)) ? 'refused' : undefined
}

const isOfTask = ({ follower }: { follower?: string }): boolean =>
  follower !== undefined && taskOfKey(follower) !== undefined

export const PROPOSED =
  'It is noted, and done once the result of the task has been approved. Nobody waits for its answer: go on, and end with the result in words.'

export const NOT_YOURS =
  'This belongs to a task that another agent has. Say in your answer what is to be done, and leave it to that one.'

/** Why it is not taken as a proposal; undefined when it is. */
export function whyNotProposed(before: readonly Proposal[], input: JsonObject): string | undefined {
  if (before.length >= PROPOSALS_MOST) return `A task does ${PROPOSALS_MOST} things at most after its approval.`
  if (written(input).length <= PARAMETERS_MAX_CHARACTERS) return undefined
  return `Its parameters are too long to be approved: at most ${PARAMETERS_MAX_CHARACTERS} characters.`
}
