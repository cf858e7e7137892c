import type { Actor } from '#core/actor.ts'
import type { Core } from '#core/core.ts'
import { getRun } from '#core/runs/read.ts'
import { hasRunEnded } from '#core/runs/states.ts'
import type { RunView } from '#core/runs/view.ts'
import { payerOf } from './contexts.ts'

/** A run as a call answers with it: without its inputs, which the caller knows, and with who pays. */
export interface RunAnswer extends Omit<RunView, 'inputs' | 'steps' | 'initiator' | 'parentRunId'> {
  steps: Pick<RunView['steps'][number], 'stepId' | 'status' | 'costUsd' | 'error'>[]
  /** `Team Acme`, or `Personal`. */
  paidBy: string
  /** What to do to see more of it; null once it has ended. */
  next: string | null
}

export async function paidRun(core: Core, actor: Actor, runId: string): Promise<RunAnswer> {
  const run = await getRun(core, actor, runId)
  const { inputs: _, initiator: __, parentRunId: ___, steps, ...rest } = run
  return {
    ...rest,
    steps: steps.map(({ stepId, status, costUsd, error }) => ({ stepId, status, costUsd, error })),
    paidBy: await payerOf(core, actor, run.context),
    next: nextOf(run),
  }
}

function nextOf({ id, status, reviewId, waitingFor, steps }: RunView): string | null {
  if (hasRunEnded(status)) return null
  const later = `Call runs.get with runId ${id} and waitSeconds to see how it ends; runs.cancel stops it.`
  if (waitingFor) return `${waitingFor.message} It begins by itself when there is enough. ${later}`
  const asks = steps.some(({ waitsFor }) => waitsFor?.kind === 'review')
  if (asks && reviewId) return `It waits for people to decide about ${reviewId}; see reviews.list. ${later}`
  return `It is not done yet. ${later}`
}

/** One or two sentences for a person: what came of it, what it cost, who paid. */
export function runSentence({ id, title, status, costUsd, maxUsd, paidBy, error, next }: RunAnswer): string {
  if (next !== null)
    return `${title} is ${status} as ${id}. It may cost up to $${maxUsd}, which ${paidBy} pays. ${next}`
  const why = error ? ` ${error.message}` : ''
  return `${title} has ended: ${status.replaceAll('_', ' ')}.${why} It cost $${costUsd}, paid by ${paidBy}. Run ${id}.`
}
