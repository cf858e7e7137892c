import type { Tx } from '#db/db.ts'
import { putStep } from '#db/run-steps.ts'
import { insertRun, type RunRow, updateRun } from '#db/runs.ts'
import { beginNested } from '../agents/run/begin-pause.ts'
import { chargeTurns } from '../agents/run/charge.ts'
import { followCallbacks } from '../callbacks/follow.ts'
import { touchCard } from '../chat/outbox.ts'
import type { Core } from '../core.ts'
import { warnOf } from '../economy/warnings.ts'
import { appendEvents, type NewEvent } from '../events/append.ts'
import { isAgentStep } from '../jobs/definition.ts'
import { chargeModels } from '../models/charge.ts'
import { keepReviews, whyNotAskable } from '../reviews/open.ts'
import { sendWithStep } from '../sending/send.ts'
import type { Ahead } from './ahead.ts'
import { runKey } from './card-key.ts'
import { startChild } from './child.ts'
import { type Decision, decide, type Happened, type StepWork } from './decide.ts'
import { decideContext } from './decide-context.ts'
import { endNested, NESTED_REASON } from './end-nested.ts'
import { finishRun } from './finish.ts'
import { ensureFunds, missingMicros } from './funds.ts'
import { beginFundsWait, endFundsWait, FUNDS_WAIT_MS, takeFunds } from './funds-wait.ts'
import { Progress } from './progress.ts'
import { isWaitingForFunds } from './state.ts'
import { hasRunEnded, hasStepEnded } from './states.ts'
import { paidRun, type StoredRun, stepRow } from './stored.ts'

export interface Advanced {
  run: StoredRun
  /** Tools to call now. */
  start: (StepWork & { kind: 'tool' })[]
  abort: number[]
  wakeAtMs: number | null
  hasEnded: boolean
}

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'settings'>

export interface AdvanceOptions {
  /** What the step that this is about has cost. */
  costMicros?: bigint
  /** False when the card may follow later; at the end of a run it is always shown. */
  showCard?: boolean
  /** The event of a run that is not written yet: its row is made here, as it stands after this. */
  created?: NewEvent
  /** What was decided since the run was written last. */
  ahead?: readonly Ahead[]
  /** What follows first from what happened, after that; decided here when it is not known. */
  decision?: Decision
}

/**
 * Tells the engine what happened and writes all that follows from it: steps, events, money, nested runs, the card and,
 * at the end, the settlement and the result. Reads nothing it could not read again: it may run twice.
 */
export async function advance(
  core: Needs,
  tx: Tx,
  run: StoredRun,
  happened: Happened,
  { costMicros = 0n, showCard = true, created, ahead = [], decision: known }: AdvanceOptions = {},
): Promise<Advanced> {
  const nowMs = core.clock.nowMs()
  const at = decideContext(core, run, nowMs)
  const progress = new Progress(run, nowMs)
  progress.catchUp(ahead)
  const tell = (answer: Happened): void => progress.apply(decide(run.definition, progress.run.state, answer, at))
  const waitedForFunds = run.state.steps.some(isWaitingForFunds)
  if (waitedForFunds && (await adopt(tx, progress, nowMs))) tell({ type: 'funded' })
  const decision = known ?? decide(run.definition, progress.run.state, happened, at)
  // A result that comes after its step has ended changes nothing, and costs nothing.
  if ('seq' in happened && decision.steps.length > 0) progress.addCost(happened.seq, costMicros)
  // Before its event is made, which says what it cost.
  await endWith(core, tx, progress, {
    before: run,
    seqs: [...decision.abort, ...agentsAmong(progress, endsOf(decision))],
  })
  await chargeTurns(tx, progress, endsOf(decision))
  if (isTimeToCharge(progress, happened, decision)) await chargeModels(tx, progress, happened, nowMs)
  progress.apply(decision)
  if (happened.type === 'step_paused' && happened.pause.for === 'job' && isPaused(progress, happened)) {
    const childRunId = await beginNested(core, tx, progress.run, happened.pause)
    if (childRunId) progress.setChild(happened.seq, childRunId)
  }
  // What is refused or started may free a place for more, which must be paid for and started too.
  for (let isSettled = false; !isSettled; ) {
    isSettled = (await fundAndStart(core, tx, progress, tell, nowMs)) && !refuseQuestions(progress, tell)
  }
  await keepFundsWait(core, tx, progress, { waitedForFunds, nowMs })
  return write(core, tx, progress, { before: run, nowMs, happened, showCard, created })
}

