import { findCardByRef } from '#db/cards.ts'
import type { Reader } from '#db/db.ts'
import type { Actor } from '../actor.ts'
import { runIdOf } from './card-key.ts'
import { runMeant } from './read.ts'

/** How somebody points at a run, from the most to the least exact. */
export interface RunPointer {
  id?: string | undefined
  /** The message that was answered, when one was. */
  channel: string
  conversation: string
  repliedTo?: string | undefined
}

/**
 * The run that is meant: by its id, by answering its card, or the only one that fits. Whether the actor may see it is
 * checked by what is done with it.
 */
export async function runPointedAt(
  on: Reader,
  actor: Actor,
  { id, channel, conversation, repliedTo }: RunPointer,
  which: 'live' | 'newest',
): Promise<string> {
  if (id !== undefined) return id
  if (repliedTo !== undefined) {
    const card = await findCardByRef.first(on, { channel, conversation, messageRef: repliedTo })
    const runId = card?.card_key ? runIdOf(card.card_key) : undefined
    if (runId !== undefined) return runId
  }
  return runMeant(on, actor, which)
}
