import { sql } from 'kysely'
import { statement } from './statement.ts'

/** The teams that exist and that the account is in, with its role there. */
export const listMyTeams = statement((q, p: { accountId: string }) =>
  q
    .selectFrom('membership')
    .innerJoin('team', 'team.id', 'membership.team_id')
    .select(['team.id', 'team.name', 'membership.role'])
    .where('membership.account_id', '=', p.accountId)
    .where('team.deleted_at_ms', 'is', null)
    .orderBy('team.name')
    .orderBy('team.id'),
)

export const findMyTeam = statement((q, p: { accountId: string; teamId: string }) =>
  q
    .selectFrom('membership')
    .innerJoin('team', 'team.id', 'membership.team_id')
    .select(['team.id', 'team.name', 'membership.role'])
    .where('membership.account_id', '=', p.accountId)
    .where('team.id', '=', p.teamId)
    .where('team.deleted_at_ms', 'is', null),
)

/** The team a chat is tied to, for somebody who is in it. */
export const findLinkedTeam = statement((q, p: { accountId: string; channel: string; conversation: string }) =>
  q
    .selectFrom('linked_chat')
    .innerJoin('team', 'team.id', 'linked_chat.team_id')
    .innerJoin('membership', 'membership.team_id', 'team.id')
    .select(['team.id', 'team.name', 'membership.role'])
    .where('linked_chat.channel', '=', p.channel)
    .where('linked_chat.conversation', '=', p.conversation)
    .where('membership.account_id', '=', p.accountId)
    .where('team.deleted_at_ms', 'is', null),
)

/** What was remembered, with the team's name even where the team or the membership is gone (`role` is then null). */
export const findRemembered = statement((q, p: { accountId: string; channel: string }) =>
  q
    .selectFrom('remembered_context as r')
    .leftJoin('team', (join) => join.on(sql<boolean>`r.context = 'team:' || team.id`))
    .leftJoin('membership', (join) =>
      join
        .onRef('membership.team_id', '=', 'team.id')
        .onRef('membership.account_id', '=', 'r.account_id')
        .on('team.deleted_at_ms', 'is', null),
    )
    .select(['r.context', 'team.id', 'team.name', 'membership.role'])
    .where('r.account_id', '=', p.accountId)
    .where('r.channel', '=', p.channel),
)

/** Everybody who can be written to alone on a channel, with the context they stand in there while they may. */
export const listPrivateChats = statement((q, p: { channel: string; limit: number }) =>
  q
    .selectFrom('identity as i')
    .innerJoin('account as a', 'a.id', 'i.account_id')
    .leftJoin('remembered_context as r', (join) =>
      join.onRef('r.account_id', '=', 'i.account_id').onRef('r.channel', '=', 'i.channel'),
    )
    .leftJoin('membership as m', (join) =>
      join.onRef('m.account_id', '=', 'i.account_id').on(sql<boolean>`r.context = 'team:' || m.team_id`),
    )
    .select(['i.account_id', 'a.handle', 'a.platform_role', 'i.private_conversation', 'm.team_id'])
    .where('i.channel', '=', p.channel)
    .where('i.private_conversation', 'is not', null)
    .where('a.disabled_at_ms', 'is', null)
    .orderBy('i.created_at_ms')
    .limit(p.limit),
)

export const rememberContext = statement((q, p: { accountId: string; channel: string; context: string }) =>
  q
    .insertInto('remembered_context')
    .values({ account_id: p.accountId, channel: p.channel, context: p.context })
    .onConflict((conflict) => conflict.columns(['account_id', 'channel']).doUpdateSet({ context: p.context })),
)

/** Writes nothing when another one is remembered by now. */
export const forgetContext = statement((q, p: { accountId: string; channel: string; context: string }) =>
  q
    .deleteFrom('remembered_context')
    .where('account_id', '=', p.accountId)
    .where('channel', '=', p.channel)
    .where('context', '=', p.context),
)

export const forgetAnyContext = statement((q, p: { accountId: string; channel: string }) =>
  q.deleteFrom('remembered_context').where('account_id', '=', p.accountId).where('channel', '=', p.channel),
)
