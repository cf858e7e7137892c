import { type Db, executor, type Tx } from '#db/db.ts'

export class Killed extends Error {}

/** The database as a process sees it that is killed at its write number `at`: just before it is done, or just after. */
export function killedAt(db: Db, at: number, when: 'before' | 'after'): Db & { writes: number } {
  const dying = {
    writes: 0,
    dialect: db.dialect,
    [executor]: db[executor],
    onChange: (listener: Parameters<Db['onChange']>[0]) => db.onChange(listener),
    close: () => db.close(),
    async write<T>(body: (tx: Tx) => Promise<T>, options?: Parameters<Db['write']>[1]): Promise<T> {
      const number = ++dying.writes
      if (number > at || (number === at && when === 'before')) throw new Killed(`killed at write ${at}`)
      const result = await db.write(body, options)
      if (number === at) throw new Killed(`killed after write ${at}`)
      return result
    },
  }
  return dying as unknown as Db & { writes: number }
}
