import { forgetContext } from '#db/contexts.ts'
import { type Account, accountById, refuseDisabled } from '../accounts/account.ts'
import type { Actor } from '../actor.ts'
import type { ChannelName } from '../chat/message.ts'
import { contextKey, personal } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { type ContextQuestion, type Resolved, resolveContext } from './resolve.ts'

export interface Acting extends ContextQuestion {
  channel: ChannelName
  /** The delivery or Idempotency-Key this action came with. */
  requestKey?: string
  /** True where the answer has no room to say that a team was lost: it stays remembered until one has said so. */
  isSilent?: boolean
}

/**
 * The actor of one message, press or request, with account, role and memberships as they are now. Where a remembered
 * team is lost (`resolved.fellBack`) it is forgotten: the reply to this action is the one that says so.
 * Refused: `unauthorized` without an account, `forbidden` when it is closed, and as `resolveContext` refuses.
 */
export async function actorFor(
  core: Pick<Core, 'db' | 'clock'>,
  acting: Acting,
): Promise<{ actor: Actor; resolved: Resolved; account: Account }> {
  const account = await accountById(core.db, acting.accountId)
  if (!account) throw new AppError('unauthorized', 'This account does not exist any more.')
  refuseDisabled(account)
  const resolved = await resolveContext(core.db, acting)
  if (resolved.fellBack && !acting.isSilent) await forget(core, acting, resolved.fellBack)
  const actor: Actor = {
    accountId: account.id,
    handle: account.handle,
    platformRole: account.platformRole,
    channel: acting.channel,
    context: resolved.context,
    ...(acting.requestKey === undefined ? {} : { requestKey: acting.requestKey }),
  }
  return { actor, resolved, account }
}

async function forget(
  core: Pick<Core, 'db' | 'clock'>,
  { accountId, channel }: Acting,
  { teamName, context }: { teamName: string; context: string },
): Promise<void> {
  const nowMs = core.clock.nowMs()
  await core.db.write(async function forgetLostContext(tx) {
    const forgotten = await forgetContext.run(tx, { accountId, channel, context })
    if (forgotten === 0) return
    const key = contextKey(personal(accountId))
    const details = { channel, lost: context, teamName }
    await appendEvents(tx, nowMs, [
      { type: 'context.fell_back', actor: accountId, context: key, subject: accountId, details },
    ])
  })
}
