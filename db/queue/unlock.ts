import type { Db } from '../db.ts'
import { endLeases } from '../leases.ts'
import { freeItem, listLeases } from '../work-items.ts'
import { isAlive } from './store.ts'

export interface Released {
  kind: string
  key: string
}

/**
 * Frees work and leases whose holder is gone: its lease is over, or, on SQLite, its process is not there any more. With `isAll` every
 * lease ends; a holder that is alive after all loses its work to whoever takes it, and can write nothing more.
 */
export async function releaseStuck(
  db: Db,
  { nowMs, isAll }: { nowMs: number; isAll: boolean },
): Promise<{ released: Released[]; held: number }> {
  const leases = await listLeases.all(db, {})
  const isGone = (token: string | null): boolean =>
    db.dialect === 'sqlite' && !isAlive(Number.parseInt(token ?? '', 10))
  const stuck = leases.filter(({ token, lease_until_ms }) => isAll || lease_until_ms < nowMs || isGone(token))
  const released = await db.write(async function releaseStuck(tx) {
    const freed: Released[] = []
    for (const { kind, key, token } of stuck) {
      // Its holder has ended it meanwhile, or somebody else has it: then it is not stuck.
      if ((await freeItem.run(tx, { key, token: token ?? '' })) > 0) freed.push({ kind, key })
    }
    for (const { resource } of await endLeases.all(tx, { nowMs, isAll: isAll ? 1 : 0 })) {
      freed.push({ kind: 'lease', key: resource })
    }
    return freed
  })
  return { released, held: leases.length - released.filter(({ kind }) => kind !== 'lease').length }
}
