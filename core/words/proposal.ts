import type { Tx } from '#db/db.ts'
import { deleteOldProposals, findProposal, insertProposal, moveProposal } from '#db/proposals.ts'
import type { ProposalTable } from '#db/schema.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError, notFound } from '../errors.ts'
import { once } from '../once.ts'

/** A command line that somebody's words are taken to mean. Nothing of it is done before they say yes. */
export interface Meant {
  /** Whole, as it is shown and as it is done. */
  line: string
  /** A built-in command, or a published job. */
  target: 'command' | 'job'
  /** It moves money, lets people in or out, or decides for others: one press is not enough. */
  needsSure: boolean
}

/** Where it was said, and so where the answer goes. */
export interface SaidAt {
  conversation: string
  /** The person's id on the platform, where others read along. */
  onlyFor?: string
}

/** Long enough to read it, too short to be found a day later. */
export const LIFETIME_MS = 30 * 60_000

type Needs = Pick<Core, 'db' | 'clock' | 'ids'>

/** Keeps what was understood, to be asked about. The same delivery again gives the same one. */
export async function propose(core: Needs, actor: Actor, at: SaidAt, meant: Meant): Promise<string> {
  const nowMs = core.clock.nowMs()
  const newId = core.ids.newId('say')
  return core.db.write(async function proposeLine(tx) {
    return once(tx, { actor, operation: 'words.propose', input: meant.line, nowMs }, async () => {
      await insertProposal.run(tx, {
        id: newId,
        ...placeOf(actor, at),
        state: 'open',
        line: meant.line,
        target: meant.target,
        needsSure: meant.needsSure ? 1 : 0,
        runId: null,
        nowMs,
        expiresAtMs: nowMs + LIFETIME_MS,
      })
      return newId
    })
  })
}

export const placeOf = ({ accountId, channel, context }: Actor, { conversation, onlyFor }: SaidAt) => ({
  accountId,
  channel,
  conversation,
  onlyFor: onlyFor ?? null,
  context: contextKey(context),
})

/** What somebody says to it: `go` and, where that is not enough, `yes` to the second question; or nothing of it. */
export type Verb = 'go' | 'yes' | 'edit' | 'no'

export type Taken =
  /** To be done now, in this context. */
  | { outcome: 'do'; line: string; target: 'command' | 'job'; context: string }
  | { outcome: 'ask_again'; line: string }
  | { outcome: 'dropped'; line: string }
  | { outcome: 'stale'; why: string }

/**
 * Answers a proposal. Only whoever's words it was may (`forbidden`); what is done is done once: the second press says so,
 * and the same press delivered again gets its first answer.
 */
export async function takeProposal(
  core: Needs,
  actor: Actor,
  { id, verb }: { id: string; verb: Verb },
): Promise<Taken> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function takeProposal(tx) {
    return once(tx, { actor, operation: 'words.take', input: { id, verb }, nowMs }, () =>
      take(tx, actor, { id, verb, nowMs }),
    )
  })
}

async function take(
  tx: Tx,
  actor: Actor,
  { id, verb, nowMs }: { id: string; verb: Verb; nowMs: number },
): Promise<Taken> {
  const row = await findProposal.first(tx, { id })
  if (row?.line == null || row.target === null) throw notFound('such proposal')
  const { line, target, context } = row
  if (row.account_id !== actor.accountId) {
    throw new AppError('forbidden', `This was understood from what @${row.handle} said, so only they can answer it.`)
  }
  const move = async (from: ProposalTable['state'], to: ProposalTable['state']): Promise<boolean> =>
    (await moveProposal.run(tx, { id, from, to, nowMs })) > 0
  if (verb === 'no' || verb === 'edit') {
    if ((await move('open', 'dropped')) || (await move('sure', 'dropped'))) return { outcome: 'dropped', line }
  } else if (verb === 'go' && row.needs_sure === 1) {
    const isAsked = (await move('open', 'sure')) || (row.state === 'sure' && row.expires_at_ms > nowMs)
    if (isAsked) return { outcome: 'ask_again', line }
  } else if (await move(row.needs_sure === 1 ? 'sure' : 'open', 'done')) {
    return { outcome: 'do', line, target, context }
  }
  return { outcome: 'stale', why: whyStale((await findProposal.first(tx, { id }))?.state) }
}

function whyStale(state: ProposalTable['state'] | undefined): string {
  if (state === 'done') return 'You said yes to this already.'
  if (state === 'dropped') return 'This was dropped already.'
  return 'This is too old. Say once more what you would like.'
}

const KEEP_MS = 24 * 3_600_000
const BATCH = 500

/** Forgets what nobody can answer any more. Returns how many; a second time there is nothing left. */
export async function sweepProposals({ db, clock }: Pick<Core, 'db' | 'clock'>, signal: AbortSignal): Promise<number> {
  const beforeMs = clock.nowMs() - KEEP_MS
  let removed = 0
  for (let inBatch = BATCH; inBatch === BATCH && !signal.aborted; removed += inBatch) {
    inBatch = await db.write(async function forgetOldProposals(tx) {
      return deleteOldProposals.run(tx, { beforeMs, most: BATCH })
    })
  }
  return removed
}
