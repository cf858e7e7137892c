import Database from 'better-sqlite3'

/** Ids of the copies sort before all that come, as those of older runs do. */
const COPY_ID = `'run_00000000-' || printf('%012d', n)`
const BATCH = 2_000

/** Makes as many finished runs as asked, each with all its rows: copies of one that the engine itself has brought to its end. */
export function addHistory(path: string, wanted: number): void {
  const db = new Database(path)
  db.pragma('synchronous = OFF')
  db.pragma('busy_timeout = 60000')
  const count = (): number => db.prepare('SELECT count(*) FROM run').pluck().get() as number
  const model = db.prepare("SELECT id FROM run WHERE status = 'succeeded' ORDER BY id DESC LIMIT 1").pluck().get()
  const wallet = db.prepare("SELECT id FROM ledger_account WHERE kind = 'wallet'").pluck().get()
  let made = Number(db.prepare("SELECT count(*) FROM run WHERE id LIKE 'run_00000000-%'").pluck().get())
  for (let missing = wanted - count(); missing > 0; missing -= BATCH) {
    const [from, to] = [made, made + Math.min(BATCH, missing)]
    db.transaction(() => {
      for (const sql of copies(db)) db.prepare(sql).run({ from, to: to - 1, model, wallet })
      db.prepare('UPDATE ledger_account SET entry_seq = entry_seq + ? WHERE id = ?').run(to - from, wallet)
    }).immediate()
    made = to
  }
  db.pragma('wal_checkpoint(TRUNCATE)')
  db.close()
}

function copies(db: Database.Database): string[] {
  const numbers = 'WITH RECURSIVE number(n) AS (SELECT @from UNION ALL SELECT n + 1 FROM number WHERE n < @to)'
  const copied = (table: string, whose: string, changed: Record<string, string>): string => {
    const columns = db.pragma(`table_info(${table})`) as { name: string }[]
    // An event and a message get a number of their own.
    const names = columns.map(({ name }) => name).filter((name) => changed[name] !== '')
    return `${numbers} INSERT INTO ${table} (${names.join(', ')})
      SELECT ${names.map((name) => changed[name] ?? `one.${name}`).join(', ')} FROM number, ${table} one WHERE ${whose}`
  }
  return [
    copied('run', 'one.id = @model', { id: COPY_ID }),
    copied('run_step', 'one.run_id = @model', { run_id: COPY_ID }),
    copied('event', 'one.subject = @model', { seq: '', subject: COPY_ID }),
    copied('transfer', `one.run_id = @model AND one.state = 'pending'`, {
      id: `'hold_' || ${COPY_ID}`,
      run_id: COPY_ID,
    }),
    copied('transfer', `one.run_id = @model AND one.state = 'posted'`, {
      id: `'charge_' || ${COPY_ID}`,
      run_id: COPY_ID,
      pending_id: `'hold_' || ${COPY_ID}`,
    }),
    copied('entry', `one.transfer_id LIKE 'charge_' || @model || '%'`, {
      seq: '(SELECT entry_seq FROM ledger_account WHERE id = @wallet) + 1 + n - @from',
      transfer_id: `'charge_' || ${COPY_ID}`,
    }),
    copied('outbox', `one.cause = @model`, {
      seq: '',
      cause: COPY_ID,
      card_key: `CASE WHEN one.card_key IS NULL THEN NULL ELSE 'run:' || ${COPY_ID} END`,
      status: `'sent'`,
    }),
  ]
}
