import { nextTimeOfDayMs, quietUntilMs } from '../quiet-hours.ts'
import type { NotificationSettings } from './settings.ts'
import { type NotificationType, type Priority, TYPES } from './types.ts'

/** What becomes of something there is to tell: it goes out, waits until then, or only stands in the person's list. */
export type Way = { state: 'out' } | { state: 'listed' } | { state: 'held'; hold: 'quiet' | 'digest'; dueAtMs: number }

/** By the type, its priority, what the person has chosen, and the hour. `isMuted`: the team does not tell of it. */
export function wayOf(
  { type, priority }: { type: NotificationType; priority: Priority },
  settings: NotificationSettings,
  { timeZone, isMuted, nowMs }: { timeZone: string; isMuted: boolean; nowMs: number },
): Way {
  const deliver = deliveryOf({ type, priority }, settings, isMuted)
  if (deliver === 'off') return { state: 'listed' }
  if (priority === 'urgent') return { state: 'out' }
  if (deliver === 'digest') return { state: 'held', hold: 'digest', dueAtMs: nextDigestMs(settings, timeZone, nowMs) }
  const quietMs = quietUntilMs(settings.quietHours, timeZone, nowMs)
  return quietMs === null ? { state: 'out' } : { state: 'held', hold: 'quiet', dueAtMs: quietMs }
}

/** What the person has chosen, else what is usual for that type. */
export function deliveryOf(
  { type, priority }: { type: NotificationType; priority: Priority },
  { types, digestAt }: Pick<NotificationSettings, 'types' | 'digestAt'>,
  isMuted = false,
): 'now' | 'digest' | 'off' {
  if (TYPES[type].needsAnswer) return 'now'
  const usual = isMuted ? 'off' : priority === 'low' ? 'digest' : 'now'
  const chosen = types[type].deliver ?? usual
  return chosen === 'digest' && digestAt === null ? 'now' : chosen
}

/** When the next digest comes: where its time lies in quiet hours, when they end. Without one it is now. */
export function nextDigestMs(
  { digestAt, quietHours }: Pick<NotificationSettings, 'digestAt' | 'quietHours'>,
  timeZone: string,
  nowMs: number,
): number {
  if (digestAt === null) return nowMs
  const atMs = nextTimeOfDayMs(digestAt, timeZone, nowMs)
  return quietUntilMs(quietHours, timeZone, atMs) ?? atMs
}
