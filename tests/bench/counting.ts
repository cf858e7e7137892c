import { type Db, type Executor, executor, type Tx } from '#db/db.ts'

/** What a piece of work asked of the database. */
export interface Counts {
  reads: number
  statementsWritten: number
  /** Bodies handed to `db.write`. */
  writes: number
  /** Commits they shared; each is one fsync. */
  commits: number
}

export interface CountingDb extends Db {
  /** What was asked since the last time this was called. */
  take(): Counts
}

/** The same database, which counts what it is asked. For figures beside a measurement, not during one: it costs a little. */
export function countingDb(db: Db): CountingDb {
  let counts: Counts = { reads: 0, statementsWritten: 0, writes: 0, commits: 0 }
  const counting = (on: Executor, count: () => void): Executor => ({
    dialect: on.dialect,
    execute(statement, values) {
      count()
      return on.execute(statement, values)
    },
    executeText(sql, values) {
      count()
      return on.executeText(sql, values)
    },
  })
  db.onChange((origin) => {
    if (origin === 'here') counts.commits++
  })
  return {
    dialect: db.dialect,
    [executor]: counting(db[executor], () => counts.reads++),
    write(body) {
      counts.writes++
      return db.write((tx) =>
        body({
          dialect: tx.dialect,
          enqueued: tx.enqueued,
          afterCommit: (action: () => void) => tx.afterCommit(action),
          [executor]: counting(tx[executor], () => counts.statementsWritten++),
        } as unknown as Tx),
      )
    },
    onChange: (listener) => db.onChange(listener),
    close: () => db.close(),
    take() {
      const taken = counts
      counts = { reads: 0, statementsWritten: 0, writes: 0, commits: 0 }
      return taken
    },
  }
}
