import { listPrivateChats } from '#db/contexts.ts'
import { listLinkedChats } from '#db/linked-chats.ts'
import type { Actor } from '../actor.ts'
import type { ChannelName } from '../chat/message.ts'
import { personal, teamContext } from '../context.ts'
import type { Core } from '../core.ts'

/** More have the menu that everybody has. */
const CHATS_MOST = 1_000

/** A conversation in which something else applies than elsewhere on its channel. */
export type KnownChat = { conversation: string } & ({ person: Actor } | { teamId: string })

/** Everybody's own conversation on a channel with the context they stand in, and the groups that are tied to a team. */
export async function knownChats(core: Pick<Core, 'db'>, channel: ChannelName): Promise<KnownChat[]> {
  const people = await listPrivateChats.all(core.db, { channel, limit: CHATS_MOST })
  const groups = await listLinkedChats.all(core.db, { channel, limit: CHATS_MOST })
  return [
    ...people.map((row): KnownChat => {
      const context = row.team_id === null ? personal(row.account_id) : teamContext(row.team_id)
      const { account_id: accountId, handle, platform_role: platformRole } = row
      return {
        conversation: row.private_conversation ?? '',
        person: { accountId, handle, platformRole, channel, context },
      }
    }),
    ...groups.map(({ conversation, team_id }): KnownChat => ({ conversation, teamId: team_id })),
  ]
}
