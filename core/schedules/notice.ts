import { listIdentities } from '#db/accounts.ts'
import type { Reader, Tx } from '#db/db.ts'
import type { ScheduleRow } from '#db/schedules.ts'
import { type Button, type Reply, reply, text } from '../chat/message.ts'
import { putMessage } from '../chat/outbox.ts'
import { webConversation } from '../chat/web.ts'
import type { Core } from '../core.ts'

/** Tells the owner of a schedule, in private, in the transaction of what it is about. */
export async function tellOwner(
  core: Pick<Core, 'ids' | 'clock' | 'queue'>,
  tx: Tx,
  row: ScheduleRow,
  { words, buttons }: { words: string; buttons: Button[] },
): Promise<void> {
  const about: Reply = reply(text(`Schedule: ${row.job_key}`, 'strong'), words, { type: 'buttons', buttons })
  await putMessage(core, tx, { ...(await privatelyTo(tx, row)), reply: about, cause: row.id })
}

/** Where nobody else reads along: on the schedule's own channel where that is possible, else anywhere. */
async function privatelyTo(on: Reader, row: ScheduleRow): Promise<{ channel: string; conversation: string }> {
  const web = { channel: 'web', conversation: webConversation(row.account_id) }
  if (row.channel === 'web') return web
  const identities = await listIdentities.all(on, { accountId: row.account_id })
  const known = identities.flatMap(({ channel, private_conversation: conversation }) =>
    conversation === null ? [] : [{ channel, conversation }],
  )
  return known.find(({ channel }) => channel === row.channel) ?? known[0] ?? web
}

export const runNowButton = ({ id }: Pick<ScheduleRow, 'id'>): Button => ({
  label: 'Run now',
  command: `/runnow ${id}`,
})
export const resumeButton = ({ id }: Pick<ScheduleRow, 'id'>): Button => ({ label: 'Resume', command: `/resume ${id}` })
export const pauseButton = ({ id }: Pick<ScheduleRow, 'id'>): Button => ({ label: 'Pause', command: `/pause ${id}` })
