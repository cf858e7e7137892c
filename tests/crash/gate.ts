import { subscribe } from 'node:diagnostics_channel'
import Database from 'better-sqlite3'
import pg from 'pg'

/**
 * Loaded into the real program before anything of its own (`node --import`): counts the gates that it passes, and ends
 * it at the one that CRASH_AT_GATE names, as `kill -9` would. A gate stands before and behind each commit and each HTTP
 * request that goes out: on both sides of everything that cannot be taken back. The program itself knows nothing of it.
 *
 * On Postgres transactions that say nothing but "I am still here" have none. There are eight a second of them for as long
 * as a life lasts, so that a longer life would never run out of gates; and whoever is ended beside one has a lease that
 * ends a third of it sooner or later, as after any other kill.
 */
let at = Number(process.env.CRASH_AT_GATE)
let passed = 0
// Told when something begins, it ends so many gates later.
process.on('SIGUSR2', () => {
  at = passed + Number(process.env.CRASH_GATES_LATER)
})

function gate(): void {
  if (++passed === at) process.kill(process.pid, 'SIGKILL')
}

function between<T>(action: () => T): T {
  gate()
  const value = action()
  gate()
  return value
}

const prepare = Database.prototype.prepare
Database.prototype.prepare = function prepareGated(this: Database.Database, sql: string) {
  const statement = prepare.call(this, sql)
  if (!/^\s*COMMIT/i.test(sql)) return statement
  const run = statement.run.bind(statement) as () => Database.RunResult
  statement.run = () => between(run)
  return statement
} as typeof prepare

const exec = Database.prototype.exec
Database.prototype.exec = function execGated(this: Database.Database, sql: string) {
  return /^\s*COMMIT/i.test(sql) ? between(() => exec.call(this, sql)) : exec.call(this, sql)
}

const SIGN_OF_LIFE = /^\s*update "(lease" set "heartbeat_at_ms|work_item" set "lease_until_ms)"/i
/** Of each connection: whether its transaction has done something else. */
const hasWorked = new WeakMap<pg.Client, boolean>()

type Query = (this: pg.Client, ...call: unknown[]) => unknown
const query = pg.Client.prototype.query as unknown as Query
const textOf = (asked: unknown): string =>
  String(typeof asked === 'string' ? asked : ((asked as { text?: unknown } | null)?.text ?? ''))

pg.Client.prototype.query = function queryGated(this: pg.Client, ...call) {
  const text = textOf(call[0])
  const isCommit = /^\s*COMMIT\b/i.test(text)
  if (/^\s*BEGIN\b/i.test(text)) hasWorked.set(this, false)
  else if (!isCommit && !SIGN_OF_LIFE.test(text)) hasWorked.set(this, true)
  // A COMMIT of which nobody saw the beginning counts.
  if (!isCommit || hasWorked.get(this) === false) return query.apply(this, call)
  gate()
  const answered = query.apply(this, call)
  if (answered instanceof Promise) answered.then(gate, gate)
  return answered
} as Query as unknown as typeof pg.Client.prototype.query

for (const moment of [
  'http.client.request.start',
  'http.client.response.finish',
  'undici:request:create',
  'undici:request:headers',
]) {
  subscribe(moment, gate)
}
