import { createAccountByOperator } from '#core/accounts/create.ts'
import type { Actor } from '#core/actor.ts'
import type { ChannelName } from '#core/chat/message.ts'
import { type Context, personal, walletOf } from '#core/context.ts'
import type { Core } from '#core/core.ts'
import type { Reader } from '#db/db.ts'
import { listEventsOf } from '#db/events.ts'
import { findWallet } from '#db/ledger.ts'
import { query } from '#db/statement.ts'

/** Somebody with an account, acting in person. */
export async function createPerson(core: Core, handle: string, channel: ChannelName = 'web'): Promise<Actor> {
  const account = await createAccountByOperator(core, { handle, admin: false })
  return actorOf(account, channel)
}

export const actorOf = (
  account: { id: string; handle: string; platformRole: 'user' | 'admin' },
  channel: ChannelName,
  requestKey?: string,
): Actor => ({
  accountId: account.id,
  handle: account.handle,
  platformRole: account.platformRole,
  channel,
  context: personal(account.id),
  ...(requestKey ? { requestKey } : {}),
})

/** What a promise refuses with: `code: message`; fails when it does not. */
export async function refusalOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    if (error instanceof Error && 'code' in error) return `${error.code}: ${error.message}`
    throw error
  }
  throw new Error('It was not refused')
}

export async function balanceOf(on: Reader, context: Context): Promise<bigint | undefined> {
  return (await findWallet.first(on, { id: walletOf(context) }))?.posted_micros
}

export async function eventsOf(on: Reader, subject: string): Promise<string[]> {
  const events = await listEventsOf.all(on, { subject, after: 0, limit: 1_000 })
  return events.map((event) => event.type)
}

export const accountsIn = async (on: Reader): Promise<string[]> =>
  (await query(on, (q) => q.selectFrom('account').select('handle').orderBy('created_at_ms').orderBy('id'))).map(
    ({ handle }) => handle,
  )

/** A team with its owner, as rows: how teams are made is tested elsewhere. */
export async function addTeam(core: Core, name: string, ownerId: string): Promise<string> {
  const id = core.ids.newId('team')
  await core.db.write(async function addTeamRows(tx) {
    await query(tx, (q) =>
      q.insertInto('team').values({
        id,
        name,
        monthly_cap_micros: null,
        max_runs_per_month: null,
        max_members: null,
        max_runs_at_once: null,
        confirm_above_micros: null,
        settings_json: '{}',
        created_at_ms: 0,
        deleted_at_ms: null,
      }),
    )
    await query(tx, (q) =>
      q.insertInto('membership').values({
        team_id: id,
        account_id: ownerId,
        role: 'owner',
        spending_cap_micros: null,
        can_invite: 0,
        created_at_ms: 0,
      }),
    )
  })
  return id
}

export const leaveTeam = (core: Core, teamId: string, accountId: string): Promise<unknown> =>
  core.db.write(async function removeMembership(tx) {
    await query(tx, (q) => q.deleteFrom('membership').where('team_id', '=', teamId).where('account_id', '=', accountId))
  })

export const deleteTeam = (core: Core, teamId: string): Promise<unknown> =>
  core.db.write(async function markTeamDeleted(tx) {
    await query(tx, (q) => q.updateTable('team').set({ deleted_at_ms: 1 }).where('id', '=', teamId))
  })

export const tieChat = (
  core: Core,
  channel: string,
  conversation: string,
  teamId: string,
  by: string,
): Promise<unknown> =>
  core.db.write(async function tieChatToTeam(tx) {
    await query(tx, (q) =>
      q.insertInto('linked_chat').values({ channel, conversation, team_id: teamId, linked_by: by, created_at_ms: 0 }),
    )
  })
