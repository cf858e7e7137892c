import { expect } from 'vitest'
import type { Actor } from '#core/actor.ts'
import { type Context, contextKey, walletOf } from '#core/context.ts'
import { checkLedger } from '#core/economy/check.ts'
import { balanceOf } from '#core/economy/wallet.ts'
import type { JsonObject } from '#core/json.ts'
import { runKey } from '#core/runs/card-key.ts'
import { getRun } from '#core/runs/read.ts'
import { submitRun } from '#core/runs/submit.ts'
import type { RunView } from '#core/runs/view.ts'
import { startWork } from '#core/work.ts'
import { findWallet } from '#db/ledger.ts'
import { query } from '#db/statement.ts'
import { eventually } from '#tests/support/eventually.ts'
import type { World } from '#tests/support/world.ts'

/** What one call of `text.template` costs. */
export const PRICE_MICROS = 500n

export const HELLO = { target: { tool: 'text.template' }, inputs: { template: 'Hello', data: {} } as JsonObject }

export const work = ({ core }: World): Promise<void> =>
  startWork(core, { handle: async () => ({ replies: [] }), senders: new Map() })

export const submit = async ({ core }: World, actor: Actor): Promise<string> =>
  (await submitRun(core, actor, HELLO)).runId

export const untilRun = (world: World, actor: Actor, runId: string, status: string): Promise<RunView> =>
  eventually(async () => {
    const run = await getRun(world.core, actor, runId)
    expect(run.status).toBe(status)
    return run
  }, 20_000)

/** How many runs of a context are in each state. */
export async function statuses({ core }: World, context: Context): Promise<Record<string, number>> {
  const rows = await query(core.db, (q) =>
    q.selectFrom('run').select('status').where('context', '=', contextKey(context)),
  )
  const counts: Record<string, number> = {}
  for (const { status } of rows) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

/** The ledger is sound, nothing is set aside that no run holds, and who waits is counted. */
export async function isSound({ core }: World, context: Context, waiters = 0): Promise<void> {
  expect(await checkLedger(core)).toEqual({ sound: true, sumMicros: 0n, differences: [] })
  expect((await balanceOf(core.db, context)).heldUsd).toBe('0.00')
  expect((await findWallet.first(core.db, { id: walletOf(context) }))?.waiters).toBe(waiters)
}

/** As if its time had come: on Postgres the queue goes by the time of the server, not by ours. */
export async function lookAgain({ core }: World, runId: string): Promise<void> {
  await core.db.write(async function lookAgainNow(tx) {
    await core.queue.enqueue(tx, { kind: 'run', key: runKey(runId), runAtMs: core.clock.nowMs(), fairGroup: 'x' })
  })
}