/** What an agent's model cost stands with its step when that has ended: until then what is held for it stands for it. */
function isTimeToCharge({ run }: Progress, happened: Happened, decision: Decision): boolean {
  if (!('seq' in happened)) return true
  if (decision.steps.length === 0) return false
  const stepId = run.state.steps[happened.seq]?.stepId ?? ''
  return !isAgentStep(run.definition, stepId) || endsOf(decision).includes(happened.seq)
}

const endsOf = ({ steps }: Decision): number[] =>
  steps.flatMap(({ seq, status }) => (hasStepEnded(status) ? [seq] : []))

/** It came in time. */
const isPaused = ({ run, changed }: Progress, { seq, pause }: Extract<Happened, { type: 'step_paused' }>): boolean =>
  changed.has(seq) && run.state.steps[seq]?.status === 'waiting' && run.state.steps[seq].waitFor === pause.for

/** One round of funding tools and starting nested runs; true when nothing new came of it. */
async function fundAndStart(
  core: Needs,
  tx: Tx,
  progress: Progress,
  tell: (happened: Happened) => void,
  nowMs: number,
): Promise<boolean> {
  // Steps beside the waiting ones have cost less than was held for them: then nothing is missing any more.
  if (progress.run.state.steps.some(isWaitingForFunds) && missingMicros(progress.run, { withWaiting: true }) <= 0n) {
    tell({ type: 'funded' })
  }
  const funds = await ensureFunds(tx, progress.run, progress.startingTools(), nowMs)
  if ('short' in funds) {
    progress.shortage = funds.short.shortage
    tell({ type: 'funds_missing', seq: funds.short.seq, untilMs: nowMs + FUNDS_WAIT_MS })
    return false
  }
  if ('refused' in funds) {
    for (const { seq, error } of funds.refused) tell({ type: 'step_failed', seq, error, retryable: false })
    return false
  }
  const { toppedUp, ...held } = funds
  if (toppedUp) await warnOf(core, tx, paidRun(progress.run), { ...toppedUp, nowMs })
  Object.assign(progress.run.row, held)
  const jobs = progress.takeJobs()
  for (const work of jobs) {
    const { seq, attempt } = work
    const child = await startChild(core, tx, progress.run, work)
    if ('runId' in child) progress.setChild(seq, child.runId)
    tell(
      'runId' in child
        ? { type: 'child_started', seq, attempt }
        : { type: 'step_failed', seq, attempt, error: child.error, retryable: false },
    )
  }
  return jobs.length === 0
}

/** What was held from outside while steps waited for it is the run's from here on. */
async function adopt(tx: Tx, progress: Progress, nowMs: number): Promise<boolean> {
  const funded = await takeFunds(tx, progress.run, nowMs)
  if (funded) progress.run = funded
  return funded !== undefined
}

/** The run's place in the line for money: taken with its first step that waits, given up when none does any more. */
async function keepFundsWait(
  core: Needs,
  tx: Tx,
  progress: Progress,
  { waitedForFunds, nowMs }: { waitedForFunds: boolean; nowMs: number },
): Promise<void> {
  const { run, shortage } = progress
  if (!run.state.steps.some(isWaitingForFunds)) {
    if (waitedForFunds) await endFundsWait(tx, run, nowMs)
    return
  }
  if (!shortage) return
  const amountMicros = missingMicros(run, { withWaiting: true })
  await beginFundsWait(core, tx, run, { shortage, amountMicros, runs: 0, isStart: false, nowMs })
}

