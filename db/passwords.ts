import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'
import { statement } from './statement.ts'

export const setPassword = statement((q, p: { accountId: string; hash: string; nowMs: number }) =>
  q
    .insertInto('password')
    .values({ account_id: p.accountId, hash: p.hash, changed_at_ms: p.nowMs })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet({ hash: p.hash, changed_at_ms: p.nowMs })),
)

export const findPassword = statement((q, p: { accountId: string }) =>
  q.selectFrom('password').select(['hash', 'changed_at_ms']).where('account_id', '=', p.accountId),
)

/** A better hash of the same password; writes nothing when it was changed meanwhile. */
export const rehashPassword = statement((q, p: { accountId: string; before: string; hash: string }) =>
  q.updateTable('password').set({ hash: p.hash }).where('account_id', '=', p.accountId).where('hash', '=', p.before),
)

export const deletePassword = statement((q, p: { accountId: string }) =>
  q.deleteFrom('password').where('account_id', '=', p.accountId),
)

const withPassword = (q: Kysely<Schema>) =>
  q
    .selectFrom('account')
    .leftJoin('password', 'password.account_id', 'account.id')
    .select(['account.id', 'account.handle', 'account.disabled_at_ms', 'password.hash as password_hash'])

export const findLoginByHandle = statement((q, p: { handle: string }) =>
  withPassword(q).where('account.handle', '=', p.handle),
)

/** By an address that was shown to be theirs; one that was only claimed opens nothing. */
export const findLoginByAddress = statement((q, p: { address: string }) =>
  withPassword(q)
    .innerJoin('identity', 'identity.account_id', 'account.id')
    .where('identity.channel', '=', 'email')
    .where('identity.external_id', '=', p.address),
)

/** Writes nothing where somebody claims the address already. */
export const insertEmailClaim = statement((q, p: { address: string; accountId: string; nowMs: number }) =>
  q
    .insertInto('email_claim')
    .values({ address: p.address, account_id: p.accountId, created_at_ms: p.nowMs })
    .onConflict((conflict) => conflict.doNothing()),
)

export const findEmailClaim = statement((q, p: { address: string }) =>
  q.selectFrom('email_claim').select('account_id').where('address', '=', p.address),
)

export const deleteEmailClaim = statement((q, p: { address: string }) =>
  q.deleteFrom('email_claim').where('address', '=', p.address),
)

export const deleteEmailClaimsOf = statement((q, p: { accountId: string }) =>
  q.deleteFrom('email_claim').where('account_id', '=', p.accountId),
)
