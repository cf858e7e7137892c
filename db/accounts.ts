import { sql } from 'kysely'
import type { Reader } from './db.ts'
import { query, statement } from './statement.ts'

/** Writes nothing when the handle is taken. */
export const insertAccount = statement(
  (
    q,
    p: {
      id: string
      handle: string
      displayName: string
      platformRole: 'user' | 'admin'
      timeZone: string
      nowMs: number
    },
  ) =>
    q
      .insertInto('account')
      .values({
        id: p.id,
        handle: p.handle,
        display_name: p.displayName,
        platform_role: p.platformRole,
        time_zone: p.timeZone,
        monthly_cap_micros: null,
        confirm_above_micros: null,
        created_at_ms: p.nowMs,
        disabled_at_ms: null,
      })
      .onConflict((conflict) => conflict.column('handle').doNothing()),
)

export const findAccount = statement((q, p: { id: string }) =>
  q.selectFrom('account').selectAll().where('id', '=', p.id),
)

/** What each of these accounts is called. */
export async function handlesOf(on: Reader, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await query(on, (q) =>
    q
      .selectFrom('account')
      .select(['id', 'handle'])
      .where('id', 'in', [...new Set(ids)]),
  )
  return new Map(rows.map(({ id, handle }) => [id, handle]))
}

export const findAccountByHandle = statement((q, p: { handle: string }) =>
  q.selectFrom('account').selectAll().where('handle', '=', p.handle),
)

export const findAnyAdmin = statement((q, _: Record<never, never>) =>
  q.selectFrom('account').select('id').where('platform_role', '=', 'admin').limit(1),
)

/** A second account under the handle fails. */
/** Everybody who runs the instance, longest first. */
export const listAdmins = statement((q, _: Record<never, never>) =>
  q
    .selectFrom('account')
    .select(['id', 'handle'])
    .where('platform_role', '=', 'admin')
    .where('disabled_at_ms', 'is', null)
    .orderBy('created_at_ms')
    .orderBy('id'),
)

export const updateProfile = statement(
  (q, p: { id: string; handle: string; displayName: string; timeZone: string; confirmAboveMicros: bigint | null }) =>
    q
      .updateTable('account')
      .set({
        handle: p.handle,
        display_name: p.displayName,
        time_zone: p.timeZone,
        confirm_above_micros: p.confirmAboveMicros,
      })
      .where('id', '=', p.id),
)

export const updatePersonalCap = statement((q, p: { id: string; capMicros: bigint | null }) =>
  q.updateTable('account').set({ monthly_cap_micros: p.capMicros }).where('id', '=', p.id),
)

export const makeAdmin = statement((q, p: { id: string }) =>
  q.updateTable('account').set({ platform_role: 'admin' }).where('id', '=', p.id).returningAll(),
)

/** Nobody can act as it any more, and its handle is free again. */
export const closeAccount = statement((q, p: { id: string; handle: string; nowMs: number }) =>
  q.updateTable('account').set({ disabled_at_ms: p.nowMs, handle: p.handle }).where('id', '=', p.id),
)

/**
 * Everything an account would lose with its last identity; each 1 or 0. `other_ways`: the account was not made for this
 * identity but got it later, so somebody comes to it in another way.
 * `welcome_micros` is what it was given at the start: the transfer with that id.
 */
