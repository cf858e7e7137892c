import { meantOnce } from '#core/chat/meant.ts'
import { scheduleMeant } from '#core/schedules/read.ts'
import type { UserCall } from '../command.ts'

export const scheduleArgument = {
  name: 'schedule',
  kind: 'word',
  optional: true,
  summary: 'The job it runs; nothing for the only one',
} as const

/** The one that is meant; asked again, it means the same one, though it may be gone by then. */
export const meantBy = (call: UserCall, words: string | undefined): Promise<string> =>
  meantOnce(call.core, call.actor, { what: 'schedule', words: words ?? null }, async (tx) => {
    return (await scheduleMeant(tx, call.actor, words)).id
  })
