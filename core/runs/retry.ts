import type { Tx } from '#db/db.ts'
import { holdRun } from '#db/runs.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { once } from '../once.ts'
import { requireSpender } from '../teams/spender.ts'
import { rootRunOf } from '../variants/root.ts'
import { startAgreed } from './agreed.ts'
import { type Started, startRun } from './confirm.ts'
import type { WaitingFor } from './funds-wait.ts'
import { readableRun } from './read.ts'
import { releaseRun } from './release.ts'
import type { RunRequest } from './request.ts'
import { resumeRun } from './resume.ts'
import type { StoredRun } from './stored.ts'
import { submitRun } from './submit.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'settings' | 'outbound' | 'log' | 'models'>

export interface RetryRequest {
  runId: string
  from: 'failed_step' | 'start'
  definition: 'pinned' | 'newest'
}

/**
 * `released`: it was only paid. `resumed`: the same run goes on. `started`: another run began from the start. With
 * `waitingFor` it does so when there is the money or the room for it.
 */
export type Retry = { runId: string; how: 'released' | 'resumed' | 'started'; waitingFor?: WaitingFor }

/**
 * Runs again what did not go well. From the failed step the same run goes on (see `resumeRun`); a result that was kept
 * back for want of money is paid and handed out, and nothing runs. From the start it is another run with the same
 * inputs, whose result is one more variant of this one. The same request key again gives the same answer. Of two at once
 * one is refused (`conflict`).
 */
export async function retryRun(core: Needs, actor: Actor, request: RetryRequest): Promise<Retry> {
  if (request.from === 'failed_step') return retryWithin(core, actor, request)
  const { payer, again } = await requestAgain(core, actor, request)
  const started = await submitRun(core, payer, again)
  if (started.replayed) actor.onReplay?.()
  return startedAs(started)
}

/** The same for chat: from the start it may ask first, as for any run; its card comes to where it was said. */
export async function retryInChat(
  core: Needs,
  actor: Actor,
  request: RetryRequest,
  conversation: string,
): Promise<Retry | Exclude<Started, { runId: string }>> {
  if (request.from === 'failed_step') return retryWithin(core, actor, request)
  const { payer, again } = await requestAgain(core, actor, request)
  const started = await startRun(core, payer, { ...again, conversation })
  return 'runId' in started ? startedAs(started) : started
}

/** The same for a program that cannot be asked in between; see `startAgreed`. */
export async function retryAgreed(
  core: Needs,
  actor: Actor,
  request: RetryRequest,
  agreedMicros: bigint | undefined,
): Promise<Retry> {
  if (request.from === 'failed_step') return retryWithin(core, actor, request)
  const { payer, again } = await requestAgain(core, actor, request)
  return startedAs(await startAgreed(core, payer, again, agreedMicros))
}

const startedAs = ({ runId, waitingFor }: { runId: string; waitingFor?: WaitingFor }): Retry => ({
  runId,
  how: 'started',
  ...(waitingFor ? { waitingFor } : {}),
})

async function retryWithin(core: Needs, actor: Actor, request: RetryRequest): Promise<Retry> {
  const { runId, definition } = request
  const nowMs = core.clock.nowMs()
  return core.db.write(async function retryRunOnce(tx) {
    // Two of one key at once: the second waits here for the first, and finds its answer.
    await holdRun.first(tx, { id: runId })
    return once(tx, { actor, operation: 'run.retry', input: { ...request }, nowMs }, async (): Promise<Retry> => {
      const run = await readableRun(tx, actor, runId)
      const payer = { ...actor, context: run.context }
      await requireSpender(tx, payer, new Set())
      return { runId, ...(await takeUp(core, tx, payer, run, definition)) }
    })
  })
}

async function takeUp(
  core: Needs,
  tx: Tx,
  actor: Actor,
  run: StoredRun,
  definition: RetryRequest['definition'],
): Promise<Omit<Retry, 'runId'>> {
  if (run.state.status === 'payment_failed') {
    await releaseRun(core, tx, run)
    return { how: 'released' }
  }
  const waitingFor = await resumeRun(core, tx, actor, run, definition)
  return { how: 'resumed', ...(waitingFor ? { waitingFor } : {}) }
}

/** What the run was asked for, to be asked for again by who retries it, in its own context. */
async function requestAgain(
  core: Pick<Core, 'db'>,
  actor: Actor,
  { runId, definition }: RetryRequest,
): Promise<{ payer: Actor; again: RunRequest }> {
  const run = await readableRun(core.db, actor, runId)
  const { row, state, context } = run
  if (row.parent_run_id) throw new AppError('conflict', 'This run is a part of another one. Retry that one.')
  const [step] = run.definition.steps
  const isTool = row.job_id === null && step !== undefined && 'toolId' in step
  const variantOf = await rootRunOf(core.db, runId)
  const isPinned = definition === 'pinned' && !isTool
  return {
    payer: { ...actor, context },
    again: {
      target: isTool ? { tool: step.toolId } : { job: row.job_key },
      inputs: state.inputs,
      how: { ...(isPinned ? { version: row.job_version } : {}), variantOf },
    },
  }
}
