import type { Reader, Tx } from '#db/db.ts'
import { deleteLinkedChat, findLinkedChat, putLinkedChat } from '#db/linked-chats.ts'
import { may } from '../access.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { once } from '../once.ts'
import { findMyTeam } from './find.ts'
import { teamEvent } from './record.ts'
import { requireStanding, standingIn } from './standing.ts'

export type Chat = { channel: string; conversation: string }
export type LinkedTeam = { id: string; name: string }

/** The team a group chat is tied to. */
export async function findLinkedTeam(on: Reader, chat: Chat): Promise<LinkedTeam | undefined> {
  const row = await findLinkedChat.first(on, chat)
  return row && { id: row.team_id, name: row.team_name }
}

/**
 * Ties a chat to one of the actor's teams (`team`: id or name), for its admins. A chat that is tied to another team
 * changes only for who may untie it there too (`conflict` otherwise).
 */
export async function linkChat(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  input: Chat & { team: string },
): Promise<LinkedTeam> {
  const nowMs = core.clock.nowMs()
  const { channel, conversation, team } = input
  return core.db.write(async function linkChatOnce(tx) {
    return once(tx, { actor, operation: 'chat.link', input, nowMs }, async () => {
      const { id, name } = await findMyTeam(tx, actor, team)
      await requireStanding(tx, actor, id, 'link_chat')
      const before = await findLinkedTeam(tx, { channel, conversation })
      if (before?.id === id) return { id, name }
      if (before) await requireFree(tx, actor, before)
      await putLinkedChat.run(tx, { channel, conversation, teamId: id, linkedBy: actor.accountId, nowMs })
      const chat = { channel, conversation }
      await appendEvents(tx, nowMs, [
        ...(before ? [teamEvent(actor, before.id, 'chat.unlinked', chat)] : []),
        teamEvent(actor, id, 'chat.linked', chat),
      ])
      return { id, name }
    })
  })
}

async function requireFree(tx: Tx, actor: Actor, tied: LinkedTeam): Promise<void> {
  const standing = await standingIn(tx, actor.accountId, tied.id)
  if (standing && may(standing, 'link_chat')) return
  throw new AppError('conflict', 'This chat is tied to another team. One of its admins can untie it with /unlinkchat.')
}

/** Unties a chat, for admins of its team. `not_found` when it is tied to none that the actor is in. */
export async function unlinkChat(core: Pick<Core, 'db' | 'clock'>, actor: Actor, chat: Chat): Promise<LinkedTeam> {
  const nowMs = core.clock.nowMs()
  const { channel, conversation } = chat
  return core.db.write(async function unlinkChatOnce(tx) {
    return once(tx, { actor, operation: 'chat.unlink', input: { channel, conversation }, nowMs }, async () => {
      const linked = await findLinkedTeam(tx, { channel, conversation })
      if (!linked || !(await standingIn(tx, actor.accountId, linked.id))) {
        throw new AppError('not_found', 'This chat is not tied to a team of yours.')
      }
      await requireStanding(tx, actor, linked.id, 'link_chat')
      await deleteLinkedChat.run(tx, { channel, conversation })
      await appendEvents(tx, nowMs, [teamEvent(actor, linked.id, 'chat.unlinked', { channel, conversation })])
      return linked
    })
  })
}
