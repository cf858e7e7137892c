import type { Reader } from '#db/db.ts'
import { findNotified } from '#db/notifications.ts'
import type { QuietHours } from '../jobs/definition.ts'
import { settingsOf } from '../notifications/settings.ts'
import { quietUntilAllMs } from '../quiet-hours.ts'

/**
 * When somebody may be asked again about a review: not in the quiet hours of the job, nor in their own. Null when it is
 * neither now.
 */
export async function quietForUntilMs(
  on: Reader,
  ofJob: QuietHours | null,
  { accountId, timeZone }: { accountId: string; timeZone: string },
  nowMs: number,
): Promise<number | null> {
  const { quietHours: own } = settingsOf((await findNotified.first(on, { accountId }))?.settings_json ?? null)
  const rules = [
    ...(ofJob ? [{ hours: ofJob, timeZone: ofJob.timeZone ?? timeZone }] : []),
    ...(own ? [{ hours: own, timeZone }] : []),
  ]
  return quietUntilAllMs(rules, nowMs)
}
