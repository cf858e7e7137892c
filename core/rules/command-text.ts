import type { StoredEvent } from '#db/events.ts'

const PLACE = /\{(subject|type|seq)\}/g
/** Ids and types, and nothing that could be read as anything else in a command line. */
const HARMLESS = /^\w[\w.:-]{0,199}$/

export const hasPlaces = (command: string): boolean => command.search(PLACE) >= 0

/**
 * The command with what it is about in its places: `/status {subject}`. Undefined where the event says something that would be
 * more than one word of a command line: what others wrote must not become a command.
 */
export function filledIn(command: string, event: Pick<StoredEvent, 'seq' | 'type' | 'subject'>): string | undefined {
  const values: Record<string, string> = { subject: event.subject, type: event.type, seq: String(event.seq) }
  let isHarmless = true
  const text = command.replaceAll(PLACE, (_, name: string) => {
    const value = values[name] ?? ''
    if (!HARMLESS.test(value)) isHarmless = false
    return value
  })
  return isHarmless ? text : undefined
}
