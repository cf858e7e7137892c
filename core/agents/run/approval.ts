import { findReview, listDecisions, type ReviewRow } from '#db/reviews.ts'
import type { JsonObject } from '../../json.ts'
import { written } from '../../reviews/whole.ts'
import type { Agent } from '../agent.ts'
import { PARAMETERS_MAX_CHARACTERS } from './limits.ts'
import type { Offer } from './offer.ts'
import type { Pause, PausedCall } from './pause.ts'
import { savedFor, shownSaved } from './saved.ts'
import type { OpenCall } from './transcript.ts'
import type { LoopWorld } from './world.ts'

type World = Pick<LoopWorld, 'core' | 'run'>

/** A call about which people may have to say something. */
export interface CallToAllow {
  agent: Agent
  open: OpenCall
  offer: Offer
  input: JsonObject
  call: PausedCall
  /** Where in the transcript it would be asked about. */
  place: Pause['place']
}

/** The call may be made; or the step waits for an answer; or it is over with it, and the model is told why. */
export type Allowed =
  | { kind: 'go' }
  | { kind: 'wait'; pause: Pause }
  | { kind: 'no'; status: 'rejected' | 'refused'; message: string; taint: string | null }

/** What people said to a call. What was refused stays refused, whatever is allowed by now. */
export async function allowedBy(world: World, meant: CallToAllow, why: string | undefined): Promise<Allowed> {
  const { open, call, place } = meant
  const { approval } = open
  const review = approval && (await findReview.first(world.core.db, { id: approval.reviewId }))
  if (review?.status === 'open') return { kind: 'wait', pause: { for: 'review', place, call, question: null } }
  if (review && review.status !== 'approved') return saidNo(world, review)
  // Approved was this call as it was shown; what has changed since is another one.
  if (approval?.hash === call.hash && review) return { kind: 'go' }
  if (why === undefined) return { kind: 'go' }
  const again = approval ? ' It was approved before, and the tool has changed since.' : ''
  return question(world, meant, `${why}${again}`)
}

async function saidNo({ core, run }: World, review: ReviewRow): Promise<Allowed> {
  const no = { kind: 'no', status: 'rejected' } as const
  const last = (await listDecisions.all(core.db, { reviewId: review.id })).at(-1)
  if (!last) return { ...no, message: `It was not approved: ${review.closed_reason ?? 'nobody decided.'}`, taint: null }
  const verb = review.status === 'changes_requested' ? 'asked for something else' : 'rejected it'
  const said = last.comment ? `: ${last.comment}` : '.'
  const isOwn = last.account_id === run.row.account_id
  const taint = isOwn || !last.comment ? null : `@${last.handle}`
  return { ...no, message: `@${last.handle} ${verb}${said}`, taint }
}

function question({ run }: World, { agent, offer, input, call, place }: CallToAllow, why: string): Allowed {
  const saved = shownSaved(savedFor(offer, run.toolDefaults, input))
  if (written({ ...saved, parameters: input }).length > PARAMETERS_MAX_CHARACTERS) {
    const message = `It needs an approval, and its parameters are too long to be approved: at most ${PARAMETERS_MAX_CHARACTERS} characters.`
    return { kind: 'no', status: 'refused', message, taint: null }
  }
  const asked = {
    title: `${agent.name}: ${offer.toolId}`,
    prompt: `${agent.name} wants to use ${offer.toolId}. ${why}`,
    payload: {
      tool: offer.toolId,
      parameters: input,
      ...saved,
      definition: call.definitionHash.slice(0, 16),
    },
    selfApproval: run.definition.review?.selfApproval ?? true,
  }
  return { kind: 'wait', pause: { for: 'review', place, call, question: asked } }
}
