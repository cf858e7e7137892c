import { statement } from './statement.ts'

/** What a person's next words on a channel are for; the last question counts. */
export const putAwaitedReply = statement(
  (q, p: { accountId: string; channel: string; command: string; expiresAtMs: number }) =>
    q
      .insertInto('awaited_reply')
      .values({ account_id: p.accountId, channel: p.channel, command: p.command, expires_at_ms: p.expiresAtMs })
      .onConflict((conflict) =>
        conflict.columns(['account_id', 'channel']).doUpdateSet({ command: p.command, expires_at_ms: p.expiresAtMs }),
      ),
)

export const takeAwaitedReply = statement((q, p: { accountId: string; channel: string }) =>
  q
    .deleteFrom('awaited_reply')
    .where('account_id', '=', p.accountId)
    .where('channel', '=', p.channel)
    .returning(['command', 'expires_at_ms']),
)

export const findAwaitedReply = statement((q, p: { accountId: string; channel: string }) =>
  q
    .selectFrom('awaited_reply')
    .select(['command', 'expires_at_ms'])
    .where('account_id', '=', p.accountId)
    .where('channel', '=', p.channel),
)
