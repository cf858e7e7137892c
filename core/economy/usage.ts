import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { listMembers } from '../teams/members.ts'
import { monthUsage } from './month.ts'
import { type Wallet, walletView } from './wallet.ts'

/** What is spent this UTC month in a context, what is held included, by whom, and which limits stand against it. */
export type UsageView = {
  context: Wallet['context']
  month: string
  spentUsd: string
  runs: number
  resetsAt: string
  /** Of a team: everybody in it. */
  members: { accountId: string; handle: string; spentUsd: string }[]
  limits: Wallet['limits']
}

/** Of a person it is what they spent in all contexts. */
export async function usageView(core: Pick<Core, 'db' | 'clock'>, actor: Actor): Promise<UsageView> {
  const { context } = actor
  const month = await monthUsage(core, actor, context)
  const { limits } = await walletView(core, actor, context)
  const members = context.type === 'team' ? await listMembers(core, actor, { teamId: context.id }) : []
  return {
    context,
    ...month,
    members: members.map(({ accountId, handle, spentUsd }) => ({ accountId, handle, spentUsd })),
    limits,
  }
}
