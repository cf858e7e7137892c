import Database from 'better-sqlite3'
import { Kysely, SqliteDialect, sql, type Transaction } from 'kysely'
import { migrateUp } from '#db/migrate.ts'
import type { Schema } from '#db/schema.ts'
import type { Contestant } from './contestant.ts'

type Tx = Transaction<Schema>
type Change = (body: (tx: Tx) => Promise<unknown>) => Promise<unknown>

const NOW_MS = 1_800_000_000_000
const PERIOD = '2027-01'
const WALLET = 'wallet:user:acc_naive'
const COST = 300n

/**
 * The same rows in the same tables as the engine writes for a three-step run, as a straightforward program would write
 * them: stock Kysely, and a transaction for each change of state. Twenty of them a run. It decides nothing, and reads
 * nothing of what the engine reads.
 */
export async function start(url: string): Promise<Contestant> {
  await migrateUp(url, 0)
  const connection = new Database(url.slice('sqlite:'.length))
  connection.pragma('journal_mode = WAL')
  connection.pragma('synchronous = FULL')
  connection.pragma('foreign_keys = ON')
  const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: connection }) })
  await prepare(db)
  let runs = 0
  return { one: () => oneRun(db, `run_${++runs}`), stop: () => db.destroy() }
}

async function prepare(db: Kysely<Schema>): Promise<void> {
  const account = { id: 'acc_naive', handle: 'naive', display_name: 'Naive', platform_role: 'user' as const }
  await db
    .insertInto('account')
    .values({
      ...account,
      time_zone: 'UTC',
      monthly_cap_micros: null,
      confirm_above_micros: null,
      created_at_ms: NOW_MS,
      disabled_at_ms: null,
    })
    .execute()
  await db
    .insertInto('ledger_account')
    .values({
      id: WALLET,
      kind: 'wallet',
      posted_micros: 1_000_000_000_000n,
      pending_micros: 0n,
      credit_limit_micros: 0n,
      credit_approved_by: null,
      overdraft_floor_micros: 0n,
      entry_seq: 0,
      created_at_ms: NOW_MS,
    })
    .execute()
}

async function oneRun(db: Kysely<Schema>, id: string): Promise<void> {
  const change: Change = (body) => db.transaction().execute(body)
  await change(async (tx) => {
    await insertRun(tx, id)
    await addEvent(tx, id, 'run.created')
    await addEvent(tx, id, 'run.started')
  })
  await change((tx) => hold(tx, id))
  await change((tx) => tx.insertInto('work_item').values(workItem(id)).execute())
  const claimed = { token: 'worker', lease_until_ms: NOW_MS + 30_000 }
  await change((tx) => tx.updateTable('work_item').set(claimed).where('key', '=', `run:${id}`).execute())
  const card = await change((tx) => addMessage(tx, id, `run:${id}`))
  for (let seq = 0; seq < 3; seq++) {
    await change(async (tx) => {
      await putStep(tx, id, seq, 'running')
      await addEvent(tx, id, 'step.started')
    })
    await change(async (tx) => {
      await putStep(tx, id, seq, 'succeeded')
      await addEvent(tx, id, 'step.succeeded')
    })
  }
  await change((tx) => settle(tx, id))
  await change(async (tx) => {
    const ended = { status: 'succeeded', outputs_json: '{"value":"x"}', cost_micros: COST, finished_at_ms: NOW_MS }
    await tx.updateTable('run').set(ended).where('id', '=', id).execute()
    await addEvent(tx, id, 'run.succeeded')
  })
  await change((tx) => tx.deleteFrom('work_item').where('key', '=', `run:${id}`).execute())
  const result = await change((tx) => addMessage(tx, id, null))
  await change((tx) => tx.updateTable('outbox').set({ version: 2 }).where('seq', '=', Number(card)).execute())
  await deliver(change, Number(card), ['accept', 'export', 'retry'])
  await deliver(change, Number(result), [])
}

const insertRun = (tx: Tx, id: string) =>
  tx
    .insertInto('run')
    .values({
      id,
      context: 'user:acc_naive',
      job_id: null,
      job_key: 'three-steps',
      job_version: 1,
      definition_json: null,
      pins_json: '{"prices":{"bench.noop":["run","100","100"]},"jobs":{}}',
      account_id: 'acc_naive',
      channel: 'web',
      conversation: 'naive',
      status: 'running',
      inputs_json: '{"value":"x"}',
      defaults_json: '{}',
      outputs_json: null,
      error_json: null,
      estimate_micros: COST,
      max_micros: COST,
      held_micros: COST,
      cost_micros: 0n,
      owed_micros: 0n,
      holds: 1,
      parent_run_id: null,
      parent_seq: null,
      depth: 0,
      cancel_reason: null,
      idempotency_key: null,
      request_hash: null,
      created_at_ms: NOW_MS,
      started_at_ms: NOW_MS,
      finished_at_ms: null,
    })
    .execute()

const workItem = (id: string) => ({
  key: `run:${id}`,
  kind: 'run',
  run_at_ms: NOW_MS,
  fair_group: 'user:acc_naive',
  token: null,
  lease_until_ms: 0,
  dirty: 0,
})

