import type { Reader } from '#db/db.ts'
import { findReview, listDecisions, type ReviewRow } from '#db/reviews.ts'
import { findTeam } from '#db/teams.ts'
import { accountById } from '../accounts/account.ts'
import type { Actor } from '../actor.ts'
import { type Button, type Part, text } from '../chat/message.ts'
import { contextOf } from '../context.ts'
import type { Core } from '../core.ts'
import { cut, oneLine } from '../cut.ts'
import { fieldsOf } from '../jobs/forms.ts'
import type { Json, JsonObject } from '../json.ts'
import { showMoment } from '../moment.ts'
import { reviewIdOf } from './card-key.ts'
import { decidersOf, namesOf, questionOf } from './deciders.ts'
import { readableReview } from './read.ts'
import type { Terms } from './terms.ts'
import { candidatesOf } from './variants.ts'
import { WHOLE_CHARACTERS, written } from './whole.ts'
import { type Decision, decidedWords } from './words.ts'

/** Longer things are shown by their beginning; the run has them whole. */
const SHOWN_CHARACTERS = 2_000
const BUTTONS_MAX = 8
const LABEL_MAX = 30
const NAME_MAX = 60

/** What a review's card says at this moment. Where others read along, what is asked about stays out of it. */
export async function renderReviewCard(on: Reader, cardKey: string, isPrivate: boolean): Promise<Part[] | undefined> {
  const id = reviewIdOf(cardKey)
  const review = id === undefined ? undefined : await findReview.first(on, { id })
  return review && reviewParts(on, review, { isPrivate })
}

export async function reviewParts(
  on: Reader,
  review: ReviewRow,
  { isPrivate }: { isPrivate: boolean },
): Promise<Part[]> {
  const payload = JSON.parse(review.payload_json) as JsonObject
  const { terms } = questionOf(review)
  const decisions = await listDecisions.all(on, { reviewId: review.id })
  const isOpen = review.status === 'open'
  return [
    text(`Review · ${review.title}`, 'strong'),
    ...(review.prompt ? [text(review.prompt)] : []),
    text(await askedLine(on, review), 'muted'),
    ...(isPrivate ? shown(payload, terms.isShownWhole ? WHOLE_CHARACTERS : SHOWN_CHARACTERS) : []),
    ...(isPrivate && isOpen && terms.schema ? [formPart(terms)] : []),
    ...(await standing(on, review, decisions, isPrivate)),
    ...(isOpen ? [{ type: 'buttons' as const, buttons: buttonsFor(review, terms, payload, isPrivate) }] : []),
  ]
}

async function askedLine(on: Reader, { account_id, context, round }: ReviewRow): Promise<string> {
  const asker = await accountById(on, account_id)
  const { type, id } = contextOf(context)
  const payer = type === 'user' ? 'Personal' : `Team ${(await findTeam.first(on, { id }))?.name ?? '(deleted)'}`
  const again = round > 1 ? ` · round ${round}` : ''
  return `Asked by @${asker?.handle ?? 'somebody'} · ${payer}${again}`
}

/** What is asked about. Tools and models made it, and chose some of its names: all of it is quoted. */
function shown(payload: JsonObject, charactersMax: number): Part[] {
  const entries = Object.entries(payload)
  return entries.flatMap(([name, value]) =>
    quoted(value, entries.length > 1 ? oneLine(name, NAME_MAX) : undefined, charactersMax),
  )
}

function quoted(value: Json, title: string | undefined, charactersMax: number): Part[] {
  const lines = linesIn(value)
  const words = typeof value === 'string' ? value : (lines ?? written(value))
  const isCut = words.length > charactersMax
  const shown = isCut ? `${cut(words, charactersMax)}…` : words
  const of =
    typeof value === 'string'
      ? { type: 'markdown' as const, text: shown }
      : { type: 'code' as const, text: shown, ...(lines === undefined ? { language: 'json' } : {}) }
  return [
    { type: 'quote', ...(title === undefined ? {} : { title }), of },
    ...(isCut ? [text('There is more of it in the run.', 'muted')] : []),
  ]
}

/** A list of words, a line for each: read so, it is the same as in JSON. */
const linesIn = (value: Json): string | undefined =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string' && !/[\r\n]/.test(one))
    ? value.join('\n')
    : undefined

const formPart = ({ schema }: Terms): Part => ({
  type: 'fields',
  fields: fieldsOf({ inputSchema: schema ?? {} }).map(({ name, label, required, description }) => ({
    label: name,
    value: [description ?? label, required ? '' : '(may be left out)'].filter(Boolean).join(' '),
  })),
})

/** Who may decide and who has so far; at the end, who did and when. */
async function standing(
  on: Reader,
  review: ReviewRow,
  decisions: readonly (Decision & { account_id: string })[],
  isPrivate: boolean,
): Promise<Part[]> {
  const said = (one: Decision): string => decidedWords(isPrivate ? one : { ...one, comment: null }, 'this')
  if (review.status === 'open') {
    const names = namesOf(await decidersOf(on, questionOf(review)))
    const { needed } = review
    const why = questionOf(review).terms.isTwoPerson ? ', because of what it may cost' : ''
    const many = needed > 1 ? ` ${needed} different people must say the same${why}.` : ''
    return [
      text(`${names ? `Waits for ${names}.` : 'Nobody here may decide at the moment.'}${many}`, 'muted'),
      ...decisions.map((one, index) => text(`${index + 1} of ${needed}: ${said(one)}`, 'muted')),
    ]
  }
  const at = showMoment(review.closed_at_ms ?? 0)
  const deciding = decisions.filter(({ account_id }) => account_id === review.closed_by)
  if (deciding.length === 0) return [text(`${review.closed_reason ?? 'This is over.'} ${at}`)]
  return decisions.map((one) => text(`${MARKS[review.status]} ${said(one)} ${showMoment(one.at_ms)}`))
}

const MARKS: Record<ReviewRow['status'], string> = {
  open: '…',
  approved: '✓',
  rejected: '✗',
  changes_requested: '↺',
  expired: '–',
}

/** Each carries what it is about: pressed when that has changed, it does nothing and says so. */
function buttonsFor(
  { id, kind, payload_hash }: ReviewRow,
  terms: Terms,
  payload: JsonObject,
  isPrivate: boolean,
): Button[] {
  const hash = `--hash ${payload_hash}`
  const main: Button[] =
    kind === 'decide'
      ? [{ label: 'Approve', command: `/approve ${id} ${hash}`, style: 'primary' }]
      : kind === 'form'
        ? [{ label: 'Answer', command: `/answer ${id} ${hash}`, style: 'primary' }]
        : choices(id, hash, payload)
  return [
    ...main,
    ...(terms.canSendBack ? [{ label: 'Request changes', command: `/requestchanges ${id} ${hash}` }] : []),
    { label: 'Reject', command: `/reject ${id} ${hash}`, style: 'danger' },
    ...(isPrivate ? [] : [{ label: 'Show me', command: `/review ${id}` }]),
  ]
}

function choices(id: string, hash: string, payload: JsonObject): Button[] {
  return candidatesOf(payload)
    .slice(0, BUTTONS_MAX)
    .map((one) => ({
      label: cut(one.label, LABEL_MAX),
      command: `/choose ${id} ${one.id} ${hash}`,
      style: 'primary' as const,
    }))
}

/** The same for somebody who asks to see it; others are told that there is no such review. */
export async function reviewCard(core: Pick<Core, 'db'>, actor: Actor, reviewId: string): Promise<Part[]> {
  return reviewParts(core.db, await readableReview(core.db, actor, reviewId), { isPrivate: true })
}
