import { statement } from './statement.ts'

/**
 * Everything that may limit what a person spends, in one row: their own cap, and with a team its caps and theirs in it.
 * With `teamId: ''` the team's columns are null.
 */
export const findSpendingLimits = statement((q, p: { accountId: string; teamId: string }) =>
  q
    .selectFrom('account')
    .leftJoin('membership', (join) =>
      join.onRef('membership.account_id', '=', 'account.id').on('membership.team_id', '=', p.teamId),
    )
    .leftJoin('team', (join) => join.on('team.id', '=', p.teamId))
    .where('account.id', '=', p.accountId)
    .select([
      'account.monthly_cap_micros as person_cap_micros',
      'membership.spending_cap_micros as member_cap_micros',
      'team.monthly_cap_micros as team_cap_micros',
      'team.max_runs_per_month',
      'team.name as team_name',
    ]),
)
