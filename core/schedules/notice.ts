import { listIdentities } from '#db/accounts.ts'
import type { Reader, Tx } from '#db/db.ts'
import type { ScheduleRow } from '#db/schedules.ts'
import { type Button, reply, text } from '../chat/message.ts'
import { webConversation } from '../chat/web.ts'
import { contextOf } from '../context.ts'
import type { Core } from '../core.ts'
import type { Place } from '../notifications/addresses.ts'
import { notify } from '../notifications/notify.ts'

/** Tells the owner of a schedule, alone, in the transaction of what it is about. */
export async function tellOwner(
  core: Pick<Core, 'ids' | 'clock' | 'queue'>,
  tx: Tx,
  row: ScheduleRow,
  { words, buttons }: { words: string; buttons: Button[] },
): Promise<void> {
  const place = await privatelyTo(tx, row)
  await notify(core, tx, {
    accountId: row.account_id,
    type: 'schedule_missed',
    context: contextOf(row.context),
    cause: row.id,
    text: `Schedule ${row.job_key}: ${words}`,
    reply: reply(
      text(`Schedule: ${row.job_key}`, 'strong'),
      words,
      ...(buttons.length > 0 ? [{ type: 'buttons' as const, buttons }] : []),
    ),
    ...(place ? { place } : {}),
  })
}

/** Where the owner is alone with the bot on the schedule's own channel, when there is such a place. */
async function privatelyTo(on: Reader, { account_id: accountId, channel }: ScheduleRow): Promise<Place | undefined> {
  if (channel === 'web') return { channel, conversation: webConversation(accountId) }
  const known = (await listIdentities.all(on, { accountId })).find((one) => one.channel === channel)
  const conversation = known?.private_conversation ?? null
  return conversation === null ? undefined : { channel, conversation }
}

export const runNowButton = ({ id }: Pick<ScheduleRow, 'id'>): Button => ({
  label: 'Run now',
  command: `/runnow ${id}`,
})
export const resumeButton = ({ id }: Pick<ScheduleRow, 'id'>): Button => ({ label: 'Resume', command: `/resume ${id}` })
export const pauseButton = ({ id }: Pick<ScheduleRow, 'id'>): Button => ({ label: 'Pause', command: `/pause ${id}` })
