import { deliver } from '#core/chat/deliver.ts'
import { type Handle, handleInbox } from '#core/chat/inbox.ts'
import { addressOf } from '#core/chat/outbox.ts'
import type { Senders } from '#core/chat/sender.ts'
import type { Core } from '#core/core.ts'
import { renderRunCard } from '#core/runs/card.ts'
import { workOnRun } from '#core/runs/session.ts'
import { confirmClaim } from '#db/queue/claims.ts'
import type { Handler } from '#db/queue/dispatcher.ts'

/** Long enough that a server which can deliver it comes first, short enough that nobody waits for it. */
const NOT_OURS_MS = 1_000
/** A person is at the prompt and wants it back. What is cut off here goes on elsewhere, or at the next start. */
const GRACE_MS = 2_000

/**
 * Works in this process, with or without a server beside it: leases see to it that no two do the same. Messages of
 * channels that this process cannot reach are left to one that can. Returns how to stop.
 */
export async function startWorker(
  core: Core,
  { handle, senders }: { handle?: Handle; senders: Senders },
): Promise<() => Promise<void>> {
  const ours =
    (work: Handler): Handler =>
    (claim, signal) =>
      handle && senders.has(addressOf(claim.key).channel) ? work(claim, signal) : leaveIt(core, claim)
  await core.queue.open()
  await core.queue.start({
    run: (claim, signal) => workOnRun(core, claim, signal),
    inbox: ours((claim, signal) => (handle ? handleInbox(core, senders, handle, claim, signal) : leaveIt(core, claim))),
    outbox: ours((claim, signal) => deliver(core, senders, (key) => renderRunCard(core.db, key), claim, signal)),
  })
  return async () => {
    await core.queue.stop(GRACE_MS)
    await core.queue.close()
  }
}

async function leaveIt(core: Core, claim: Parameters<Handler>[0]): Promise<void> {
  const nextAtMs = core.clock.nowMs() + NOT_OURS_MS
  await core.db.write(async function leaveToOthers(tx) {
    await confirmClaim(tx, claim)
    // Asked to look again meanwhile: the second release finds nothing in the way.
    if (!(await core.queue.release(tx, claim, nextAtMs))) await core.queue.release(tx, claim, nextAtMs)
  })
}
