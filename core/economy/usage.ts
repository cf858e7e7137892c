import { sumModelCalls, sumModelCallsOfPerson } from '#db/model-calls.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { formatUsd } from '../money.ts'
import { listMembers } from '../teams/members.ts'
import { monthUsage } from './month.ts'
import { periodOf } from './period.ts'
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
  /** What models were asked, the dearest first. Of a person: in their own context and the teams they are in. */
  models: ModelUsed[]
  limits: Wallet['limits']
}

export interface ModelUsed {
  provider: string
  model: string
  calls: number
  /** Those of them that gave no answer; some cost all the same. */
  failed: number
  inputTokens: number
  outputTokens: number
  /** Part of the input. */
  cachedInputTokens: number
  costUsd: string
  /** Part of the cost, counted by us: the provider did not say. */
  estimatedUsd: string
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
    models: await modelsUsed(core, actor),
    limits,
  }
}

async function modelsUsed(
  { db, clock }: Pick<Core, 'db' | 'clock'>,
  { accountId, context }: Actor,
): Promise<ModelUsed[]> {
  const sinceMs = Date.parse(`${periodOf(clock.nowMs())}-01T00:00:00Z`)
  const rows =
    context.type === 'team'
      ? await sumModelCalls.all(db, { context: contextKey(context), sinceMs })
      : await sumModelCallsOfPerson.all(db, { accountId, own: contextKey(context), sinceMs })
  return rows.map((row) => ({
    provider: row.provider,
    model: row.model,
    calls: row.calls,
    failed: row.failed,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    cachedInputTokens: row.cached_input_tokens,
    costUsd: formatUsd(row.cost_micros),
    estimatedUsd: formatUsd(row.estimated_micros),
  }))
}