export const findBelongings = statement(
  (
    q,
    p: {
      accountId: string
      context: string
      wallet: string
      welcomeId: string
      channel: string
      externalId: string
      nowMs: number
    },
  ) => {
    const any = (rows: ReturnType<typeof sql>) => sql<number>`case when exists (${rows}) then 1 else 0 end`
    return q
      .selectFrom('ledger_account')
      .select([
        any(sql`select 1 from membership where account_id = ${p.accountId}`).as('teams'),
        any(sql`select 1 from run where context = ${p.context}`).as('runs'),
        any(sql`select 1 from job where context = ${p.context} and deleted_at_ms is null`).as('jobs'),
        any(sql`select 1 from api_key where account_id = ${p.accountId} and revoked_at_ms is null
          and (expires_at_ms is null or expires_at_ms > ${p.nowMs})`).as('keys'),
        any(sql`select 1 from password where account_id = ${p.accountId}`).as('passwords'),
        any(sql`select 1 from identity where account_id = ${p.accountId}
          and (channel <> ${p.channel} or external_id <> ${p.externalId})`).as('identities'),
        any(sql`select 1 from identity join account on account.id = identity.account_id
          where channel = ${p.channel} and external_id = ${p.externalId}
          and account.created_at_ms <> identity.created_at_ms`).as('other_ways'),
        'posted_micros',
        'pending_micros',
        sql<bigint>`coalesce((select amount_micros from transfer where id = ${p.welcomeId}), 0)`.as('welcome_micros'),
      ])
      .where('id', '=', p.wallet)
  },
)

export const findIdentity = statement((q, p: { channel: string; externalId: string }) =>
  q
    .selectFrom('identity')
    .innerJoin('account', 'account.id', 'identity.account_id')
    .selectAll('account')
    .select(['identity.name as identity_name', 'identity.private_conversation'])
    .where('identity.channel', '=', p.channel)
    .where('identity.external_id', '=', p.externalId),
)

export interface NewIdentity {
  channel: string
  externalId: string
  accountId: string
  name: string
  privateConversation: string | null
  nowMs: number
}

/** Writes nothing when the identity belongs to somebody. */
export const insertIdentity = statement((q, p: NewIdentity) =>
  q
    .insertInto('identity')
    .values({
      channel: p.channel,
      external_id: p.externalId,
      account_id: p.accountId,
      name: p.name,
      private_conversation: p.privateConversation,
      created_at_ms: p.nowMs,
    })
    .onConflict((conflict) => conflict.doNothing()),
)

/** Writes nothing when it has left that account meanwhile. */
export const moveIdentity = statement(
  (q, p: { channel: string; externalId: string; fromAccountId: string; toAccountId: string }) =>
    q
      .updateTable('identity')
      .set({ account_id: p.toAccountId })
      .where('channel', '=', p.channel)
      .where('external_id', '=', p.externalId)
      .where('account_id', '=', p.fromAccountId),
)

/** Writes only what changed; a missing private conversation keeps the one that is known. */
export const refreshIdentity = statement(
  (q, p: { channel: string; externalId: string; name: string; privateConversation: string | null }) =>
    q
      .updateTable('identity')
      .set({
        name: p.name,
        private_conversation: sql`coalesce(cast(${p.privateConversation} as text), private_conversation)`,
      })
      .where('channel', '=', p.channel)
      .where('external_id', '=', p.externalId)
      .where(
        sql<boolean>`(name <> ${p.name} or (cast(${p.privateConversation} as text) is not null
          and private_conversation is distinct from cast(${p.privateConversation} as text)))`,
      )
      .returning('account_id'),
)

export const listIdentities = statement((q, p: { accountId: string }) =>
  q
    .selectFrom('identity')
    .select(['channel', 'external_id', 'name', 'private_conversation', 'created_at_ms'])
    .where('account_id', '=', p.accountId)
    .orderBy('created_at_ms')
    .orderBy('channel')
    .orderBy('external_id'),
)

/** Makes whoever claims the instance, or makes a code for it, wait for whoever does so now. */
export const lockClaim = statement((q, _: Record<never, never>) =>
  q
    .insertInto('setting')
    .values({ key: 'claim.turn', value_json: 'null' })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value_json: 'null' })),
)

export const countMisses = statement((q, p: { subject: string; type: string; sinceMs: number }) =>
  q
    .selectFrom('event')
    .select((event) => event.fn.countAll<number>().as('misses'))
    .where('subject', '=', p.subject)
    .where('type', '=', p.type)
    .where('at_ms', '>', p.sinceMs),
)
