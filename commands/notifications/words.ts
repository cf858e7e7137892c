import { AppError } from '#core/errors.ts'
import {
  NOTIFICATION_CHANNELS,
  type NotificationChanges,
  type NotificationChannel,
} from '#core/notifications/settings.ts'
import { NOTIFICATION_TYPES, type NotificationType } from '#core/notifications/types.ts'

/** What people type, as the settings have it; the sentence of a refusal says how to write it. */

/** `off` is none. */
export const offOr = <T>(words: string, read: (words: string) => T): T | null =>
  /^(off|none|no)$/i.test(words) ? null : read(words)

/** `22:00-07:00`, `22-7`, `22:30 to 6` → from and to. */
export function quietHoursIn(words: string): { from: string; to: string } {
  const [from, to, ...more] = words.split(/\s*(?:[-–—]|\bto\b|\buntil\b)\s*/i)
  const hours = { from: asTime(from), to: asTime(to) }
  if (hours.from !== undefined && hours.to !== undefined && more.length === 0) return { from: hours.from, to: hours.to }
  throw new AppError('bad_input', 'Quiet hours are two times of the day like 22:00-07:00, or off.')
}

/** `9`, `9:30` → `09:00`, `09:30`. */
export function timeIn(words: string): string {
  const time = asTime(words)
  if (time !== undefined) return time
  throw new AppError('bad_input', 'The digest comes at a time of the day like 9:00, or is off.')
}

function asTime(words = ''): string | undefined {
  const [, hours, minutes = '00'] = /^(\d{1,2})(?:[:.](\d\d))?$/.exec(words.trim()) ?? []
  if (hours === undefined || Number(hours) > 23 || Number(minutes) > 59) return undefined
  return `${hours.padStart(2, '0')}:${minutes}`
}

/** `all`, or channels by name. */
export function channelsIn(words: string): NotificationChannel[] | null {
  if (/^(all|usual|any)$/i.test(words)) return null
  return words
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((word) => {
      const name = NOTIFICATION_CHANNELS.find((one) => one === word.replace('-', ''))
      if (name === undefined) {
        throw new AppError('bad_input', `Channels are ${NOTIFICATION_CHANNELS.join(', ')}, or all.`)
      }
      return name
    })
}

type OfType = NonNullable<NonNullable<NotificationChanges['types']>[NotificationType]>

/** `now`, `digest`, `off`, `usual`, or the channels it is to come on. */
export function settingOfType(words: string): OfType | null {
  const word = words.toLowerCase()
  if (word === 'usual') return null
  if (word === 'now' || word === 'on') return { deliver: 'now' }
  if (word === 'digest' || word === 'off') return { deliver: word }
  return { channels: channelsIn(words) }
}

/** `run_ended` or `run-ended`. */
export const typeNamed = (word: string): NotificationType | undefined =>
  NOTIFICATION_TYPES.find((type) => type === word.replaceAll('-', '_'))
