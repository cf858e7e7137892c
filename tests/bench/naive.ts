import Database from 'better-sqlite3'
import { Kysely, SqliteDialect, sql } from 'kysely'

interface NaiveSchema {
  run: { id: string; status: string; inputs: string; outputs: string | null }
  step: { run_id: string; seq: number; status: string; output: string | null }
  wallet: { id: string; posted: number; pending: number }
  transfer: { id: string; amount: number; state: string; pending_id: string | null }
  outbox: { id: string; text: string }
}

/** The same run as most programs would write it: stock Kysely, a transaction around every change. Nine of them a run. */
export async function runNaively(path: string, runs: number, atOnce: number): Promise<void> {
  const connection = new Database(path)
  connection.pragma('journal_mode = WAL')
  connection.pragma('synchronous = FULL')
  connection.exec(`
    CREATE TABLE run (id TEXT PRIMARY KEY, status TEXT, inputs TEXT, outputs TEXT) STRICT;
    CREATE TABLE step (run_id TEXT, seq INTEGER, status TEXT, output TEXT, PRIMARY KEY (run_id, seq)) STRICT;
    CREATE TABLE wallet (id TEXT PRIMARY KEY, posted INTEGER, pending INTEGER) STRICT;
    CREATE TABLE transfer (id TEXT PRIMARY KEY, amount INTEGER, state TEXT, pending_id TEXT) STRICT;
    CREATE TABLE outbox (id TEXT PRIMARY KEY, text TEXT) STRICT;
    INSERT INTO wallet VALUES ('w', 1000000000, 0);`)
  const db = new Kysely<NaiveSchema>({ dialect: new SqliteDialect({ database: connection }) })
  let next = 0
  const worker = async (): Promise<void> => {
    for (let number = next++; number < runs; number = next++) await oneRun(db, `run-${number}`)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  await db.destroy()
}

async function oneRun(db: Kysely<NaiveSchema>, id: string): Promise<void> {
  const change = db.transaction()
  await change.execute(async (tx) => {
    await tx.insertInto('run').values({ id, status: 'queued', inputs: '{"value":"x"}', outputs: null }).execute()
  })
  await change.execute(async (tx) => {
    await tx.updateTable('wallet').set({ pending: sql`pending + 300` }).where('id', '=', 'w').execute()
    await tx
      .insertInto('transfer')
      .values({ id: `${id}-hold`, amount: 300, state: 'pending', pending_id: null })
      .execute()
  })
  for (let seq = 0; seq < 3; seq++) {
    await change.execute(async (tx) => {
      await tx.insertInto('step').values({ run_id: id, seq, status: 'running', output: null }).execute()
    })
    await change.execute(async (tx) => {
      const done = { status: 'succeeded', output: '{"value":"x"}' }
      await tx.updateTable('step').set(done).where('run_id', '=', id).where('seq', '=', seq).execute()
    })
  }
  await change.execute(async (tx) => {
    const charge = { id: `${id}-charge`, amount: 300, state: 'posted', pending_id: `${id}-hold` }
    await tx.insertInto('transfer').values(charge).execute()
    await tx
      .updateTable('wallet')
      .set({ pending: sql`pending - 300`, posted: sql`posted - 300` })
      .where('id', '=', 'w')
      .execute()
    await tx.updateTable('run').set({ status: 'succeeded', outputs: '{"value":"x"}' }).where('id', '=', id).execute()
    await tx.insertInto('outbox').values({ id, text: 'done' }).execute()
  })
}
