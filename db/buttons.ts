import { blind, statement } from './statement.ts'

/** The button of a card is the same each time the card is rendered: the first one stays. */
export const keepButton = blind((q, p: { token: string; command: string; once: number; nowMs: number }) =>
  q
    .insertInto('button')
    .values({
      token: p.token,
      command: p.command,
      once: p.once,
      created_at_ms: p.nowMs,
      used_by: null,
      used_at_ms: null,
    })
    .onConflict((conflict) => conflict.column('token').doNothing()),
)

export const findButton = statement((q, p: { token: string }) =>
  q
    .selectFrom('button')
    .leftJoin('account', 'account.id', 'button.used_by')
    .select(['button.command', 'button.once', 'button.used_by', 'button.used_at_ms', 'account.handle'])
    .where('token', '=', p.token),
)

/** Only the first one gets a single-use button. */
export const useButton = statement((q, p: { token: string; accountId: string; nowMs: number }) =>
  q
    .updateTable('button')
    .set({ used_by: p.accountId, used_at_ms: p.nowMs })
    .where('token', '=', p.token)
    .where((button) => button.or([button('once', '=', 0), button('used_by', 'is', null)])),
)
