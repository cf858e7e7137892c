import { type Db, type Executed, type Executor, executor, type Tx } from '#db/db.ts'

/** What a piece of work asked of the database. */
export interface Counts {
  reads: number
  statementsWritten: number
  /** Bodies handed to `db.write`. */
  writes: number
  /** Commits they shared; each is one fsync. */
  commits: number
}

interface Asked {
  count: number
  ms: number
}

export interface CountingDb extends Db {
  /** What was asked since the last time this was called. */
  take(): Counts
  /** Every statement asked since the last take, by its text: how often, and how long it took altogether. */
  readonly asked: Map<string, Asked>
}

/** The same database, which counts what it is asked. For figures beside a measurement, not during one: it costs a little. */
export function countingDb(db: Db): CountingDb {
  let counts: Counts = { reads: 0, statementsWritten: 0, writes: 0, commits: 0 }
  const asked = new Map<string, Asked>()
  const timed = (sql: string, run: () => Executed | Promise<Executed>): Executed | Promise<Executed> => {
    const startMs = performance.now()
    const executed = run()
    const one = asked.get(sql) ?? { count: 0, ms: 0 }
    const ms = performance.now() - startMs
    asked.set(sql, { count: one.count + 1, ms: one.ms + ms })
    ;((globalThis as any).ALL ??= {})[sql] ??= []
    ;(globalThis as any).ALL[sql].push(ms)
    return executed
  }
  const counting = (on: Executor, count: () => void): Executor => ({
    dialect: on.dialect,
    execute(statement, values) {
      count()
      return timed(statement.sql(on.dialect), () => on.execute(statement, values))
    },
    executeText(sql, values) {
      count()
      return timed(sql, () => on.executeText(sql, values))
    },
  })
  db.onChange((origin) => {
    if (origin === 'here') counts.commits++
  })
  return {
    dialect: db.dialect,
    [executor]: counting(db[executor], () => counts.reads++),
    asked,
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
      asked.clear()
      return taken
    },
  }
}
