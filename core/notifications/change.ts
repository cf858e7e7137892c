import type { Tx } from '#db/db.ts'
import {
  findNextHeld,
  findNotified,
  holdNotificationSettings,
  retimeHeld,
  saveNotificationSettings,
} from '#db/notifications.ts'
import type { Core } from '../core.ts'
import type { JsonObject } from '../json.ts'
import { addressesOf } from './addresses.ts'
import { wakeHeldAt } from './held-key.ts'
import { changeSettings, type NotificationSettings, settingsOf } from './settings.ts'
import { nextDigestMs } from './way.ts'

/**
 * Changes how somebody is told, in the caller's transaction; what is left out stays. `bad_input` with every problem. Two
 * changes at once both hold.
 */
export async function changeNotifications(
  tx: Tx,
  accountId: string,
  changes: JsonObject,
  nowMs: number,
): Promise<void> {
  const held = await holdNotificationSettings.first(tx, { accountId, nowMs })
  const reachable = (await addressesOf(tx, accountId)).map(({ channel }) => channel)
  const after = changeSettings(settingsOf(held?.settings_json ?? null), changes, reachable)
  await saveNotificationSettings.run(tx, { accountId, settingsJson: JSON.stringify(keptOf(after)), nowMs })
}

/**
 * What waits is looked at anew when somebody has chosen otherwise, or lives by other clocks now: it may be time, or another
 * time.
 */
export async function retimeHeldOf(core: Pick<Core, 'queue'>, tx: Tx, accountId: string, nowMs: number): Promise<void> {
  const person = await findNotified.first(tx, { accountId })
  if (!person) return
  if (!(await findNextHeld.first(tx, { accountId }))) return
  // The item before the rows, as who looks after them takes them: two who meet wait for each other and do not lock up.
  await wakeHeldAt(core, tx, accountId, nowMs)
  const digestMs = nextDigestMs(settingsOf(person.settings_json), person.time_zone, nowMs)
  await retimeHeld.run(tx, { accountId, hold: 'quiet', dueAtMs: nowMs })
  await retimeHeld.run(tx, { accountId, hold: 'digest', dueAtMs: digestMs })
}

/** What is usual is not kept: it may be different one day. */
function keptOf({ types, ...others }: NotificationSettings): JsonObject {
  const chosen = Object.entries(types).filter(([, one]) => one.deliver !== null || one.channels !== null)
  return { ...others, types: Object.fromEntries(chosen) }
}
