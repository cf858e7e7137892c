import { type RawBuilder, sql } from 'kysely'
import { statement } from './statement.ts'

/** What was granted on top of a limit and has not ended; looked up only where there is a limit. */
const raised = (
  column: 'amount_micros' | 'runs',
  limit: RawBuilder<unknown>,
  p: { scope: string; limitName: string; nowMs: number },
): RawBuilder<bigint> =>
  sql<bigint>`case when ${limit} is null then 0 else coalesce((select sum(${sql.ref(column)}) from budget_raise
    where scope = ${p.scope} and limit_name = ${sql.lit(p.limitName)} and until_ms > ${p.nowMs}), 0) end`

/** 1 where a context has budgets: only then are they looked for. */
const hasBudgets = (context: string) =>
  sql<number>`case when exists (select 1 from budget where context = ${context}) then 1 else 0 end`.as('has_budgets')

/**
 * Everything that may limit what a person spends in a team, in one row: the team's caps, theirs in it, and their own,
 * with what is granted on top of them for a time.
 */
export const findSpendingLimits = statement(
  (
    q,
    p: {
      accountId: string
      teamId: string
      memberScope: string
      /** Also its context. */
      teamScope: string
      nowMs: number
    },
  ) =>
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
        hasBudgets(p.teamScope),
        raised('amount_micros', sql.ref('membership.spending_cap_micros'), {
          scope: p.memberScope,
          limitName: 'member_monthly_cap',
          nowMs: p.nowMs,
        }).as('member_raised_micros'),
        raised('amount_micros', sql.ref('team.monthly_cap_micros'), {
          scope: p.teamScope,
          limitName: 'team_monthly_cap',
          nowMs: p.nowMs,
        }).as('team_raised_micros'),
        raised('runs', sql.ref('team.max_runs_per_month'), {
          scope: p.teamScope,
          limitName: 'team_monthly_runs',
          nowMs: p.nowMs,
        })
          .$castTo<number>()
          .as('team_raised_runs'),
      ]),
)

/** What limits a person outside of teams. */
export const findPersonalCap = statement((q, p: { accountId: string; context: string }) =>
  q
    .selectFrom('account')
    .select(['monthly_cap_micros as person_cap_micros', hasBudgets(p.context)])
    .where('id', '=', p.accountId),
)

export const insertTeam = statement((q, p: { id: string; name: string; settingsJson: string; nowMs: number }) =>
  q.insertInto('team').values({
    id: p.id,
    name: p.name,
    monthly_cap_micros: null,
    max_runs_per_month: null,
    max_members: null,
    max_runs_at_once: null,
    confirm_above_micros: null,
    settings_json: p.settingsJson,
    created_at_ms: p.nowMs,
    deleted_at_ms: null,
  }),
)

export const findTeam = statement((q, p: { id: string }) =>
  q.selectFrom('team').selectAll().where('id', '=', p.id).where('deleted_at_ms', 'is', null),
)

/**
 * The team for whoever changes it or its members: on Postgres one at a time, so that what was counted stays true.
 * Reading it for rights (`holdStanding`) goes on meanwhile.
 */
export const lockTeam = statement((q, p: { id: string }, dialect) => {
  const select = q.selectFrom('team').selectAll().where('id', '=', p.id).where('deleted_at_ms', 'is', null)
  return dialect === 'postgres' ? select.forNoKeyUpdate() : select
})

/** The team for whoever ends it: on Postgres waits for everybody who acts in it at this moment, and they for this. */
export const lockTeamAlone = statement((q, p: { id: string }, dialect) => {
  const select = q.selectFrom('team').selectAll().where('id', '=', p.id).where('deleted_at_ms', 'is', null)
  return dialect === 'postgres' ? select.forUpdate() : select
})

/** That the team is there, and will be until the transaction ends. */
export const holdTeam = statement((q, p: { id: string }, dialect) => {
  const select = q.selectFrom('team').select(['id', 'name']).where('id', '=', p.id).where('deleted_at_ms', 'is', null)
  return dialect === 'postgres' ? select.forKeyShare() : select
})

export const updateTeamRow = statement(
  (q, p: { id: string; name: string; confirmAboveMicros: bigint | null; settingsJson: string }) =>
    q
      .updateTable('team')
      .set({ name: p.name, confirm_above_micros: p.confirmAboveMicros, settings_json: p.settingsJson })
      .where('id', '=', p.id),
)

export const updateTeamLimits = statement(
  (
    q,
    p: {
      id: string
      monthlyCapMicros: bigint | null
      maxRunsPerMonth: number | null
      maxMembers: number | null
      maxRunsAtOnce: number | null
    },
  ) =>
    q
      .updateTable('team')
      .set({
        monthly_cap_micros: p.monthlyCapMicros,
        max_runs_per_month: p.maxRunsPerMonth,
        max_members: p.maxMembers,
        max_runs_at_once: p.maxRunsAtOnce,
      })
      .where('id', '=', p.id),
)

export const markTeamDeleted = statement((q, p: { id: string; nowMs: number }) =>
  q.updateTable('team').set({ deleted_at_ms: p.nowMs }).where('id', '=', p.id),
)

export const listTeamNames = statement((q, _: Record<never, never>) =>
  q.selectFrom('team').select(['id', 'name']).where('deleted_at_ms', 'is', null),
)

export const findLiveRun = statement((q, p: { context: string }) =>
  q.selectFrom('run').select('id').where('context', '=', p.context).where('finished_at_ms', 'is', null).limit(1),
)

/** On every channel: who ended a team knows. */
export const forgetContext = statement((q, p: { accountId: string; context: string }) =>
  q.deleteFrom('remembered_context').where('account_id', '=', p.accountId).where('context', '=', p.context),
)

export const listDefaultsOfContext = statement((q, p: { context: string }) =>
  q.selectFrom('tool_default').select(['tool_id', 'inputs_json']).where('context', '=', p.context).orderBy('tool_id'),
)

export const putToolDefault = statement((q, p: { context: string; toolId: string; inputsJson: string }) =>
  q
    .insertInto('tool_default')
    .values({ context: p.context, tool_id: p.toolId, inputs_json: p.inputsJson })
    .onConflict((conflict) => conflict.columns(['context', 'tool_id']).doUpdateSet({ inputs_json: p.inputsJson })),
)

export const deleteToolDefault = statement((q, p: { context: string; toolId: string }) =>
  q.deleteFrom('tool_default').where('context', '=', p.context).where('tool_id', '=', p.toolId),
)
