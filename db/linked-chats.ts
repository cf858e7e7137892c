import { statement } from './statement.ts'

export const findLinkedChat = statement((q, p: { channel: string; conversation: string }) =>
  q
    .selectFrom('linked_chat')
    .innerJoin('team', 'team.id', 'linked_chat.team_id')
    .select(['team.id as team_id', 'team.name as team_name'])
    .where('linked_chat.channel', '=', p.channel)
    .where('linked_chat.conversation', '=', p.conversation)
    .where('team.deleted_at_ms', 'is', null),
)

export const listLinkedChats = statement((q, p: { channel: string; limit: number }) =>
  q
    .selectFrom('linked_chat')
    .innerJoin('team', 'team.id', 'linked_chat.team_id')
    .select(['linked_chat.conversation', 'linked_chat.team_id'])
    .where('linked_chat.channel', '=', p.channel)
    .where('team.deleted_at_ms', 'is', null)
    .orderBy('linked_chat.created_at_ms')
    .limit(p.limit),
)

/** The chats tied to one team, the oldest first. */
export const listLinkedChatsOf = statement((q, p: { teamId: string }) =>
  q
    .selectFrom('linked_chat')
    .select(['channel', 'conversation'])
    .where('team_id', '=', p.teamId)
    .orderBy('created_at_ms')
    .orderBy('channel')
    .orderBy('conversation'),
)

export const putLinkedChat = statement(
  (q, p: { channel: string; conversation: string; teamId: string; linkedBy: string; nowMs: number }) =>
    q
      .insertInto('linked_chat')
      .values({
        channel: p.channel,
        conversation: p.conversation,
        team_id: p.teamId,
        linked_by: p.linkedBy,
        created_at_ms: p.nowMs,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['channel', 'conversation'])
          .doUpdateSet({ team_id: p.teamId, linked_by: p.linkedBy, created_at_ms: p.nowMs }),
      ),
)

export const deleteLinkedChat = statement((q, p: { channel: string; conversation: string }) =>
  q.deleteFrom('linked_chat').where('channel', '=', p.channel).where('conversation', '=', p.conversation),
)

export const deleteLinkedChatsOf = statement((q, p: { teamId: string }) =>
  q.deleteFrom('linked_chat').where('team_id', '=', p.teamId),
)
