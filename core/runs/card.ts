import type { Reader } from '#db/db.ts'
import { findWallet } from '#db/ledger.ts'
import { findTeam } from '#db/teams.ts'
import { type Button, type Part, type ProgressStatus, text } from '../chat/message.ts'
import { type Context, walletOf } from '../context.ts'
import { showUsd } from '../money.ts'
import { runIdOf } from './card-key.ts'
import { triesOf } from './decide/rounds.ts'
import { RESULT_REVIEW } from './state.ts'
import type { StepStatus } from './states.ts'
import { hasRunEnded } from './states.ts'
import { loadRun, type StoredRun } from './stored.ts'

const STEP_STATUS: Record<StepStatus, ProgressStatus> = {
  pending: 'pending',
  ready: 'pending',
  running: 'running',
  waiting: 'waiting',
  succeeded: 'done',
  failed: 'failed',
  skipped: 'skipped',
  cancelled: 'cancelled',
}

const RUN_STATUS: Record<string, ProgressStatus> = {
  queued: 'pending',
  running: 'running',
  waiting: 'waiting',
  succeeded: 'done',
  partially_completed: 'done',
  failed: 'failed',
  payment_failed: 'failed',
  cancelled: 'cancelled',
}

/** What a run's card says at this moment; made when it is delivered, so that ten changes make one edit. */
export async function renderRunCard(on: Reader, cardKey: string): Promise<Part[] | undefined> {
  const runId = runIdOf(cardKey)
  const run = runId ? await loadRun(on, runId) : undefined
  if (!run) return undefined
  const parts: Part[] = [progress(run), text(await moneyLine(on, run), 'muted')]
  if (run.state.error) parts.push(text(run.state.error.message))
  const buttons = buttonsFor(run)
  if (buttons.length > 0) parts.push({ type: 'buttons', buttons })
  return parts
}

function progress({ definition, state }: StoredRun): Part {
  const tops = state.steps.filter(({ parentSeq }) => parentSeq === null)
  const steps = tops.map((step) => {
    const written = definition.steps.find(({ stepId }) => stepId === step.stepId)
    const copies = state.steps.filter(({ parentSeq, status }) => parentSeq === step.seq && status !== 'skipped')
    const done = copies.filter(({ status }) => status === 'succeeded').length
    const note =
      copies.length > 0 ? `${done} of ${copies.length}` : triesOf(step) > 1 ? `try ${triesOf(step)}` : undefined
    return {
      label: step.stepId === RESULT_REVIEW ? 'review' : (written?.displayName ?? step.stepId),
      status: STEP_STATUS[step.status],
      ...(note ? { note } : {}),
    }
  })
  return { type: 'progress', title: definition.displayName, status: RUN_STATUS[state.status] ?? 'running', steps }
}

async function moneyLine(on: Reader, { row, context, state }: StoredRun): Promise<string> {
  const payer = await payerName(on, context)
  const left = await availableMicros(on, context)
  const spent = hasRunEnded(state.status)
    ? `cost ${showUsd(row.cost_micros)}`
    : `≈ ${showUsd(row.estimate_micros)} (max ${showUsd(row.max_micros)})`
  return `${payer} · ${spent} · ${showUsd(left)} left`
}

/** `Team Acme` or `Personal`: who pays, as every card says it. */
async function payerName(on: Reader, context: Context): Promise<string> {
  if (context.type === 'user') return 'Personal'
  return `Team ${(await findTeam.first(on, { id: context.id }))?.name ?? '(deleted)'}`
}

export async function availableMicros(on: Reader, context: Context): Promise<bigint> {
  const wallet = await findWallet.first(on, { id: walletOf(context) })
  return wallet ? wallet.posted_micros - wallet.pending_micros + wallet.credit_limit_micros : 0n
}

function buttonsFor({ row, state }: StoredRun): Button[] {
  if (!hasRunEnded(state.status)) return [{ label: 'Stop', command: `/cancelrun ${row.id}`, style: 'danger' }]
  if (state.status === 'payment_failed') return [{ label: 'Retry', command: `/retry ${row.id}`, style: 'primary' }]
  return []
}
