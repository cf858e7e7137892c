import { type PreferenceChanges, type Preferences, updatePreferences } from '#core/accounts/preferences.ts'
import { AppError } from '#core/errors.ts'
import type { JsonObject } from '#core/json.ts'
import type { NotificationChanges } from '#core/notifications/settings.ts'
import type { UserCall } from '../command.ts'

/** Once for each message, as every change that is said. What is wrong with it is said without the paths of the API. */
export async function changePreferencesTo(
  { core, actor }: UserCall,
  { notifications, ...others }: Pick<PreferenceChanges, 'timeZone'> & { notifications?: NotificationChanges },
): Promise<Preferences> {
  try {
    return await updatePreferences(core, actor, {
      ...others,
      ...(notifications === undefined ? {} : { notifications: notifications as JsonObject }),
    })
  } catch (error) {
    const problems = error instanceof AppError ? (error.details.problems ?? []) : []
    if (!problems.some(({ path }) => path.startsWith('notifications.'))) throw error
    throw new AppError('bad_input', problems.map(({ message }) => sentence(message)).join(' '))
  }
}

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
