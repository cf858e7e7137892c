import { findBudgetRequest, listBudgetRequests } from '#db/budgets.ts'
import { may, mayOnPlatform } from '../access.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { idCursor } from '../cursor.ts'
import { requireContext } from '../teams/standing.ts'
import { type BudgetRequest, type BudgetStatus, budgetRequestView } from './request.ts'
import { noRequest, requireReader } from './standing.ts'

/**
 * Requests of the actor's context, newest first: all of them for who decides there, else one's own. Platform admins in
 * their personal context see what they decide about: everything that is about money.
 */
export async function findBudgetRequests(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  { status, cursor, limit }: { status?: BudgetStatus; cursor?: string; limit: number },
): Promise<{ items: BudgetRequest[]; nextCursor: string | null }> {
  const { context } = actor
  const nowMs = core.clock.nowMs()
  const standing = await requireContext(core.db, actor, context, 'read')
  const seesAll = standing ? may(standing, 'limit') : mayOnPlatform(actor.platformRole, 'grant')
  const rows = await listBudgetRequests(core.db, {
    ...(seesAll && !standing ? {} : { context: contextKey(context) }),
    ...(seesAll ? {} : { accountId: actor.accountId }),
    ...(status ? { status } : {}),
    ...(cursor === undefined ? {} : { beforeId: idCursor('breq', cursor) }),
    nowMs,
    limit: limit + 1,
  })
  const items = rows.slice(0, limit).map((row) => budgetRequestView(row, nowMs))
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
}

export async function getBudgetRequest(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  id: string,
): Promise<BudgetRequest> {
  const row = await findBudgetRequest.first(core.db, { id })
  if (!row) throw noRequest()
  await requireReader(core.db, actor, row)
  return budgetRequestView(row, core.clock.nowMs())
}
