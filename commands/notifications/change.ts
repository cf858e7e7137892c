import type { Preferences } from '#core/accounts/preferences.ts'
import { type PreferenceChanges, updatePreferences } from '#core/accounts/preferences.ts'
import type { JsonObject } from '#core/json.ts'
import type { NotificationChanges } from '#core/notifications/settings.ts'
import type { UserCall } from '../command.ts'

export type NotificationChange = NotificationChanges

/** Once for each message, as every change that is said. */
export const changePreferencesTo = (
  { core, actor }: UserCall,
  { notifications, ...others }: Pick<PreferenceChanges, 'timeZone'> & { notifications?: NotificationChange },
): Promise<Preferences> =>
  updatePreferences(core, actor, {
    ...others,
    ...(notifications === undefined ? {} : { notifications: notifications as JsonObject }),
  })
