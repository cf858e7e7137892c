import type { Reader, Tx } from '#db/db.ts'
import { findOpenReviewUnder } from '#db/reviews.ts'
import { findRun } from '#db/runs.ts'
import { consolePage } from '../chat/console-page.ts'
import { type Button, type ChannelName, type Part, type ProgressStatus, text } from '../chat/message.ts'
import { touchCard } from '../chat/outbox.ts'
import type { Core } from '../core.ts'
import { showUsd } from '../money.ts'
import { taskOfRun } from '../tasks/by-agent/key.ts'
import { payerName } from '../teams/payer.ts'
import type { Choice } from '../variants/choice.ts'
import { choicesOf, hasVariant } from '../variants/list.ts'
import { actionsOn, type RunAction } from './actions.ts'
import { retryButton, stopButton } from './buttons.ts'
import { runIdOf, runKey } from './card-key.ts'
import { type CardRun, loadCardRun } from './card-run.ts'
import { triesOf } from './decide/rounds.ts'
import { moneyLine, quoteWords } from './pay-line.ts'
import { RESULT_REVIEW } from './state.ts'
import { hasRunEnded } from './states.ts'
import { STEP_PROGRESS } from './step-progress.ts'
import { whatIsMissing } from './waiting-words.ts'

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

/** Brings the card of a run up to date that somebody else has changed something about. */
export async function showRunCardOf(core: Pick<Core, 'ids' | 'clock' | 'queue'>, tx: Tx, runId: string): Promise<void> {
  const run = await findRun.first(tx, { id: runId })
  if (!run?.conversation) return
  const { channel, conversation } = run
  await touchCard(core, tx, { channel, conversation, cardKey: runKey(runId), cause: runId })
}

/** What a run's card says at this moment; made when it is delivered, so that ten changes make one edit. */
export async function renderRunCard(
  { db: on, settings }: Pick<Core, 'db' | 'settings'>,
  cardKey: string,
  channel: ChannelName,
): Promise<Part[] | undefined> {
  const runId = runIdOf(cardKey)
  const run = runId ? await loadCardRun(on, runId) : undefined
  if (!run) return undefined
  const isAskedApart = channel === 'email' && run.row.status === 'waiting' && (await isAskedAbout(on, runId ?? ''))
  const parts: Part[] = [
    { ...progress(run), ...(isAskedApart ? { isAskedApart } : {}) },
    text(await costLine(on, run), 'muted'),
  ]
  if (run.state.error) parts.push(text(run.state.error.message))
  const missing = await whatIsMissing(on, run)
  if (missing?.words) parts.push(text(missing.words))
  const taskId = taskOfRun(run.row)
  if (taskId !== undefined) return [...parts, ...partsOfTask(run, taskId, missing?.buttons)]
  const result = await resultOf(on, run)
  if (result?.choice) parts.push(text(acceptedLine(result.choice), 'muted'))
  const url = consolePage(settings, channel, `/runs/${run.row.id}`)
  const buttons = [
    ...(missing?.buttons ?? buttonsFor(run, result)),
    // Last: it looks, the others do.
    ...(url === undefined ? [] : [{ label: 'Open in console', url }]),
  ]
  if (buttons.length > 0) parts.push({ type: 'buttons', buttons })
  return parts
}

/** What came of the work on a task is shown and judged with the task, and so is what can be done about it. */
function partsOfTask(
  { row: { id }, state: { status } }: CardRun,
  taskId: string,
  missing: Button[] | undefined,
): Part[] {
  const stop = hasRunEnded(status) ? [] : [stopButton(id)]
  return [
    ...(status === 'succeeded' ? [text('What came of it is in the review of the task.', 'muted')] : []),
    { type: 'buttons', buttons: [...(missing ?? stop), { label: 'Show the task', command: `/showtask ${taskId}` }] },
  ]
}

const isAskedAbout = async (on: Reader, rootRunId: string): Promise<boolean> =>
  (await findOpenReviewUnder.first(on, { rootRunId })) !== undefined

function progress({ definition, state }: CardRun): Extract<Part, { type: 'progress' }> {
  const tops = state.steps.filter(({ parentSeq }) => parentSeq === null)
  const steps = tops.map((step) => {
    const written = definition.steps.find(({ stepId }) => stepId === step.stepId)
    const copies = state.steps.filter(({ parentSeq, status }) => parentSeq === step.seq && status !== 'skipped')
    const done = copies.filter(({ status }) => status === 'succeeded').length
    const note =
      copies.length > 0 ? `${done} of ${copies.length}` : triesOf(step) > 1 ? `try ${triesOf(step)}` : undefined
    return {
      label: step.stepId === RESULT_REVIEW ? 'review' : (written?.displayName ?? step.stepId),
      status: STEP_PROGRESS[step.status],
      ...(note ? { note } : {}),
    }
  })
  return { type: 'progress', title: definition.displayName, status: RUN_STATUS[state.status] ?? 'running', steps }
}

async function costLine(on: Reader, { row, context, state }: CardRun): Promise<string> {
  const { estimate_micros: estimateMicros, max_micros: maxMicros, cost_micros: costMicros } = row
  const spent = hasRunEnded(state.status) ? `cost ${showUsd(costMicros)}` : quoteWords({ estimateMicros, maxMicros })
  return moneyLine(on, { context, payer: await payerName(on, context) }, spent)
}

interface Result {
  /** Its own, and those that were made beside it. */
  variants: string[]
  choice: Choice | undefined
}

/** What has ended well, to be chosen from; undefined while there is nothing yet. */
async function resultOf(on: Reader, { row, state }: CardRun): Promise<Result | undefined> {
  return hasVariant(state.status) ? choicesOf(on, row) : undefined
}

const acceptedLine = ({ handle, atMs }: Choice): string =>
  `Accepted by @${handle} on ${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC.`

function buttonsFor({ row, state }: CardRun, result: Result | undefined): Button[] {
  const { id } = row
  // Nested runs have no card.
  const actions = actionsOn({ status: state.status, isNested: false })
  const offered = (action: RunAction, button: Button): Button[] => (actions.includes(action) ? [button] : [])
  return [
    ...offered('cancel', stopButton(id)),
    ...offered('retry', retryButton(id)),
    ...(result ? resultButtons(id, result) : []),
    // Each press is another run: a second tap on the same button is a slip.
    ...offered('run_again', { label: 'Run again', command: `/retry ${id} --start`, once: true }),
  ]
}

function resultButtons(runId: string, { variants: [first, ...others], choice }: Result): Button[] {
  if (first === undefined) return []
  if (others.length > 0) return [{ label: 'Variants', command: `/variants ${runId}` }]
  return [
    ...(choice ? [] : [{ label: 'Accept', command: `/accept ${first} --quiet`, style: 'primary' as const }]),
    { label: 'Export', command: `/export ${first}` },
  ]
}
