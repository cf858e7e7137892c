import { lockTeam, updateTeamRow } from '#db/teams.ts'
import { checkName } from '../accounts/fields.ts'
import type { Actor } from '../actor.ts'
import { contextKey, teamContext } from '../context.ts'
import type { Core } from '../core.ts'
import { readLimit } from '../economy/amounts.ts'
import { appendEvents } from '../events/append.ts'
import type { JsonObject } from '../json.ts'
import { once } from '../once.ts'
import { checkToolDefaults, saveToolDefaults, type ToolDefaults } from '../tools/defaults.ts'
import { teamEvent } from './record.ts'
import { changeSettings, settingsOf, type TeamSettingsChange } from './settings.ts'
import { noTeam, requireStanding } from './standing.ts'
import { loadTeam, type TeamDetails } from './team.ts'

/** What is left out stays as it is; null lifts. */
export type TeamChange = {
  name?: string
  confirmAboveUsd?: string | null
  toolDefaults?: ToolDefaults
} & TeamSettingsChange

/** Renames a team and changes its settings; `bad_input` with every problem. For admins and the owner. */
export async function updateTeam(
  core: Pick<Core, 'db' | 'clock' | 'tools'>,
  actor: Actor,
  { teamId, change }: { teamId: string; change: TeamChange },
): Promise<TeamDetails> {
  const nowMs = core.clock.nowMs()
  const { name, confirmAboveUsd, toolDefaults = {}, ...settings } = change
  const newName = name === undefined ? undefined : checkName(name, 'name')
  const confirmAboveMicros = confirmAboveUsd === undefined ? undefined : readLimit('confirmAboveUsd', confirmAboveUsd)
  checkToolDefaults(core.tools, toolDefaults)
  const input = { teamId, change: change as JsonObject }
  return core.db.write(async function updateTeamOnce(tx) {
    return once(tx, { actor, operation: 'team.update', input, nowMs }, async () => {
      const team = await lockTeam.first(tx, { id: teamId })
      await requireStanding(tx, actor, teamId, 'settings')
      if (!team) throw noTeam()
      await updateTeamRow.run(tx, {
        id: teamId,
        name: newName ?? team.name,
        confirmAboveMicros: confirmAboveMicros === undefined ? team.confirm_above_micros : confirmAboveMicros,
        settingsJson: JSON.stringify(changeSettings(settingsOf(team.settings_json), settings)),
      })
      await saveToolDefaults(tx, contextKey(teamContext(teamId)), toolDefaults)
      await appendEvents(tx, nowMs, [teamEvent(actor, teamId, 'team.updated', { change: change as JsonObject })])
      return loadTeam(tx, actor.accountId, teamId)
    })
  })
}
