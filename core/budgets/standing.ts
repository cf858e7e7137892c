import type { Reader } from '#db/db.ts'
import { may, mayOnPlatform } from '../access.ts'
import type { Actor } from '../actor.ts'
import { type Context, contextOf } from '../context.ts'
import { AppError, notFound } from '../errors.ts'
import { type Addressee, platformAdmins, whoMay } from '../notifications/people.ts'
import { mayNot, standingIn } from '../teams/standing.ts'

type Asked = { context: string; limit_name: string; account_id: string }

export const noRequest = (): AppError => notFound('such request')

/**
 * That the actor may decide about a request at this moment: admins of the team that pays; platform admins where it is
 * about money and not about a team's own limits. `not_found` for who may not even see it.
 */
export async function requireDecider(
  on: Reader,
  actor: Actor,
  { context: key, limit_name, account_id }: Asked,
): Promise<void> {
  const context = contextOf(key)
  const isMoney = limit_name === 'available'
  if (isMoney && mayOnPlatform(actor.platformRole, 'grant')) return
  if (context.type === 'user') {
    if (account_id !== actor.accountId) throw noRequest()
    throw new AppError('forbidden', 'A platform admin decides about this. They have been told.')
  }
  const standing = await standingIn(on, actor.accountId, context.id)
  if (!standing) throw noRequest()
  if (!may(standing, 'limit')) throw mayNot(standing, 'limit')
}

/** That the actor may look at a request: who asked, and who decides. */
export async function requireReader(on: Reader, actor: Actor, asked: Asked): Promise<void> {
  if (asked.account_id === actor.accountId) return
  try {
    await requireDecider(on, actor, asked)
  } catch (error) {
    throw error instanceof AppError ? noRequest() : error
  }
}

/**
 * Who is told of a request: those who may decide, without who asks. Platform admins where nobody else is left, and for
 * personal wallets.
 */
export async function decidersOf(
  on: Reader,
  context: Context,
  { accountId, isMoney, nowMs }: { accountId: string; isMoney: boolean; nowMs: number },
): Promise<Addressee[]> {
  const admins = context.type === 'team' ? await whoMay(on, context.id, 'limit', nowMs) : []
  const others = admins.filter((one) => one.accountId !== accountId)
  if (others.length > 0) return others
  if (!isMoney) return admins
  const platform = await platformAdmins(on)
  return platform.length > 0 ? platform : admins
}