/** Steps that ask people what nobody could answer fail; true when there was one. */
function refuseQuestions(progress: Progress, tell: (happened: Happened) => void): boolean {
  for (const seq of progress.changed) {
    const step = progress.run.state.steps[seq]
    const error = step?.status === 'waiting' ? whyNotAskable(progress.run, step) : undefined
    if (!error) continue
    tell({ type: 'step_failed', seq, error, retryable: false })
    return true
  }
  return false
}

/** Nested runs of those steps end too; see end-nested.ts. */
const endWith = (
  core: Needs,
  tx: Tx,
  progress: Progress,
  { before, seqs }: { before: StoredRun; seqs: number[] },
): Promise<void> =>
  endNested(tx, progress, {
    before,
    seqs,
    nowMs: core.clock.nowMs(),
    cancel: async (child) => (await advance(core, tx, child, { type: 'cancel', reason: NESTED_REASON })).run,
  })

/** They may end before they have taken what their last run gave. */
const agentsAmong = ({ run }: Progress, seqs: readonly number[]): number[] =>
  seqs.filter((seq) => isAgentStep(run.definition, run.state.steps[seq]?.stepId ?? ''))

interface Written {
  before: StoredRun
  nowMs: number
  happened: Happened
  showCard: boolean
  created: NewEvent | undefined
}

async function write(
  core: Needs,
  tx: Tx,
  progress: Progress,
  { before, nowMs, happened, showCard, created }: Written,
): Promise<Advanced> {
  await endWith(core, tx, progress, { before, seqs: [...progress.abort, ...agentsAmong(progress, progress.ended())] })
  await chargeTurns(tx, progress, progress.ended())
  const starting = progress.startingTools()
  const hasEnded = progress.statusChanged && hasRunEnded(progress.run.state.status)
  if (hasEnded) await chargeModels(tx, progress, 'run_ended', nowMs)
  for (const seq of progress.changed) {
    const step = progress.run.state.steps[seq]
    if (step) await putStep.run(tx, stepRow(progress.run.row.id, step, progress.run.facts))
  }
  const events = created ? [created, ...progress.events] : progress.events
  if (hasEnded) {
    const finished = await finishRun(core, tx, progress.run, nowMs)
    progress.run = finished.run
    events.push(...finished.events)
  }
  if (created) await insertRun.run(tx, newRow(progress.run))
  else if (progress.isWorthWriting()) await writeRun(tx, progress.run)
  await appendEvents(tx, nowMs, events)
  // After the events of the step: an end that the provider answered at once comes after the wait that it ends.
  await followCallbacks(core, tx, progress.run, { starting, changed: progress.changed, happened, nowMs })
  await keepReviews(core, tx, { before: before.state, run: progress.run, changed: progress.changed, happened, nowMs })
  await sendWithStep(core, tx, progress.run, { changed: progress.changed, happened })
  if ((showCard || hasEnded) && progress.changed.size > 0) await showRunCard(core, tx, progress.run)
  return {
    run: progress.run,
    start: starting,
    abort: progress.abort,
    wakeAtMs: progress.wakeAtMs,
    hasEnded,
  }
}

/** Brings the run's card up to date where it was asked for; nowhere for runs of the API. */
export async function showRunCard(
  core: Pick<Core, 'ids' | 'clock' | 'queue'>,
  tx: Tx,
  { row }: StoredRun,
): Promise<void> {
  const { channel, conversation, id } = row
  if (conversation) await touchCard(core, tx, { channel, conversation, cardKey: runKey(id), cause: id })
}

const newRow = ({ row, state }: StoredRun): RunRow => ({
  ...row,
  status: state.status,
  outputs_json: state.outputs && JSON.stringify(state.outputs),
  error_json: state.error && JSON.stringify(state.error),
})

const writeRun = (tx: Tx, { row, state }: StoredRun): Promise<unknown> =>
  updateRun.run(tx, {
    id: row.id,
    status: state.status,
    outputsJson: state.outputs && JSON.stringify(state.outputs),
    errorJson: state.error && JSON.stringify(state.error),
    costMicros: row.cost_micros,
    owedMicros: row.owed_micros,
    startedAtMs: row.started_at_ms,
    finishedAtMs: row.finished_at_ms,
  })
