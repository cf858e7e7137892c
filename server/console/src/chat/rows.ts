import type { Message } from '../api/types.ts'

const GROUP_MS = 5 * 60_000

export interface Row {
  message: Message
  /** First of a day: a line with the day's name stands above. */
  startsDay: boolean
  /** First of several from the same side: name and time stand above. */
  startsGroup: boolean
}

/** Messages with what stands between them. */
export function rowsOf(items: Message[]): Row[] {
  return items.map((message, index) => {
    const before = items[index - 1]
    const startsDay = !before || new Date(before.at).toDateString() !== new Date(message.at).toDateString()
    const gapMs = before ? Date.parse(message.at) - Date.parse(before.at) : 0
    return { message, startsDay, startsGroup: startsDay || before?.from !== message.from || gapMs > GROUP_MS }
  })
}
