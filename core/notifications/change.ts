import type { Reader, Tx } from '#db/db.ts'
import {
  findNextHeld,
  findNotified,
  holdNotificationSettings,
  retimeHeld,
  saveNotificationSettings,
} from '#db/notifications.ts'
import type { Core } from '../core.ts'
import type { JsonObject } from '../json.ts'
import { addressesOf, chosenAddresses } from './addresses.ts'
import { wakeHeldAt } from './held-key.ts'
import {
  changeSettings,
  NOTIFICATION_CHANNELS,
  type NotificationChannel,
  type NotificationSettings,
  settingsOf,
} from './settings.ts'
import type { NotificationType } from './types.ts'
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

interface Dropping {
  accountId: string
  types: readonly NotificationType[]
  channel: NotificationChannel
}

/**
 * Takes one channel away from some types, in the caller's transaction: those come on the others, else in the web chat. False when
 * none of them came there anyway.
 */
export async function dropChannel(tx: Tx, { nowMs, ...dropping }: Dropping & { nowMs: number }): Promise<boolean> {
  const { accountId } = dropping
  const held = await holdNotificationSettings.first(tx, { accountId, nowMs })
  const settingsJson = held?.settings_json ?? null
  const changes = await channelsWithout(tx, { ...dropping, settingsJson })
  if (changes.size === 0) return false
  const settings = settingsOf(settingsJson)
  for (const [type, channels] of changes) settings.types[type] = { ...settings.types[type], channels }
  await saveNotificationSettings.run(tx, { accountId, settingsJson: JSON.stringify(keptOf(settings)), nowMs })
  return true
}

/** What would be chosen then, for each of the types that come there now. */
export async function channelsWithout(
  on: Reader,
  { accountId, types, channel, settingsJson }: Dropping & { settingsJson: string | null },
): Promise<Map<NotificationType, NotificationChannel[]>> {
  const settings = settingsOf(settingsJson)
  const all = await addressesOf(on, accountId)
  const changes = new Map<NotificationType, NotificationChannel[]>()
  for (const type of types) {
    const chosen = settings.types[type].channels ?? settings.channels
    const names = new Set<string>(chosen ?? chosenAddresses(all, null).map((one) => one.channel))
    if (!names.delete(channel)) continue
    const left = NOTIFICATION_CHANNELS.filter((name) => names.has(name))
    changes.set(type, left.length > 0 ? left : ['web'])
  }
  return changes
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
