import assert from 'node:assert/strict'
import type { Reader } from '#db/db.ts'
import { findTeamOfPerson } from '#db/memberships.ts'
import type { TeamRole } from '#db/schema.ts'
import { listDefaultsOfContext } from '#db/teams.ts'
import { contextKey, teamContext } from '../context.ts'
import type { JsonObject } from '../json.ts'
import { usdOrNull } from '../money.ts'
import { settingsOf, type TeamSettings } from './settings.ts'

/** A team as one of its members sees it. Amounts are dollars as text, null means no limit. */
export type Team = {
  id: string
  name: string
  /** The viewer's own. */
  role: TeamRole
  memberCount: number
  limits: {
    monthlySpendCapUsd: string | null
    maxRunsPerMonth: number | null
    maxMembers: number | null
    /** Null is the instance's default. */
    maxRunsAtOnce: number | null
  }
  /** Above this a run is confirmed first; null is the instance's default. */
  confirmAboveUsd: string | null
  createdAt: string
} & TeamSettings

/** With the inputs saved for each tool. */
export type TeamDetails = Team & { toolDefaults: Record<string, JsonObject> }

type TeamRow = NonNullable<Awaited<ReturnType<typeof findTeamOfPerson.first>>>

export const teamView = (row: TeamRow): Team => ({
  id: row.id,
  name: row.name,
  role: row.role,
  memberCount: row.member_count,
  limits: {
    monthlySpendCapUsd: usdOrNull(row.monthly_cap_micros),
    maxRunsPerMonth: row.max_runs_per_month,
    maxMembers: row.max_members,
    maxRunsAtOnce: row.max_runs_at_once,
  },
  confirmAboveUsd: usdOrNull(row.confirm_above_micros),
  ...settingsOf(row.settings_json),
  createdAt: new Date(row.created_at_ms).toISOString(),
})

/** For who is known to be in it. */
export async function loadTeam(on: Reader, accountId: string, teamId: string): Promise<TeamDetails> {
  const row = await findTeamOfPerson.first(on, { accountId, teamId })
  assert(row, `${accountId} is not in ${teamId}`)
  const saved = await listDefaultsOfContext.all(on, { context: contextKey(teamContext(teamId)) })
  const defaults = saved.map(({ tool_id, inputs_json }) => [tool_id, JSON.parse(inputs_json) as JsonObject] as const)
  return { ...teamView(row), toolDefaults: Object.fromEntries(defaults) }
}
