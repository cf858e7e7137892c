import type { Reader } from '#db/db.ts'
import type { ScheduleRow } from '#db/schedules.ts'
import { accountById, refuseDisabled } from '../accounts/account.ts'
import type { Actor } from '../actor.ts'
import type { ChannelName } from '../chat/message.ts'
import { type Context, contextOf } from '../context.ts'
import { AppError, notFound } from '../errors.ts'
import { requireReader } from '../runs/reader.ts'
import { requireContext } from '../teams/standing.ts'

/** Who may keep and change what starts things by itself in a context: oneself one's own, a team's who may schedule there. */
export const requireKeeper = async (on: Reader, actor: Pick<Actor, 'accountId'>, context: Context): Promise<void> =>
  void (await requireContext(on, actor, context, 'schedule'))

/** A schedule that the actor may see, as `find` reads it; others do not exist for them. */
export async function requireSchedule<On extends Reader>(
  on: On,
  actor: Actor,
  id: string,
  find: { first(on: On, parameters: { id: string }): Promise<ScheduleRow | undefined> },
): Promise<ScheduleRow> {
  const row = await find.first(on, { id })
  if (!row) throw noSchedule()
  await requireReader(on, actor, contextOf(row.context), 'such schedule')
  return row
}

const noSchedule = (): AppError => notFound('such schedule')

/** What acts in somebody's name when nobody is there. */
export type Kept = Pick<ScheduleRow, 'account_id' | 'context' | 'channel'>

/**
 * The owner of a schedule, a trigger or a rule as they are at this moment: it acts with their rights and no others. Refused when the account is
 * closed, or may not keep schedules in that context any more.
 */
export async function ownerOf(on: Reader, row: Kept, requestKey: string): Promise<Actor> {
  const account = await accountById(on, row.account_id)
  if (!account) throw new AppError('forbidden', 'The account of its owner does not exist any more.')
  refuseDisabled(account)
  const context = contextOf(row.context)
  await requireKeeper(on, { accountId: account.id }, context)
  return {
    accountId: account.id,
    handle: account.handle,
    // What runs by itself has no powers over the instance.
    platformRole: 'user',
    channel: row.channel as ChannelName,
    context,
    requestKey,
  }
}

/** Whether it could act at this moment. */
export async function isOwnerFit(on: Reader, row: Kept): Promise<boolean> {
  try {
    await ownerOf(on, row, '')
    return true
  } catch (error) {
    if (error instanceof AppError) return false
    throw error
  }
}