const addEvent = (tx: Tx, subject: string, type: string) =>
  tx
    .insertInto('event')
    .values({
      at_ms: NOW_MS,
      type,
      actor: 'system',
      context: 'user:acc_naive',
      subject,
      details_json: '{"stepId":"first","attempt":1,"costUsd":"0.0001"}',
    })
    .execute()

async function hold(tx: Tx, id: string): Promise<void> {
  await tx
    .insertInto('usage_counter')
    .values({ scope: 'account:acc_naive', period: PERIOD, used_micros: COST, runs: 1 })
    .onConflict((conflict) =>
      conflict.columns(['scope', 'period']).doUpdateSet({
        used_micros: sql`usage_counter.used_micros + excluded.used_micros`,
        runs: sql`usage_counter.runs + 1`,
      }),
    )
    .execute()
  await tx
    .updateTable('ledger_account')
    .set({ pending_micros: sql`pending_micros + ${COST}` })
    .where('id', '=', WALLET)
    .execute()
  await addTransfer(tx, id, `hold_${id}`, 'pending', null)
}

const addTransfer = (tx: Tx, runId: string, id: string, state: 'pending' | 'posted', pendingId: string | null) =>
  tx
    .insertInto('transfer')
    .values({
      id,
      debit: WALLET,
      credit: 'platform:income',
      amount_micros: COST,
      state,
      kind: 'charge',
      pending_id: pendingId,
      run_id: runId,
      step_id: null,
      actor: 'acc_naive',
      context: 'user:acc_naive',
      idempotency_key: null,
      reason: null,
      reverses_id: null,
      period: PERIOD,
      at_ms: NOW_MS,
    })
    .execute()

async function settle(tx: Tx, id: string): Promise<void> {
  await addTransfer(tx, id, `charge_${id}`, 'posted', `hold_${id}`)
  const after = await tx
    .updateTable('ledger_account')
    .set({
      pending_micros: sql`pending_micros - ${COST}`,
      posted_micros: sql`posted_micros - ${COST}`,
      entry_seq: sql`entry_seq + 1`,
    })
    .where('id', '=', WALLET)
    .returning(['posted_micros', 'entry_seq'])
    .executeTakeFirstOrThrow()
  await tx
    .insertInto('entry')
    .values({
      account_id: WALLET,
      seq: after.entry_seq,
      transfer_id: `charge_${id}`,
      amount_micros: -COST,
      balance_after_micros: after.posted_micros,
    })
    .execute()
  await addEvent(tx, id, 'run.settled')
}

const putStep = (tx: Tx, runId: string, seq: number, status: string) =>
  tx
    .insertInto('run_step')
    .values({
      run_id: runId,
      seq,
      step_id: 'first',
      parent_seq: null,
      item_index: null,
      status,
      attempt: 1,
      starts: 1,
      wait_for: null,
      wake_at_ms: null,
      pending_output_json: null,
      output_json: status === 'succeeded' ? '{"value":"x"}' : null,
      error_json: null,
      cost_micros: 100n,
      child_run_id: null,
      started_at_ms: NOW_MS,
      finished_at_ms: null,
    })
    .onConflict((conflict) =>
      conflict.columns(['run_id', 'seq']).doUpdateSet((row) => ({
        status: row.ref('excluded.status'),
        output_json: row.ref('excluded.output_json'),
        cost_micros: row.ref('excluded.cost_micros'),
      })),
    )
    .execute()

async function addMessage(tx: Tx, cause: string, cardKey: string | null): Promise<number> {
  const { seq } = await tx
    .insertInto('outbox')
    .values({
      channel: 'web',
      conversation: 'naive',
      card_key: cardKey,
      cause,
      reply_json: cardKey ? null : '[{"type":"markdown","text":"x"}]',
      only_for: null,
      reply_to: null,
      hints_json: null,
      status: 'new',
      version: 1,
      sent_version: 0,
      content_hash: null,
      message_ref: null,
      tries: 0,
      not_before_ms: 0,
      last_error: null,
      created_at_ms: NOW_MS,
      sent_at_ms: null,
    })
    .returning('seq')
    .executeTakeFirstOrThrow()
  return seq
}

async function deliver(change: Change, seq: number, buttons: string[]): Promise<void> {
  await change(async (tx) => {
    await tx.updateTable('outbox').set({ status: 'sending' }).where('seq', '=', seq).execute()
    for (const command of buttons) await tx.insertInto('button').values(button(seq, command)).execute()
  })
  const sent = { status: 'sent', message_ref: `m${seq}`, sent_at_ms: NOW_MS } as const
  await change((tx) => tx.updateTable('outbox').set(sent).where('seq', '=', seq).execute())
}

const button = (seq: number, command: string) => ({
  token: `${String(seq).padStart(9, '0')}${command}`,
  command: `/${command} ${seq}`,
  once: 0,
  created_at_ms: NOW_MS,
  used_by: null,
  used_at_ms: null,
})
