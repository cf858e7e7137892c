import { setTimeout as sleep } from 'node:timers/promises'
import type { Actor } from '#core/actor.ts'
import type { Core } from '#core/core.ts'
import { getReview } from '#core/reviews/read.ts'
import { getRun } from '#core/runs/read.ts'
import { hasRunEnded } from '#core/runs/states.ts'
import type { RunView } from '#core/runs/view.ts'
import { isMoving, untilDefined } from '../cli/waiting.ts'
import type { Call } from './tool.ts'

/** Commits come by the thousand; nobody reads along faster than this. */
const LOOK_EVERY_MS = 25

/**
 * Waits until a run has ended or goes on only when somebody does something, at most for `waitMs`, and tells how far it is.
 * Ends sooner when nobody waits for the answer any more.
 */
export async function follow(
  core: Core,
  actor: Actor,
  runId: string,
  { waitMs, signal, progress }: Pick<Call, 'signal' | 'progress'> & { waitMs: number },
): Promise<void> {
  const enough = AbortSignal.any([signal, AbortSignal.timeout(waitMs)])
  let told = -1
  await untilDefined(
    core.db,
    async () => {
      const run = await getRun(core, actor, runId)
      const at = progressOf(run)
      // The protocol wants each number to be higher than the one before.
      if (at.progress > told) {
        told = at.progress
        await progress?.(at)
      }
      if (hasRunEnded(run.status)) return run
      if (await isForPeople(core, actor, run)) return run
      await sleep(LOOK_EVERY_MS)
      return undefined
    },
    enough,
  )
}

/** Whether nothing goes on before somebody decides or pays. What was decided a moment ago goes on in the next. */
async function isForPeople(core: Core, actor: Actor, run: RunView): Promise<boolean> {
  if (run.status !== 'waiting' || (await isMoving(core.db, run.id))) return false
  if (run.waitingFor) return true
  return run.reviewId !== null && (await getReview(core, actor, run.reviewId)).status === 'open'
}

const DONE = new Set(['succeeded', 'failed', 'skipped', 'cancelled'])

function progressOf({ steps, title }: RunView): { progress: number; total: number; message: string } {
  const done = steps.filter(({ status }) => DONE.has(status)).length
  const now = steps.filter(({ status }) => status === 'running' || status === 'waiting')
  const names = now.map(({ displayName }) => displayName).join(', ')
  const message = `${title}: ${done} of ${steps.length} steps${names ? `, now ${names}` : ''}`
  return { progress: done, total: steps.length, message }
}
