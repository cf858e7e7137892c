import { type Reply, reply } from '#core/chat/message.ts'
import { confirmSchedule, declineSchedule } from '#core/schedules/confirm.ts'
import { getSchedule } from '#core/schedules/read.ts'
import type { UserCall } from '../command.ts'
import { scheduleParts } from './show.ts'

/** Yes or no to a schedule that was read back. */
export async function answerSchedule(
  { core, actor, account }: Pick<UserCall, 'core' | 'actor' | 'account'>,
  code: string,
  answer: 'yes' | 'no',
): Promise<Reply> {
  if (answer === 'no') {
    await declineSchedule(core, actor, code)
    return reply('Called off. Nothing was scheduled.')
  }
  const { id } = await confirmSchedule(core, actor, code)
  return reply('Scheduled.', ...scheduleParts(await getSchedule(core, actor, id), account.timeZone))
}
