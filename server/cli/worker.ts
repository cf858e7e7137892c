import type { Core } from '#core/core.ts'
import { startWork, type WorkOptions } from '#core/work.ts'

/** A person is at the prompt and wants it back. What is cut off here goes on elsewhere, or at the next start. */
const GRACE_MS = 2_000

/** Works in this process, with or without a server beside it: leases see to it that no two do the same. Returns how to stop. */
export async function startWorker(
  core: Core,
  work: Pick<WorkOptions, 'handle' | 'senders' | 'words'>,
): Promise<() => Promise<void>> {
  await core.queue.open()
  // Whoever asked for one thing did not ask for everybody's schedules.
  await startWork(core, { ...work, schedules: false })
  return async () => {
    await core.queue.stop(GRACE_MS)
    await core.queue.close()
  }
}
