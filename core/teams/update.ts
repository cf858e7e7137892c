import type { Tx } from '#db/db.ts'
import { deleteToolDefault, lockTeam, putToolDefault, updateTeamRow } from '#db/teams.ts'
import { checkName } from '../accounts/fields.ts'
import type { Actor } from '../actor.ts'
import { contextKey, teamContext } from '../context.ts'
import type { Core } from '../core.ts'
import { readLimit } from '../economy/amounts.ts'
import { AppError, type Problem } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { JsonObject } from '../json.ts'
import { once } from '../once.ts'
import { checkInputs } from '../schema-check.ts'
import type { ToolRegistry } from '../tools/registry.ts'
import { teamEvent } from './record.ts'
import { changeSettings, settingsOf, type TeamSettingsChange } from './settings.ts'
import { noTeam, requireStanding } from './standing.ts'
import { loadTeam, type TeamDetails } from './team.ts'

/** What is left out stays as it is; null lifts. */
export type TeamChange = {
  name?: string
  confirmAboveUsd?: string | null
  /** Inputs that are filled in for a tool; null forgets them. */
  toolDefaults?: Record<string, JsonObject | null>
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
      await saveToolDefaults(tx, teamId, toolDefaults)
      await appendEvents(tx, nowMs, [teamEvent(actor, teamId, 'team.updated', { change: change as JsonObject })])
      return loadTeam(tx, actor.accountId, teamId)
    })
  })
}

async function saveToolDefaults(tx: Tx, teamId: string, defaults: Record<string, JsonObject | null>): Promise<void> {
  const context = contextKey(teamContext(teamId))
  for (const [toolId, inputs] of Object.entries(defaults)) {
    if (inputs === null) await deleteToolDefault.run(tx, { context, toolId })
    else await putToolDefault.run(tx, { context, toolId, inputsJson: JSON.stringify(inputs) })
  }
}

/** Saved inputs must be the tool's and of its types; they need not be complete. */
function checkToolDefaults(tools: ToolRegistry, defaults: Record<string, JsonObject | null>): void {
  const problems: Problem[] = Object.entries(defaults).flatMap(([toolId, inputs]) => {
    if (inputs === null) return []
    const tool = tools.find(toolId)
    if (!tool) return [{ path: `toolDefaults.${toolId}`, message: 'is not a tool of this instance' }]
    const { required: _, ...schema } = tool.inputSchema
    return checkInputs(schema, inputs, `toolDefaults.${toolId}`)
  })
  if (problems.length === 0) return
  const list = problems.map(({ path, message }) => `${path} ${message}`).join('; ')
  throw new AppError('bad_input', `These defaults cannot be: ${list}.`, { problems })
}
