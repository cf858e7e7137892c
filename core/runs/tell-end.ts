import { listIdentities } from '#db/accounts.ts'
import type { Reader, Tx } from '#db/db.ts'
import type { Button } from '../chat/message.ts'
import { reply } from '../chat/message.ts'
import { webConversation } from '../chat/web.ts'
import type { Core } from '../core.ts'
import { isWithin } from '../notifications/addresses.ts'
import { notify } from '../notifications/notify.ts'
import { proposalOfKey } from '../words/key.ts'
import { retryButton } from './buttons.ts'
import type { StoredRun } from './stored.ts'

/** After so long nobody sits before the chat and waits. */
const LONG_MS = 5 * 60_000

/**
 * Tells who started a run that it has ended, where they have not got its result in a conversation of their own: a
 * schedule's without a place of its own; one of the API that went wrong or took long; one that took long where others read
 * along; one whose result is kept back. Whoever is there sees the rest. Runs in a person's own chat ask the database nothing.
 */
export async function tellEnd(
  core: Pick<Core, 'ids' | 'clock' | 'queue'>,
  tx: Tx,
  run: StoredRun,
  nowMs: number,
): Promise<void> {
  const { row, state, context, definition } = run
  // Somebody stopped it, or its place was taken: nothing came of it that anybody waits for.
  if (state.status === 'cancelled' || endedByReview(run)) return
  // Whoever said something in plain words hears what was understood, or that nothing was.
  if (run.pins.follower !== undefined && proposalOfKey(run.pins.follower) !== undefined) return
  const isGood = state.status === 'succeeded'
  const isLong = nowMs - row.created_at_ms >= LONG_MS
  // Nothing was posted of what is kept back: a card that changes in place wakes nobody.
  const isKeptBack = state.status === 'payment_failed'
  // Whoever waits for it says what came of it.
  if (run.pins.follower !== undefined && !isKeptBack) return
  const isNews = row.conversation === null ? isScheduled(run) || !isGood || isLong : isLong
  if (!isKeptBack && isOfCycle(run)) return
  if (!isKeptBack && (!isNews || (row.conversation !== null && (await isOwnConversation(tx, run))))) return
  const { id, account_id: accountId } = row
  const words = `${definition.displayName} ${endOf(run)}`
  const buttons: Button[] = [{ label: 'Show', command: `/status ${id}` }, ...(isGood ? [] : [retryButton(id)])]
  await notify(core, tx, {
    accountId,
    type: 'run_ended',
    context,
    cause: id,
    text: words,
    reply: reply(words, { type: 'buttons', buttons }),
    // What runs every minute, or goes wrong a hundred times, is one thing to hear of.
    fold: `run_ended:${row.job_key}:${isGood ? 'good' : 'bad'}`,
  })
}

const isScheduled = ({ row }: StoredRun): boolean =>
  row.idempotency_key?.startsWith(`${row.account_id}/schedule:`) ?? false

/** A planned schedule has several runs each time, and says itself what is worth hearing of. */
const isOfCycle = ({ row }: StoredRun): boolean => row.idempotency_key?.startsWith(`${row.account_id}/plan:`) ?? false

async function isOwnConversation(on: Reader, { row }: StoredRun): Promise<boolean> {
  const { channel, conversation, account_id: accountId } = row
  if (channel === 'web') return conversation === webConversation(accountId)
  const identities = await listIdentities.all(on, { accountId })
  return identities.some((one) => one.channel === channel && isWithin(one.private_conversation, conversation))
}

/** People said no, or nothing in time: of that they were told as it happened. */
const endedByReview = ({ state }: StoredRun): boolean =>
  state.status === 'failed' && ['rejected', 'expired'].includes(whyOf(state)?.code ?? '')

const whyOf = ({ error, steps }: StoredRun['state']) =>
  error ?? steps.find((step) => step.status === 'failed' && step.error)?.error

function endOf({ state }: StoredRun): string {
  if (state.status === 'succeeded') return 'is done.'
  const why = whyOf(state)
  const how =
    { failed: 'failed', payment_failed: 'is done, but not paid for' }[state.status as string] ?? 'ended with gaps'
  return why ? `${how}: ${why.message}` : `${how}.`
}
