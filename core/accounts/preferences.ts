import type { Reader } from '#db/db.ts'
import { findNotified } from '#db/notifications.ts'
import { listDefaultsOfContext } from '#db/teams.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { readLimit } from '../economy/amounts.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { JsonObject } from '../json.ts'
import { usdOrNull } from '../money.ts'
import { changeNotifications, retimeHeldOf } from '../notifications/change.ts'
import { type NotificationSettings, settingsOf } from '../notifications/settings.ts'
import { once } from '../once.ts'
import { requireContext } from '../teams/standing.ts'
import { checkToolDefaults, ownDefaultsIn, saveToolDefaults, type ToolDefaults } from '../tools/defaults.ts'
import { accountById } from './account.ts'
import { checkProfile, writeProfile } from './profile.ts'

/** How somebody wants to be treated: the same everywhere, but for the inputs of tools, which each context has of its own. */
export type Preferences = {
  displayName: string
  /** An IANA name. */
  timeZone: string
  /** Above this a run of one's own is confirmed first; null is the instance's default. */
  confirmAboveUsd: string | null
  /** Inputs of the actor's context that are filled in for a tool, over the team's. */
  toolDefaults: Record<string, JsonObject>
  notifications: NotificationSettings
}

/** What is left out stays as it is. */
export interface PreferenceChanges {
  displayName?: string
  timeZone?: string
  confirmAboveUsd?: string | null
  toolDefaults?: ToolDefaults
  /** As in `NotificationSettings`, what is left out stays. */
  notifications?: JsonObject
}

export async function getPreferences(core: Pick<Core, 'db'>, actor: Actor): Promise<Preferences> {
  await requireContext(core.db, actor, actor.context, 'read')
  return preferencesOf(core.db, actor)
}

/** Changes one's own preferences; `bad_input` names the field. */
export async function updatePreferences(
  core: Pick<Core, 'db' | 'clock' | 'tools' | 'queue'>,
  actor: Actor,
  changes: PreferenceChanges,
): Promise<Preferences> {
  const nowMs = core.clock.nowMs()
  const { toolDefaults = {}, confirmAboveUsd, notifications, ...names } = changes
  checkToolDefaults(core.tools, toolDefaults)
  const profile = checkProfile({
    ...names,
    ...(confirmAboveUsd === undefined ? {} : { confirmAboveMicros: readLimit('confirmAboveUsd', confirmAboveUsd) }),
  })
  const { accountId } = actor
  const context = contextKey(actor.context)
  const input = { context, changes: changes as JsonObject }
  return core.db.write(async function changePreferences(tx) {
    return once(tx, { actor, operation: 'preferences.update', input, nowMs }, async () => {
      await requireContext(tx, actor, actor.context, 'read')
      if (Object.keys(profile).length > 0) await writeProfile(tx, accountId, profile, nowMs)
      const tools = Object.keys(toolDefaults)
      if (tools.length > 0) {
        await saveToolDefaults(tx, ownDefaultsIn(context, accountId), toolDefaults)
        const event = { type: 'preferences.tools', actor: accountId, context, subject: accountId, details: { tools } }
        await appendEvents(tx, nowMs, [event])
      }
      if (notifications !== undefined) {
        await changeNotifications(tx, accountId, notifications, nowMs)
        const details = { changes: notifications }
        const event = { type: 'preferences.notifications', actor: accountId, context, subject: accountId, details }
        await appendEvents(tx, nowMs, [event])
      }
      if (notifications !== undefined || names.timeZone !== undefined) await retimeHeldOf(core, tx, accountId, nowMs)
      return preferencesOf(tx, actor)
    })
  })
}

async function preferencesOf(on: Reader, { accountId, context }: Actor): Promise<Preferences> {
  const account = await accountById(on, accountId)
  if (!account) throw new AppError('unauthorized', 'This account does not exist any more.')
  const { displayName, timeZone, confirmAboveMicros } = account
  const { settings_json = null } = (await findNotified.first(on, { accountId })) ?? {}
  const saved = await listDefaultsOfContext.all(on, { context: ownDefaultsIn(contextKey(context), accountId) })
  const toolDefaults = saved.map(({ tool_id, inputs_json }): [string, JsonObject] => [tool_id, JSON.parse(inputs_json)])
  return {
    displayName,
    timeZone,
    confirmAboveUsd: usdOrNull(confirmAboveMicros),
    toolDefaults: Object.fromEntries(toolDefaults.sort(([a], [b]) => (a < b ? -1 : 1))),
    notifications: settingsOf(settings_json),
  }
}
