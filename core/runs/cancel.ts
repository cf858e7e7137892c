import { requestCancel } from '#db/runs.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'
import { requireSpender } from '../teams/spender.ts'
import { runKey } from './card-key.ts'
import { readableRun } from './read.ts'
import { hasRunEnded } from './states.ts'
import type { StoredRun } from './stored.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

/**
 * Asks for a run to be stopped. The worker that has it aborts what executes and settles what was done; that takes a
 * moment. A second time, or for a run that has ended, nothing changes; the answer says how the run stands.
 */
export async function cancelRun(core: Needs, actor: Actor, runId: string): Promise<{ runId: string; ended: boolean }> {
  return core.db.write(async function cancelRun(tx) {
    const run = await readableRun(tx, actor, runId)
    await requireSpender(tx, actorIn(actor, run), new Set())
    if (hasRunEnded(run.state.status)) return { runId, ended: true }
    const asked = await requestCancel.run(tx, { id: runId, reason: `Stopped by @${actor.handle}` })
    if (asked === 0) return { runId, ended: false }
    await appendEvents(tx, core.clock.nowMs(), [
      { type: 'run.cancel_requested', actor: actor.accountId, context: contextKey(run.context), subject: runId },
    ])
    await core.queue.enqueue(tx, {
      kind: 'run',
      key: runKey(runId),
      runAtMs: core.clock.nowMs(),
      fairGroup: contextKey(run.context),
    })
    return { runId, ended: false }
  })
}

/** Rights are those in the run's own context, whatever context the person stands in now. */
const actorIn = (actor: Actor, run: StoredRun): Actor => ({ ...actor, context: run.context })
