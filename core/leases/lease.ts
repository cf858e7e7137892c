import type { Reader, Tx } from '#db/db.ts'
import { beatLease, findLease, giveLeaseBack, takeLease } from '#db/leases.ts'
import { AppError } from '../errors.ts'

/** The right to a resource as long as its holder gives signs of life. */
export interface Lease {
  resource: string
  /** Who has it: a process, a person, an agent. */
  holder: string
  /** Higher each time the resource is taken; whoever comes with a lower one is late. */
  epoch: number
}

/**
 * Takes a resource that nobody holds, or whose holder was not heard of for as long as it said it might be silent.
 * Undefined when somebody has it, the same holder included: two of one name are two.
 */
export async function acquireLease(
  tx: Tx,
  wish: { resource: string; holder: string; purpose: string; ttlMs: number },
  nowMs: number,
): Promise<Lease | undefined> {
  const { resource, holder } = wish
  const taken = await takeLease.first(tx, { ...wish, nowMs })
  return taken && { resource, holder, epoch: taken.epoch }
}

/** A sign of life. Refused (`conflict`) when the resource is another's by now, or was given back. */
export async function keepLease(tx: Tx, lease: Lease, nowMs: number): Promise<void> {
  if ((await beatLease.run(tx, { ...lease, nowMs })) === 0) throw leaseLost(lease)
}

/** Ends a lease before its time. False, and nothing changes, when it had ended already. */
export async function releaseLease(tx: Tx, lease: Lease, nowMs: number): Promise<boolean> {
  return (await giveLeaseBack.run(tx, { ...lease, nowMs })) > 0
}

/** Whether taking it could work; a look that writes nothing. */
export async function isLeaseFree(on: Reader, resource: string, nowMs: number): Promise<boolean> {
  const lease = await findLease.first(on, { resource })
  return !lease || lease.released_at_ms !== null || lease.heartbeat_at_ms + lease.ttl_ms < nowMs
}

const leaseLost = ({ resource }: Lease): AppError =>
  new AppError('conflict', `The lease on ${resource} has ended; another may have it now.`)
