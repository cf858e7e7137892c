import type { Reader } from '#db/db.ts'
import type { Actor } from '../actor.ts'
import { AppError } from '../errors.ts'
import type { JobDefinition, ReviewDefinition } from '../jobs/definition.ts'
import { decidersOf } from './deciders.ts'
import { termsOf } from './terms.ts'

/**
 * That enough people could decide what a job will ask, as things are now: a run that nobody can ever approve would hold
 * its money for good. Reads nothing for jobs without reviews.
 */
export async function requireDeciders(
  on: Reader,
  actor: Pick<Actor, 'accountId' | 'context'>,
  definition: JobDefinition,
  { maxMicros }: { maxMicros: bigint },
): Promise<void> {
  for (const review of reviewsOf(definition)) {
    const { terms, needed } = await termsOf(on, review, { stakeMicros: maxMicros, canSendBack: true })
    const question = { context: actor.context, requesterId: actor.accountId, terms, isStandInDue: true }
    const deciders = await decidersOf(on, question)
    if (deciders.length >= needed) continue
    const there = deciders.length === 0 ? 'nobody' : deciders.length === 1 ? 'one person' : `${deciders.length} people`
    const message = `${definition.displayName} waits for ${needed === 1 ? 'somebody' : `${needed} people`} to decide, but ${there} here may${terms.selfApproval ? '' : ' besides you'}.`
    throw new AppError('bad_request', message)
  }
}

const reviewsOf = ({ review, steps }: JobDefinition): ReviewDefinition[] => [
  ...steps.flatMap((step) => ('review' in step ? [step.review] : [])),
  ...(review ? [review] : []),
]
