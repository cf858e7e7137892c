import type { Tx } from '#db/db.ts'
import { putStep } from '#db/run-steps.ts'
import { reopenRun } from '#db/runs.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { budgetEntry } from '../economy/budget-entry.ts'
import { isFixed } from '../economy/fixed-limits.ts'
import { tryHold } from '../economy/holds.ts'
import { settleEnded } from '../economy/run-budget.ts'
import { refusalOf } from '../economy/shortage.ts'
import { warnOf } from '../economy/warnings.ts'
import { AppError } from '../errors.ts'
import { appendEvents, type NewEvent } from '../events/append.ts'
import { worldOf } from '../jobs/pin.ts'
import { limitOf, quoteJob } from '../jobs/quote.ts'
import { formatUsd } from '../money.ts'
import { requireSpender } from '../teams/spender.ts'
import { showRunCard } from './advance.ts'
import { runKey } from './card-key.ts'
import { retrySteps } from './decide.ts'
import type { WaitingFor } from './funds-wait.ts'
import { keepRetryWaiting } from './keep-waiting.ts'
import { encodePins, type Retried } from './pins.ts'
import { asNewest, asPinned, type Renewed } from './renewed.ts'
import { canRetryRun, hasRunEnded } from './states.ts'
import { NO_FACTS, paidRun, type StepFacts, type StoredRun, stepRow } from './stored.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'settings'>

/**
 * The step of a retry that takes a run up where it failed: what succeeded stays, with what was paid for it; what is still
 * to do is held for like a new run and goes again, with new idempotency keys. Nothing executes here: the run is `running`
 * and in the queue, and a worker that claims it finds it as after a crash. Where the money or the room is not there, it is kept for a day like
 * a new run, and goes on by itself. Refused (`conflict`) when it goes on already, has ended well, or another retry was faster.
 */
export async function resumeRun(
  core: Needs,
  tx: Tx,
  actor: Actor,
  run: StoredRun,
  which: 'pinned' | 'newest',
): Promise<WaitingFor | undefined> {
  requireRetriable(run)
  const renewed = await (which === 'newest' ? asNewest(core, tx, actor, run) : asPinned(tx, run))
  const { steps, again } = retrySteps(renewed.definition, run.state, renewed.changed)
  if (steps.length === 0) throw new AppError('conflict', `${run.row.job_key} has nothing left to do again.`)
  await requireSpender(tx, actor, renewed.pinned.toolIds)
  const nowMs = core.clock.nowMs()
  const holdMicros = stillToHold(core, run, renewed, again)
  const { row, pins } = run
  const retried: Retried = {
    group: (pins.retried?.group ?? 1) + 1,
    holds: row.holds,
    costMicros: row.cost_micros,
  }
  // While the run still counts as ended: what it left of its first hold makes room for the second.
  if (pins.fire) await settleEnded(tx, budgetEntry(pins.fire).book)
  // The row first: of two at once, the second finds it running and undoes itself.
  await writeReopened(tx, run, renewed, { retried, holdMicros })
  const held = await tryHold(tx, { ...paidRun(run), retried }, { amountMicros: holdMicros, nowMs })
  // Nobody can grant more of that, and waiting for the other runs it is shared with would be a guess.
  if ('shortage' in held && isFixed(held.shortage.limit)) throw refusalOf(held.shortage)
  const facts = new Map(run.facts)
  for (const step of steps) {
    facts.set(step.seq, beganAnew(run.facts.get(step.seq)))
    await putStep.run(tx, stepRow(row.id, step, facts))
  }
  const event: NewEvent = {
    type: 'run.retried',
    actor: actor.accountId,
    context: contextKey(run.context),
    subject: row.id,
    details: {
      from: 'failed_step',
      definition: which,
      jobVersion: renewed.jobVersion,
      steps: [...again],
      heldUsd: formatUsd('shortage' in held ? 0n : holdMicros),
      channel: actor.channel,
    },
  }
  if ('shortage' in held) {
    return keepRetryWaiting(core, tx, run, event, { shortage: held.shortage, amountMicros: holdMicros, nowMs })
  }
  await warnOf(core, tx, paidRun(run), { ...held, amountMicros: holdMicros, nowMs })
  await appendEvents(tx, nowMs, [event])
  await core.queue.enqueue(tx, { kind: 'run', key: runKey(row.id), runAtMs: nowMs, fairGroup: contextKey(run.context) })
  await showRunCard(core, tx, run)
  return undefined
}

function requireRetriable({ row, state }: StoredRun): void {
  const { status } = state
  if (row.parent_run_id) {
    throw new AppError('conflict', 'This run is a part of another one. Retry that one.', {
      facts: { parentRunId: row.parent_run_id },
    })
  }
  if (canRetryRun(status)) return
  if (!hasRunEnded(status)) throw new AppError('conflict', `${row.job_key} is still going on.`)
  throw new AppError('conflict', `${row.job_key} has ended well, so no step has failed. Retry it from the start.`)
}

/** What the steps that go again may cost at most, within what the job allows a run as a whole. */
function stillToHold(
  { tools }: Needs,
  { row }: StoredRun,
  { definition, pinned, inputs }: Renewed,
  again: ReadonlySet<string>,
): bigint {
  const quote = quoteJob(definition, worldOf(pinned, tools), inputs)
  if ('unknownPrices' in quote) {
    throw new AppError('price_unknown', `There is no price for ${quote.unknownPrices.join(', ')}, so it cannot go on.`)
  }
  const most = quote.perStep.reduce((sum, { stepId, maxMicros }) => (again.has(stepId) ? sum + maxMicros : sum), 0n)
  const limit = limitOf(definition)
  if (limit === undefined || row.cost_micros + most <= limit) return most
  return limit > row.cost_micros ? limit - row.cost_micros : 0n
}

async function writeReopened(
  tx: Tx,
  { row, state, pins: { fire, cause, follower } }: StoredRun,
  { definition, jobVersion, inputs, pinned }: Renewed,
  { retried, holdMicros }: { retried: Retried; holdMicros: bigint },
): Promise<void> {
  const changed = await reopenRun.run(tx, {
    id: row.id,
    status: state.status,
    finishedAtMs: row.finished_at_ms ?? 0,
    pinsBefore: row.pins_json,
    jobVersion,
    definitionJson: row.definition_json === null ? null : JSON.stringify(definition),
    inputsJson: JSON.stringify(inputs),
    pinsJson: encodePins({
      ...pinned.pins,
      retried,
      ...(fire ? { fire } : {}),
      ...(cause ? { cause } : {}),
      ...(follower ? { follower } : {}),
    }),
    // What was paid is paid; beside it stands what is held now.
    heldMicros: row.cost_micros + holdMicros,
    holds: row.holds + (holdMicros > 0n ? 1 : 0),
  })
  if (changed === 0) throw new AppError('conflict', `${row.job_key} was retried a moment ago.`)
}

/** What was paid for a step stays with it; the rest of what is known of its last time does not. */
const beganAnew = (before: StepFacts = NO_FACTS): StepFacts => ({ ...NO_FACTS, costMicros: before.costMicros })
