import { SEALED, type SealedRow, type SealedTable } from '#db/sealed.ts'
import type { Core } from '../core.ts'
import { type Place, rewrap, SealError, sealedWith } from './seal.ts'

/** A transaction of so many: whoever else writes waits no longer than for that. */
const BATCH = 200

const FIELDS: Record<SealedTable, string> = {
  connection: 'secret',
  endpoint: 'headers',
  provider: 'secrets',
  callback: 'secrets',
  trigger_secret: 'secret',
}

export interface Rewrapped {
  /** Are under the current key now, and were not before. */
  rewrapped: number
  /** Stay as they are, because the key they are under is not at hand, or they were changed by hand. */
  unreadable: number
}

type Needs = Pick<Core, 'db' | 'settings'>

/**
 * Puts every stored secret under the current master key, while others go on reading and writing. Stopped in the middle it
 * goes on where it was when it is called again; a second time there is nothing to do. Of two at once each does a part.
 */
export async function rewrapSecrets({ db, settings }: Needs): Promise<Rewrapped> {
  const { keyring } = settings
  const pattern = `${sealedWith(keyring.current().id)}%`
  const total: Rewrapped = { rewrapped: 0, unreadable: 0 }
  for (const { table, listOthers, replaceSealed } of SEALED) {
    for (let after = ''; ; ) {
      const rows = await listOthers.all(db, { pattern, after, most: BATCH })
      const last = rows.at(-1)
      if (!last) break
      after = last.id
      const changes = rows.flatMap((row) => {
        const sealed = rewrapped(settings, table, row)
        return sealed === undefined ? [] : [{ id: row.id, before: row.sealed, sealed }]
      })
      total.unreadable += rows.length - changes.length
      // A secret that was changed meanwhile is under the current key already.
      total.rewrapped += await db.write(async function rewrapBatch(tx) {
        let written = 0
        for (const change of changes) written += await replaceSealed.run(tx, change)
        return written
      })
    }
  }
  return total
}

function rewrapped({ keyring }: Core['settings'], table: SealedTable, row: SealedRow): string | undefined {
  const { id, context, version } = row
  const place: Place = { table, owner: context, id, field: FIELDS[table], version }
  try {
    return rewrap(keyring, place, row.sealed)
  } catch (error) {
    if (error instanceof SealError) return undefined
    throw error
  }
}

/** How many secrets are under another key than this one. */
export async function countUnderOthers({ db }: Pick<Core, 'db'>, masterId: string): Promise<number> {
  let count = 0
  for (const { countOthers } of SEALED) {
    count += (await countOthers.first(db, { pattern: `${sealedWith(masterId)}%` }))?.count ?? 0
  }
  return count
}

/**
 * How many connections, endpoints, providers and triggers are under a key that is not at hand: nobody can read those. Waits for
 * providers are left out, because there are as many of them as there were jobs.
 */
export async function countUnreadable({ db, settings }: Needs): Promise<number> {
  const { keyring } = settings
  const pattern = `${sealedWith(keyring.current().id)}%`
  let count = 0
  for (const { listOthers } of SEALED.filter(({ table }) => table !== 'callback')) {
    for (let after = ''; ; ) {
      const rows = await listOthers.all(db, { pattern, after, most: BATCH })
      const last = rows.at(-1)
      if (!last) break
      after = last.id
      count += rows.filter(({ sealed }) => keyring.find(sealed.split('.')[1] ?? '') === undefined).length
    }
  }
  return count
}
