import { type Kysely, sql } from 'kysely'
import type { Dialect } from './db.ts'
import type { Schema, TeamRole } from './schema.ts'
import { statement } from './statement.ts'

const standing = (q: Kysely<Schema>, p: { accountId: string; teamId: string }) =>
  q
    .selectFrom('membership')
    .innerJoin('team', 'team.id', 'membership.team_id')
    .select(['membership.role', 'membership.can_invite', 'team.name as team_name', 'team.settings_json'])
    .where('membership.team_id', '=', p.teamId)
    .where('membership.account_id', '=', p.accountId)
    .where('team.deleted_at_ms', 'is', null)

/** What a person is in a team at this moment; nothing for teams that are gone. */
export const findStanding = statement((q, p: { accountId: string; teamId: string }) => standing(q, p))

/** The same, and on Postgres the team does not end before this transaction does. */
export const holdStanding = statement((q, p: { accountId: string; teamId: string }, dialect: Dialect) =>
  dialect === 'postgres' ? standing(q, p).forKeyShare('team') : standing(q, p),
)

export const insertMembership = statement(
  (q, p: { teamId: string; accountId: string; role: TeamRole; nowMs: number }) =>
    q.insertInto('membership').values({
      team_id: p.teamId,
      account_id: p.accountId,
      role: p.role,
      spending_cap_micros: null,
      can_invite: 0,
      created_at_ms: p.nowMs,
    }),
)

const member = (q: Kysely<Schema>, p: { teamId: string; period: string }) =>
  q
    .selectFrom('membership')
    .innerJoin('account', 'account.id', 'membership.account_id')
    .leftJoin('usage_counter', (join) =>
      join
        .on('usage_counter.scope', '=', sql<string>`'member:' || membership.team_id || ':' || membership.account_id`)
        .on('usage_counter.period', '=', p.period),
    )
    .select([
      'membership.account_id',
      'account.handle',
      'account.display_name',
      'membership.role',
      'membership.spending_cap_micros',
      'membership.can_invite',
      'membership.created_at_ms',
      'usage_counter.used_micros as spent_micros',
    ])
    .where('membership.team_id', '=', p.teamId)

/** Members with what they spent in one month (`period`), oldest membership first. */
export const listMembershipsOf = statement((q, p: { teamId: string; period: string }) =>
  member(q, p).orderBy('membership.created_at_ms').orderBy('membership.account_id'),
)

export const findMembership = statement((q, p: { teamId: string; accountId: string; period: string }) =>
  member(q, p).where('membership.account_id', '=', p.accountId),
)

export const countMembers = statement((q, p: { teamId: string }) =>
  q
    .selectFrom('membership')
    .select((row) => row.fn.countAll<number>().as('members'))
    .where('team_id', '=', p.teamId),
)

const teamOf = (q: Kysely<Schema>, p: { accountId: string }) =>
  q
    .selectFrom('membership')
    .innerJoin('team', 'team.id', 'membership.team_id')
    .select([
      'team.id',
      'team.name',
      'team.monthly_cap_micros',
      'team.max_runs_per_month',
      'team.max_members',
      'team.max_runs_at_once',
      'team.confirm_above_micros',
      'team.settings_json',
      'team.created_at_ms',
      'membership.role',
      sql<number>`(select count(*) from membership as other where other.team_id = team.id)`.as('member_count'),
    ])
    .where('membership.account_id', '=', p.accountId)
    .where('team.deleted_at_ms', 'is', null)

/** Every team a person is in, as that person sees it, by name. */
export const listTeamsOfPerson = statement((q, p: { accountId: string }) =>
  teamOf(q, p).orderBy('team.name').orderBy('team.id'),
)

export const findTeamOfPerson = statement((q, p: { accountId: string; teamId: string }) =>
  teamOf(q, p).where('team.id', '=', p.teamId),
)

export const updateMembership = statement(
  (q, p: { teamId: string; accountId: string; role: TeamRole; spendingCapMicros: bigint | null; canInvite: number }) =>
    q
      .updateTable('membership')
      .set({ role: p.role, spending_cap_micros: p.spendingCapMicros, can_invite: p.canInvite })
      .where('team_id', '=', p.teamId)
      .where('account_id', '=', p.accountId),
)

/** Changes a role only while it is what the caller believes. */
export const changeRole = statement((q, p: { teamId: string; accountId: string; from: TeamRole; to: TeamRole }) =>
  q
    .updateTable('membership')
    .set({ role: p.to })
    .where('team_id', '=', p.teamId)
    .where('account_id', '=', p.accountId)
    .where('role', '=', p.from),
)

export const deleteMembership = statement((q, p: { teamId: string; accountId: string }) =>
  q.deleteFrom('membership').where('team_id', '=', p.teamId).where('account_id', '=', p.accountId),
)

export const deleteMembershipsOf = statement((q, p: { teamId: string }) =>
  q.deleteFrom('membership').where('team_id', '=', p.teamId),
)
