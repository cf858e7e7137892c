import { findCardByRef } from '#db/cards.ts'
import type { Reader } from '#db/db.ts'
import { listReviews } from '#db/reviews.ts'
import { findRun } from '#db/runs.ts'
import type { Actor } from '../actor.ts'
import { AppError } from '../errors.ts'
import { runIdOf } from '../runs/card-key.ts'
import { reviewIdOf } from './card-key.ts'
import { reviewsFor } from './read.ts'

export interface ReviewPointer {
  id?: string | undefined
  channel: string
  conversation: string
  /** The message that was answered, when one was. */
  repliedTo?: string | undefined
}

/**
 * The review that is meant: by its id, by answering its card or that of its run, or the only one that waits for this
 * person; all of them when several do. `not_found` when none does. Whether they may decide is checked by what is done.
 */
export async function reviewPointedAt(on: Reader, actor: Actor, pointer: ReviewPointer): Promise<string | string[]> {
  const { id, channel, conversation, repliedTo } = pointer
  if (id !== undefined) return id
  const card =
    repliedTo === undefined
      ? undefined
      : await findCardByRef.first(on, { channel, conversation, messageRef: repliedTo })
  const shown = card?.card_key ? await reviewOfCard(on, card.card_key) : undefined
  if (shown !== undefined) return shown
  const mine = await reviewsFor(on, actor.accountId)
  const [only, another] = mine
  if (!only) throw new AppError('not_found', 'Nothing waits for your decision.')
  return another ? mine.map((one) => one.id) : only.id
}

async function reviewOfCard(on: Reader, cardKey: string): Promise<string | undefined> {
  const own = reviewIdOf(cardKey)
  if (own !== undefined) return own
  const runId = runIdOf(cardKey)
  const run = runId && (await findRun.first(on, { id: runId }))
  if (!run) return undefined
  const [newest] = await listReviews(on, { contexts: [run.context], runId: run.id, limit: 1 })
  return newest?.id
}
