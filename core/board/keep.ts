import type { Core } from '../core.ts'
import { pause } from '../pause.ts'
import { reclaimLeases } from './leases.ts'

/** Soon enough that whoever waits for a lease sees why they may have it; one look at an index each time. */
const EVERY_MS = 2_000

/** Takes back leases whose holders fell silent, until told to stop. Any number of processes may do it side by side. */
export async function keepBoardSwept(core: Pick<Core, 'db' | 'clock' | 'log'>, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await reclaimLeases(core).catch((err) =>
      core.log.error({ err }, 'Leases could not be looked at and will be in a moment'),
    )
    await pause(core.clock, EVERY_MS, stop)
  }
}
