import type { Reader } from '#db/db.ts'
import { listPeopleOfTeam, type ReviewRow } from '#db/reviews.ts'
import type { TeamRole } from '#db/schema.ts'
import { holdsRole, may } from '../access.ts'
import { accountById } from '../accounts/account.ts'
import type { Actor } from '../actor.ts'
import { type Context, contextOf } from '../context.ts'
import { AppError, notFound } from '../errors.ts'
import { mayNot, standingIn } from '../teams/standing.ts'
import type { Terms } from './terms.ts'

/** What of a review says who may decide it. */
export interface Question {
  context: Context
  /** Who started the run. */
  requesterId: string
  terms: Terms
  isStandInDue: boolean
}

export interface Decider {
  accountId: string
  handle: string
  timeZone: string
}

export const questionOf = (review: ReviewRow): Question => ({
  context: contextOf(review.context),
  requesterId: review.account_id,
  terms: JSON.parse(review.terms_json) as Terms,
  isStandInDue: review.stood_in_at_ms !== null,
})

/**
 * That this person may decide, at this moment. `not_found` for who may not even see it, `forbidden` with who may. Read
 * with a `Tx`, the person does not leave the team before the transaction ends.
 */
export async function requireDecider(on: Reader, actor: Pick<Actor, 'accountId'>, question: Question): Promise<void> {
  const { context } = question
  if (context.type === 'team') {
    const standing = await standingIn(on, actor.accountId, context.id)
    if (!standing) throw notFound('such review')
    if (!may(standing, 'decide')) throw mayNot(standing, 'decide')
    if (!isAsked(question, actor.accountId, standing.role)) throw notAsked(await decidersOf(on, question))
  } else if (context.id !== actor.accountId) throw notFound('such review')
  if (isOwn(question, actor.accountId)) {
    throw new AppError('forbidden', 'You started this run, so somebody else decides about it.')
  }
}

/** Everybody who may decide now, in the order in which they came to the team. */
export async function decidersOf(on: Reader, question: Question): Promise<Decider[]> {
  const { context } = question
  if (context.type === 'user') {
    const account = isOwn(question, context.id) ? undefined : await accountById(on, context.id)
    return account ? [{ accountId: account.id, handle: account.handle, timeZone: account.timeZone }] : []
  }
  const people = await listPeopleOfTeam.all(on, { teamId: context.id })
  return people.flatMap((person): Decider[] => {
    const { account_id: accountId, role, handle, time_zone: timeZone } = person
    const isFit = may({ role, canInvite: false }, 'decide') && isAsked(question, accountId, role)
    return isFit && !isOwn(question, accountId) ? [{ accountId, handle, timeZone }] : []
  })
}

function isAsked({ terms, isStandInDue }: Question, accountId: string, role: TeamRole): boolean {
  if (terms.isAnyone || terms.people.includes(accountId)) return true
  if (isStandInDue && terms.standIn?.accountId === accountId) return true
  return terms.roles.some((asked) => holdsRole(role, asked))
}

const isOwn = ({ terms, requesterId }: Question, accountId: string): boolean =>
  !terms.selfApproval && requesterId === accountId

function notAsked(deciders: readonly Decider[]): AppError {
  const names = namesOf(deciders)
  return new AppError('forbidden', `You are not asked to decide about this.${names ? ` ${names} may.` : ''}`)
}

const NAMES_SHOWN = 5

/** `@ada, @ben and 3 more`; empty for nobody. */
export function namesOf(people: readonly { handle: string }[]): string {
  const names = people.slice(0, NAMES_SHOWN).map(({ handle }) => `@${handle}`)
  const more = people.length - names.length
  if (more > 0) return `${names.join(', ')} and ${more} more`
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : (names[0] ?? '')
}
