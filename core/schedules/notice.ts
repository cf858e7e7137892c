import { listIdentities } from '#db/accounts.ts'
import type { Reader, Tx } from '#db/db.ts'
import type { ScheduleRow } from '#db/schedules.ts'
import { type Button, reply, text } from '../chat/message.ts'
import { webConversation } from '../chat/web.ts'
import { contextOf } from '../context.ts'
import type { Core } from '../core.ts'
import type { Place } from '../notifications/addresses.ts'
import { notify } from '../notifications/notify.ts'
import { whoMay } from '../notifications/people.ts'
import { standingIn } from '../teams/standing.ts'
import type { Ended } from './advance.ts'

/** Tells the owner of a schedule, alone, in the transaction of what it is about; the team's admins when the owner has left. */
export async function tellOwner(
  core: Pick<Core, 'ids' | 'clock' | 'queue'>,
  tx: Tx,
  row: ScheduleRow,
  { words, buttons }: { words: string; buttons: Button[] },
  type: 'schedule_missed' | 'agent_blocked' = 'schedule_missed',
): Promise<void> {
  const context = contextOf(row.context)
  const isThere = context.type === 'user' || (await standingIn(tx, row.account_id, context.id)) !== undefined
  const news = { ...newsOf(row, words, buttons), type, context }
  if (isThere) {
    const place = await privatelyTo(tx, row)
    return notify(core, tx, { ...news, accountId: row.account_id, ...(place ? { place } : {}) })
  }
  // It stays the team's when its owner has left: those hear of it who may see to it.
  for (const { accountId } of await whoMay(tx, context.id, 'schedule', core.clock.nowMs())) {
    await notify(core, tx, { ...news, accountId })
  }
}

const newsOf = (row: ScheduleRow, words: string, buttons: Button[]) =>
  ({
    cause: row.id,
    text: `Schedule ${row.job_key}: ${words}`,
    reply: reply(
      text(`Schedule: ${row.job_key}`, 'strong'),
      words,
      ...(buttons.length > 0 ? [{ type: 'buttons', buttons } as const] : []),
    ),
  }) as const

/** Where the owner is alone with the bot on the schedule's own channel, when there is such a place. */
async function privatelyTo(on: Reader, { account_id: accountId, channel }: ScheduleRow): Promise<Place | undefined> {
  if (channel === 'web') return { channel, conversation: webConversation(accountId) }
  const known = (await listIdentities.all(on, { accountId })).find((one) => one.channel === channel)
  const conversation = known?.private_conversation ?? null
  return conversation === null ? undefined : { channel, conversation }
}

/** It has run for the last time. */
export const endNotice = (row: ScheduleRow, ended: Ended): { words: string; buttons: Button[] } => ({
  words: `This was its last run: ${ENDS[ended]}.`,
  buttons: [runNowButton(row)],
})

const ENDS: Record<Ended, string> = {
  done: 'no time follows',
  expired: 'it has expired',
  max_runs: 'it has run as often as it was to',
}

export const runNowButton = ({ id }: Pick<ScheduleRow, 'id'>): Button => ({
  label: 'Run now',
  command: `/runnow ${id}`,
})
export const resumeButton = ({ id }: Pick<ScheduleRow, 'id'>): Button => ({ label: 'Resume', command: `/resume ${id}` })
export const pauseButton = ({ id }: Pick<ScheduleRow, 'id'>): Button => ({ label: 'Pause', command: `/pause ${id}` })
