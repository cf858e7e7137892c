import Database from 'better-sqlite3'
import { migrateUp } from '#db/migrate.ts'
import type { Contestant } from './contestant.ts'

const NOW_MS = 1_800_000_000_000
const WALLET = 'wallet:user:raw'

/**
 * The rows that a three-step run leaves behind, put in by hand with nothing decided, checked or read: what the file and
 * the driver allow. Runs that come together share a commit.
 */
export async function start(url: string): Promise<Contestant> {
  await migrateUp(url, 0)
  const db = new Database(url.slice('sqlite:'.length))
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'foreign_keys = ON', 'temp_store = memory'])
    db.pragma(pragma)
  db.pragma('wal_autocheckpoint = 4000')
  db.exec(`INSERT INTO account (id, handle, display_name, platform_role, time_zone, created_at_ms)
    VALUES ('raw', 'raw', 'Raw', 'user', 'UTC', 0);
    INSERT INTO ledger_account (id, kind, posted_micros, pending_micros, credit_limit_micros, overdraft_floor_micros, entry_seq, created_at_ms)
    VALUES ('${WALLET}', 'wallet', 1000000000000, 0, 0, 0, 0, 0)`)
  const writeRun = rowsOfRun(db)
  let runs = 0
  let waiting: (() => void)[] = []
  const writeAll = db.transaction((count: number) => {
    for (let index = 0; index < count; index++) writeRun(++runs)
  })
  const flush = (): void => {
    const done = waiting
    waiting = []
    writeAll.immediate(done.length)
    for (const resolve of done) resolve()
  }
  return {
    one: () =>
      new Promise((resolve) => {
        if (waiting.push(resolve) === 1) setImmediate(flush)
      }),
    stop: async () => void db.close(),
  }
}

function rowsOfRun(db: Database.Database): (number: number) => void {
  const run =
    db.prepare(`INSERT INTO run (id, context, job_key, job_version, pins_json, account_id, channel, conversation,
    status, inputs_json, defaults_json, outputs_json, estimate_micros, max_micros, held_micros, cost_micros, owed_micros,
    holds, depth, created_at_ms, started_at_ms, finished_at_ms)
    VALUES (?, 'user:raw', 'three-steps', 1, '{}', 'raw', 'web', 'raw', 'succeeded', '{"value":"x"}', '{}', '{"value":"x"}',
    300, 300, 300, 300, 0, 1, 0, ${NOW_MS}, ${NOW_MS}, ${NOW_MS})`)
  const step =
    db.prepare(`INSERT INTO run_step (run_id, seq, step_id, status, attempt, starts, output_json, cost_micros,
    started_at_ms, finished_at_ms) VALUES (?, ?, 'first', 'succeeded', 1, 1, '{"value":"x"}', 100, ${NOW_MS}, ${NOW_MS})`)
  const event = db.prepare(`INSERT INTO event (at_ms, type, actor, context, subject, details_json)
    VALUES (${NOW_MS}, 'step.succeeded', 'system', 'user:raw', ?, '{"stepId":"first","attempt":1,"costUsd":"0.0001"}')`)
  const transfer =
    db.prepare(`INSERT INTO transfer (id, debit, credit, amount_micros, state, kind, pending_id, run_id, actor,
    context, period, at_ms) VALUES (?, '${WALLET}', 'platform:income', 300, ?, 'charge', ?, ?, 'raw', 'user:raw', '2027-01', ${NOW_MS})`)
  const wallet = db.prepare(`UPDATE ledger_account SET posted_micros = posted_micros - 300, entry_seq = entry_seq + 1
    WHERE id = '${WALLET}'`)
  const entry = db.prepare(`INSERT INTO entry VALUES ('${WALLET}', ?, ?, -300, 0)`)
  const message = db.prepare(`INSERT INTO outbox (channel, conversation, card_key, cause, reply_json, status, version,
    sent_version, tries, not_before_ms, created_at_ms) VALUES ('web', 'raw', ?, ?, '[]', 'sent', 1, 1, 0, 0, ${NOW_MS})`)
  return (number) => {
    const id = `run_${String(number).padStart(12, '0')}`
    run.run(id)
    for (let seq = 0; seq < 3; seq++) step.run(id, seq)
    for (let seq = 0; seq < 10; seq++) event.run(id)
    transfer.run(`hold_${id}_1`, 'pending', null, id)
    transfer.run(`charge_${id}_1`, 'posted', `hold_${id}_1`, id)
    wallet.run()
    entry.run(number, `charge_${id}_1`)
    message.run(`run:${id}`, id)
    message.run(null, id)
  }
}
