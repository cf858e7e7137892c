import type { ProposalTable } from './schema.ts'
import { statement } from './statement.ts'

export const insertProposal = statement(
  (
    q,
    p: {
      id: string
      accountId: string
      channel: string
      conversation: string
      onlyFor: string | null
      context: string
      state: 'asked' | 'open'
      line: string | null
      target: 'command' | 'job' | null
      needsSure: 0 | 1
      runId: string | null
      nowMs: number
      expiresAtMs: number
    },
  ) =>
    q.insertInto('proposal').values({
      id: p.id,
      account_id: p.accountId,
      channel: p.channel,
      conversation: p.conversation,
      only_for: p.onlyFor,
      context: p.context,
      state: p.state,
      line: p.line,
      target: p.target,
      needs_sure: p.needsSure,
      run_id: p.runId,
      created_at_ms: p.nowMs,
      expires_at_ms: p.expiresAtMs,
    }),
)

export const findProposal = statement((q, p: { id: string }) =>
  q
    .selectFrom('proposal')
    .innerJoin('account', 'account.id', 'proposal.account_id')
    .selectAll('proposal')
    .select('account.handle')
    .where('proposal.id', '=', p.id),
)

/** What a model has answered, once. */
export const openProposal = statement(
  (q, p: { id: string; line: string; target: 'command' | 'job'; needsSure: 0 | 1; expiresAtMs: number }) =>
    q
      .updateTable('proposal')
      .set({ state: 'open', line: p.line, target: p.target, needs_sure: p.needsSure, expires_at_ms: p.expiresAtMs })
      .where('id', '=', p.id)
      .where('state', '=', 'asked'),
)

/** From one state to the next, for who comes first and in time. */
export const moveProposal = statement(
  (q, p: { id: string; from: ProposalTable['state']; to: ProposalTable['state']; nowMs: number }) =>
    q
      .updateTable('proposal')
      .set({ state: p.to })
      .where('id', '=', p.id)
      .where('state', '=', p.from)
      .where('expires_at_ms', '>', p.nowMs),
)

export const deleteOldProposals = statement((q, p: { beforeMs: number; most: number }) =>
  q
    .deleteFrom('proposal')
    .where('id', 'in', (old) =>
      old
        .selectFrom('proposal')
        .select('id')
        .where('expires_at_ms', '<', p.beforeMs)
        .orderBy('expires_at_ms')
        .limit(p.most),
    ),
)
