import type { Reader } from '#db/db.ts'
import type { TeamRole } from '#db/schema.ts'
import { parseDurationMs } from '../duration.ts'
import type { QuietHours, ReviewDefinition } from '../jobs/definition.ts'
import { parseUsd } from '../money.ts'
import type { JsonSchema } from '../schema.ts'
import { findPerson } from '../teams/member.ts'

/** By what rules one review is decided: the definition's, with people looked up when it was opened. */
export interface Terms {
  /** Nobody in particular: whoever may decide in the team. */
  isAnyone: boolean
  /** Account ids. */
  people: string[]
  roles: TeamRole[]
  selfApproval: boolean
  /** Two people are asked for because of what the run may cost. */
  isTwoPerson: boolean
  schema: JsonSchema | null
  remindAfterMs: number | null
  standIn: { accountId: string; afterMs: number } | null
  timeout: { afterMs: number; outcome: 'approve' | 'reject' | 'fail' } | null
  quietHours: QuietHours | null
  /** What was decided about can be made anew. */
  canSendBack: boolean
  /** Whoever decides sees all of it, however long. */
  isShownWhole?: boolean
  /** Nothing in the run is made anew: that changes are wanted is its answer. */
  takesChanges?: boolean
}

/** A call of an agent that nobody decides about in three days is not made. */
const CALL_WAITS_MS = 3 * 24 * 60 * 60 * 1000

/** For one call that an agent wants to make: whoever may decide there; sent back, the agent hears what was said. */
export const termsOfCall = (selfApproval: boolean): Terms => ({
  isAnyone: true,
  people: [],
  roles: [],
  selfApproval,
  isTwoPerson: false,
  schema: null,
  remindAfterMs: null,
  standIn: null,
  timeout: { afterMs: CALL_WAITS_MS, outcome: 'fail' },
  quietHours: null,
  canSendBack: true,
  isShownWhole: true,
})

/** `stakeMicros` is what the whole run may cost. People who do not exist are not among those who may decide. */
export async function termsOf(
  on: Reader,
  review: ReviewDefinition,
  { stakeMicros, canSendBack }: { stakeMicros: bigint; canSendBack: boolean },
): Promise<{ terms: Terms; needed: number }> {
  const { people = [], accounts = [], roles = [], count = 1 } = review.approvers ?? {}
  const named = [...people, ...accounts]
  const twoAboveMicros = review.twoPersonAboveUsd === undefined ? undefined : parseUsd(review.twoPersonAboveUsd)
  const isTwoPerson = twoAboveMicros !== undefined && stakeMicros > twoAboveMicros
  const standIn = review.standIn && (await findPerson(on, review.standIn.account))
  const terms: Terms = {
    isAnyone: named.length === 0 && roles.length === 0,
    people: await accountsOf(on, named),
    roles,
    selfApproval: review.selfApproval ?? true,
    isTwoPerson,
    schema: review.schema ?? null,
    remindAfterMs: lengthOf({ after: review.remindAfter, afterMs: review.remindAfterMs }),
    standIn: standIn ? { accountId: standIn.accountId, afterMs: lengthOf(review.standIn) ?? 0 } : null,
    timeout: review.timeout ? { outcome: review.timeout.outcome, afterMs: lengthOf(review.timeout) ?? 0 } : null,
    quietHours: review.quietHours ?? null,
    canSendBack,
    // What is approved there is done to the world: all of it is seen, as of one call.
    ...(review.takesChanges ? { takesChanges: true, isShownWhole: true } : {}),
  }
  return { terms, needed: Math.max(count, isTwoPerson ? 2 : 1) }
}

async function accountsOf(on: Reader, named: readonly string[]): Promise<string[]> {
  const found = new Set<string>()
  for (const name of named) {
    const person = await findPerson(on, name)
    if (person) found.add(person.accountId)
  }
  return [...found]
}

/** Written as text or in milliseconds; null when nothing is said. */
function lengthOf(after: { after?: string | undefined; afterMs?: number | undefined } | undefined): number | null {
  if (after?.afterMs !== undefined) return after.afterMs
  return after?.after === undefined ? null : (parseDurationMs(after.after) ?? null)
}
