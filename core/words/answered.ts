import type { Tx } from '#db/db.ts'
import { findProposal, moveProposal, openProposal } from '#db/proposals.ts'
import { confirmClaim } from '#db/queue/claims.ts'
import type { Claim } from '#db/queue/queue.ts'
import { findRun } from '#db/runs.ts'
import type { ProposalTable } from '#db/schema.ts'
import type { Reply } from '../chat/message.ts'
import { putMessage } from '../chat/outbox.ts'
import type { Core } from '../core.ts'
import { isJsonObject, type Json } from '../json.ts'
import { proposalOfKey } from './key.ts'
import { LIFETIME_MS, type Meant } from './proposal.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

/** What a model has answered to somebody's words: a line, taken for nothing yet. */
export interface Answered {
  proposal: ProposalTable
  said: string
  costMicros: bigint
  isMock: boolean
}

/** Reads a line by the grammar and the rights of whoever's words it was; undefined when it is none they could say here. */
export type ReadMeant = (answered: Answered) => Promise<Meant | undefined>

/** What the person is shown; undefined stands for: nothing was understood. */
export type ShowMeant = (answered: Answered, meant: Meant | undefined) => Reply

/**
 * Proposes what a model has made of somebody's words. What is written is written once, together with the claim: a proposal
 * and its message, or the sentence that nothing was understood.
 */
export async function workOnWords(
  core: Needs,
  claim: Claim,
  { read, show }: { read: ReadMeant; show: ShowMeant },
): Promise<void> {
  const id = proposalOfKey(claim.key) ?? ''
  for (let isDone = false; !isDone; ) {
    const answered = await answerTo(core, id)
    const meant = answered && (await read(answered))
    isDone = await core.db.write(async function proposeWhatWasUnderstood(tx) {
      await confirmClaim(tx, claim)
      if (answered && (await settle(core, tx, id, meant))) await say(core, tx, answered.proposal, show(answered, meant))
      return core.queue.release(tx, claim, null)
    })
  }
}

async function answerTo({ db }: Needs, id: string): Promise<Answered | undefined> {
  const proposal = await findProposal.first(db, { id })
  if (proposal?.state !== 'asked' || proposal.run_id === null) return undefined
  const run = await findRun.first(db, { id: proposal.run_id })
  // Retried by hand, say: its end wakes this work again.
  if (!run || run.finished_at_ms === null) return undefined
  const outputs: Json = run.status === 'succeeded' && run.outputs_json ? JSON.parse(run.outputs_json) : {}
  const value = isJsonObject(outputs) ? outputs.value : undefined
  const line = isJsonObject(value) ? value.line : undefined
  return {
    proposal,
    said: typeof line === 'string' ? line : '',
    costMicros: run.cost_micros,
    isMock: isJsonObject(outputs) && outputs.mock === true,
  }
}

async function settle({ clock }: Needs, tx: Tx, id: string, meant: Meant | undefined): Promise<boolean> {
  const nowMs = clock.nowMs()
  // Nobody waits for something as old as that; it is over without a word.
  if (!meant) return (await moveProposal.run(tx, { id, from: 'asked', to: 'void', nowMs })) > 0
  const { line, target } = meant
  const needsSure = meant.needsSure ? 1 : 0
  return (await openProposal.run(tx, { id, line, target, needsSure, expiresAtMs: nowMs + LIFETIME_MS })) > 0
}

const say = (core: Needs, tx: Tx, { id, channel, conversation, only_for, run_id }: ProposalTable, reply: Reply) =>
  putMessage(core, tx, {
    channel,
    conversation,
    reply,
    cause: run_id ?? id,
    ...(only_for === null ? {} : { onlyFor: only_for }),
  })
