import { afterEach, describe, expect, it } from 'vitest'
import type { Core } from '#core/core.ts'
import { debit } from '#core/economy/debit.ts'
import { grant } from '#core/economy/grant.ts'
import { getRun } from '#core/runs/read.ts'
import { retryRun } from '#core/runs/retry.ts'
import { type Db, type Executor, executor, type Tx } from '#db/db.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createRunsWorld, type RunsWorld, say } from './runs-world.ts'

class Cut extends Error {}

/** The same database, on which every transaction dies at its statement number `at`, from 1. */
function dyingAt(db: Db, at: number): Db {
  return {
    dialect: db.dialect,
    [executor]: db[executor],
    onChange: (listener) => db.onChange(listener),
    close: () => db.close(),
    write: (body, options) => db.write((tx) => body(cutTx(tx, at)), options),
  }
}

function cutTx(tx: Tx, at: number): Tx {
  let left = at
  const on = tx[executor]
  const count = (): void => {
    if (--left <= 0) throw new Cut('Dead.')
  }
  const cut: Executor = {
    dialect: on.dialect,
    async execute(statement, values) {
      count()
      return on.execute(statement, values)
    },
    async executeText(sql, values) {
      count()
      return on.executeText(sql, values)
    },
  }
  return new Proxy(tx, {
    get(target, name) {
      if (name === executor) return cut
      const value = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

describe.each(DIALECTS)('a retry that is cut off on %s', (dialect) => {
  let world: RunsWorld
  afterEach(() => world.end())

  const steps = [say('one', 'one'), say('two', 'two'), say('three', 'three')]
  const outputs = { outputs: { last: { step: 'three', output: 'text' } } }
  const retry = (core: Core, runId: string) =>
    retryRun(core, { ...world.actor, requestKey: 'retry' }, { runId, from: 'failed_step', definition: 'pinned' })
  const failedRun = async (): Promise<string> => {
    world = await createRunsWorld(dialect)
    await world.job('three', steps, outputs)
    world.provider.broken.add('two')
    await world.work()
    const runId = await world.submit('three')
    await world.ended(runId)
    world.provider.broken.clear()
    return runId
  }
  const everything = async (): Promise<object> => {
    const { db } = world.core
    return {
      run: await query(db, (q) => q.selectFrom('run').selectAll()),
      step: await query(db, (q) => q.selectFrom('run_step').selectAll().orderBy('seq')),
      transfer: await query(db, (q) => q.selectFrom('transfer').selectAll().orderBy('id')),
      wallet: await query(db, (q) => q.selectFrom('ledger_account').selectAll().orderBy('id')),
      wait: await query(db, (q) => q.selectFrom('funds_wait').selectAll()),
      used: await query(db, (q) => q.selectFrom('usage_counter').selectAll().orderBy('scope')),
      event: await query(db, (q) => q.selectFrom('event').select('seq').orderBy('seq')),
      // What is told of a run goes its own way meanwhile.
      work: await query(db, (q) => q.selectFrom('work_item').selectAll().where('kind', '=', 'run')),
    }
  }

  /** Dies at each of its statements in turn, which leaves no trace, and then is done. */
  async function cutOffEverywhere(runId: string): Promise<void> {
    const before = await everything()
    for (let at = 1; ; at++) {
      const dying = { ...world.core, db: dyingAt(world.core.db, at) } as Core
      const died = await retry(dying, runId).then(
        () => false,
        (error) => {
          expect(error).toBeInstanceOf(Cut)
          return true
        },
      )
      if (!died) return expect(at).toBeGreaterThan(10)
      expect(await everything()).toEqual(before)
    }
  }

  it('between any two of its statements leaves everything as it was, and works the next time', async () => {
    const runId = await failedRun()
    await cutOffEverywhere(runId)
    expect(await world.ended(runId)).toMatchObject({ status: 'succeeded', costUsd: '0.003' })
    expect(await world.transfers(runId)).toEqual([
      'charge_run_1 posted 1000',
      'charge_run_2 posted 2000',
      'hold_run_1 pending 3000',
      'hold_run_2 pending 2000',
    ])
    await world.sound()
  })

  it('does the same where there is no money, and the next worker takes it up when that has come', async () => {
    const runId = await failedRun()
    const { accountId } = world.actor
    const pay = { accountId, amountUsd: '0.999', description: 'a book' }
    await debit(world.core, { ...world.actor, requestKey: 'book' }, pay)
    await cutOffEverywhere(runId)
    expect((await getRun(world.core, world.actor, runId)).waitingFor).toMatchObject({ neededUsd: '0.002' })
    await world.core.queue.stop(0)
    await grant(world.core, { ...world.actor, requestKey: 'more' }, { to: '@ada', amountUsd: '1', reason: 'More' })
    await world.work()
    expect(await world.ended(runId)).toMatchObject({ status: 'succeeded', costUsd: '0.003' })
    expect(world.provider.calls.map(({ word }) => word)).toEqual(['one', 'two', 'two', 'three'])
    await world.sound()
  })

  it('after its commit goes on with the next worker, each step once', async () => {
    const runId = await failedRun()
    await world.core.queue.stop(0)
    await retry(world.core, runId)
    expect((await getRun(world.core, world.actor, runId)).status).toBe('running')
    await world.work()
    expect(await world.ended(runId)).toMatchObject({ status: 'succeeded', costUsd: '0.003' })
    expect(world.provider.calls.map(({ word }) => word)).toEqual(['one', 'two', 'two', 'three'])
    await world.sound()
  })

  it('while it executes is executed again under the same key', async () => {
    const runId = await failedRun()
    world.provider.stuck.add('two')
    await retry(world.core, runId)
    await eventually(() => expect(world.provider.calls).toHaveLength(3))
    await world.core.queue.stop(0)
    world.provider.stuck.clear()
    await world.work()
    expect(await world.ended(runId)).toMatchObject({ status: 'succeeded', costUsd: '0.003' })
    expect(world.provider.calls.map(({ key }) => key.replace(runId, 'run'))).toEqual([
      'run:one:1',
      'run:two:1',
      'run:two:2',
      'run:two:2',
      'run:three:2',
    ])
    await world.sound()
  })

  it('is not lost when it comes at the very moment the run ends', async () => {
    world = await createRunsWorld(dialect)
    await world.job('three', steps, outputs)
    await world.work()
    world.provider.broken.add('two')
    const runIds = await Promise.all(Array.from({ length: 12 }, () => world.submit('three')))
    await Promise.all(
      runIds.map(async (runId, index) => {
        // From before its end on, until it is taken.
        await eventually(() => retryRun(world.core, world.actor, { runId, from: 'failed_step', definition: 'pinned' }))
        if (index === runIds.length - 1) world.provider.broken.clear()
      }),
    )
    for (const runId of runIds) {
      const first = await world.ended(runId)
      if (first.status === 'succeeded') continue
      await retryRun(world.core, world.actor, { runId, from: 'failed_step', definition: 'pinned' })
      expect((await world.ended(runId)).status).toBe('succeeded')
    }
    await world.sound()
  })
})
