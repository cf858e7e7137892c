import { meantOnce } from '#core/chat/meant.ts'
import type { Reply } from '#core/chat/message.ts'
import { reviewPointedAt } from '#core/reviews/meant.ts'
import { getReview } from '#core/reviews/read.ts'
import type { ReviewView } from '#core/reviews/view.ts'
import type { UserCall } from '../command.ts'
import { renderLine } from '../grammar/render.ts'
import { buttons, privateReply, shorten } from '../replies.ts'

/** Nothing where one thing fits: the only one that waits, or the one whose card is answered. */
export const reviewArgument = {
  name: 'review',
  kind: 'word',
  optional: true,
  pattern: /^rev_/,
  summary: 'Nothing for the only one, or answer its card',
} as const

/** What buttons bring along: what was shown to whoever presses. */
export const hashFlag = { name: 'hash', kind: 'word', summary: 'Of what you were shown; buttons have it' } as const

const BUTTONS_MAX = 8

/**
 * The review somebody means, the same one when their message is handled again; or, when several wait for them, the
 * question which one, with the same command behind each button.
 */
export async function reviewMeant(
  call: Pick<UserCall, 'core' | 'actor' | 'incoming'>,
  { id, command }: { id: string | undefined; command: (reviewId: string) => string },
): Promise<{ review: ReviewView } | { ask: Reply }> {
  const { core, actor, incoming } = call
  const { channel, conversation, replyTo } = incoming
  const pointer = { id, channel, conversation, repliedTo: replyTo?.messageRef }
  const meant = await meantOnce(core, actor, { what: 'review', words: id ?? null }, (tx) =>
    reviewPointedAt(tx, actor, pointer),
  )
  if (typeof meant === 'string') return { review: await getReview(core, actor, meant) }
  const shown = await Promise.all(meant.slice(0, BUTTONS_MAX).map((one) => getReview(core, actor, one)))
  const list = shown.map((one) => ({ label: labelOf(one), command: command(one.id) }))
  return { ask: privateReply(`${meant.length} reviews wait for you. Which one?`, buttons(...list)) }
}

export const labelOf = ({ title, prompt }: ReviewView): string => shorten(prompt ? `${title}: ${prompt}` : title, 40)

/** How an answer to a review is told: what became of it. */
export function outcomeReply(review: ReviewView, done: string): Reply {
  if (review.status !== 'open') return privateReply(done)
  const { count } = review.approvers
  return privateReply(
    `Noted. ${review.decisions.length} of ${count} have decided about ${review.title}; it waits for the others.`,
  )
}

export const lineFor = (name: string, review: ReviewView, words: readonly string[] = []): string =>
  renderLine(name, { words: [review.id, ...words], flags: { hash: review.payloadHash } })
