import { afterEach, describe, expect, it } from 'vitest'
import { setCap } from '#core/economy/caps.ts'
import { debit } from '#core/economy/debit.ts'
import { grant } from '#core/economy/grant.ts'
import { balanceOf } from '#core/economy/wallet.ts'
import { cancelRun } from '#core/runs/cancel.ts'
import { FUNDS_WAIT_MS } from '#core/runs/funds-wait.ts'
import { getRun } from '#core/runs/read.ts'
import { type RetryRequest, retryRun } from '#core/runs/retry.ts'
import { submitRun } from '#core/runs/submit.ts'
import { TestClock } from '#tests/support/clock.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createRunsWorld, type RunsWorld, say, statusesOf } from './runs-world.ts'
import { lookAgain } from './waiting-runs.ts'

describe.each(DIALECTS)('a retry without money on %s', (dialect) => {
  let world: RunsWorld
  let clock: TestClock
  let keys = 0
  afterEach(() => world.end())

  const keyed = () => ({ ...world.actor, requestKey: `key${++keys}` })
  const retry = (runId: string, more: Partial<RetryRequest> = {}, requestKey?: string) =>
    retryRun(world.core, requestKey ? { ...world.actor, requestKey } : world.actor, {
      runId,
      from: 'failed_step',
      definition: 'pinned',
      ...more,
    })
  const look = (runId: string) => getRun(world.core, world.actor, runId)
  const pay = (amountUsd: string) => grant(world.core, keyed(), { to: '@ada', amountUsd, reason: 'More' })

  /** A run of three steps that failed at the second, whose owner has spent everything else since. */
  async function failedAndPoor(): Promise<string> {
    clock = new TestClock()
    world = await createRunsWorld(dialect, { clock })
    await world.job('three', [say('one', 'one'), say('two', 'two'), say('three', 'three')], {
      outputs: { last: { step: 'three', output: 'text' } },
    })
    await world.work()
    world.provider.broken.add('two')
    const runId = await world.submit('three')
    expect((await world.ended(runId)).costUsd).toBe('0.001')
    world.provider.broken.clear()
    const { accountId } = world.actor
    await debit(world.core, keyed(), { accountId, amountUsd: '0.999', description: 'a book' })
    return runId
  }

  it('waits like a new run, goes on by itself when the money comes, and pays for each step once', async () => {
    const runId = await failedAndPoor()
    const answer = await retry(runId, {}, 'again')
    expect(answer).toMatchObject({
      runId,
      how: 'resumed',
      waitingFor: { kind: 'funds', limit: 'available', neededUsd: '0.002', missingUsd: '0.002' },
    })
    const waiting = await look(runId)
    expect(waiting).toMatchObject({ status: 'waiting', finishedAt: null, costUsd: '0.001' })
    expect(waiting.waitingFor).toEqual(answer.waitingFor)
    expect(statusesOf(waiting)).toBe('one:succeeded two:pending three:pending')
    // Asked once more it is answered the same; by another request it goes on already.
    expect(await retry(runId, {}, 'again')).toEqual(answer)
    await expect(retry(runId)).rejects.toMatchObject({ code: 'conflict' })
    await pay('0.0015')
    await lookAgain(world, runId)
    await expect.poll(async () => (await look(runId)).status).toBe('waiting')
    await pay('0.0005')
    const run = await world.ended(runId)
    expect([run.status, run.costUsd, run.waitingFor, run.outputs]).toEqual([
      'succeeded',
      '0.003',
      null,
      { last: 'three!' },
    ])
    expect(world.provider.calls.map(({ word }) => word)).toEqual(['one', 'two', 'two', 'three'])
    expect(await world.transfers(runId)).toEqual([
      'charge_run_1 posted 1000',
      'charge_run_2 posted 2000',
      'hold_run_1 pending 3000',
      'hold_run_2 pending 2000',
    ])
    expect((await world.eventTypes(runId)).slice(-10)).toEqual([
      'run.retried',
      'run.waiting',
      'run.funded',
      'step.started',
      'run.resumed',
      'step.succeeded',
      'step.started',
      'step.succeeded',
      'run.succeeded',
      'run.settled',
    ])
    await world.sound()
  })

  it('waits for room under a limit as well', async () => {
    const runId = await failedAndPoor()
    await pay('1')
    await setCap(world.core, world.actor, { subject: 'me', amountUsd: '0.001' })
    expect((await retry(runId)).waitingFor).toMatchObject({ limit: 'person_monthly_cap' })
    await setCap(world.core, world.actor, { subject: 'me', amountUsd: null })
    expect((await world.ended(runId)).status).toBe('succeeded')
    await world.sound()
  })

  it('can be stopped meanwhile, keeps what was done, and can be asked for again', async () => {
    const runId = await failedAndPoor()
    await retry(runId)
    await cancelRun(world.core, world.actor, runId)
    const stopped = await world.ended(runId)
    expect([stopped.status, stopped.costUsd]).toEqual(['cancelled', '0.001'])
    expect(statusesOf(stopped)).toBe('one:succeeded two:cancelled three:cancelled')
    await pay('1')
    expect(await retry(runId)).toEqual({ runId, how: 'resumed' })
    const run = await world.ended(runId)
    expect([run.status, run.costUsd]).toEqual(['succeeded', '0.003'])
    expect(world.provider.calls.map(({ word }) => word)).toEqual(['one', 'two', 'two', 'three'])
    await world.sound()
  })

  it('ends after a day, and nothing more is paid', async () => {
    const runId = await failedAndPoor()
    await retry(runId)
    clock.advance(FUNDS_WAIT_MS + 1_000)
    await lookAgain(world, runId)
    const run = await world.ended(runId)
    expect([run.status, run.costUsd]).toEqual(['cancelled', '0.001'])
    expect(run.error?.message).toContain('none came within a day')
    await pay('1')
    expect((await look(runId)).status).toBe('cancelled')
    await world.sound()
  })

  it('with the money and a stop on their way at once, ends once and holds nothing', { timeout: 60_000 }, async () => {
    const runId = await failedAndPoor()
    for (let time = 0; time < 5 && (await look(runId)).status !== 'succeeded'; time++) {
      expect((await retry(runId)).waitingFor).toBeDefined()
      await Promise.all([pay('0.002'), cancelRun(world.core, world.actor, runId)])
      await world.ended(runId)
      await eventually(() => world.sound())
      const { accountId, context } = world.actor
      const { availableUsd: amountUsd } = await balanceOf(world.core.db, context)
      if (amountUsd !== '0.00') await debit(world.core, keyed(), { accountId, amountUsd, description: 'a pen' })
    }
    await world.sound()
  })

  it('from the start is another run that waits, and becomes a variant of the first', async () => {
    const runId = await failedAndPoor()
    const { runId: other, how, waitingFor } = await retry(runId, { from: 'start' })
    expect([how, waitingFor?.neededUsd]).toEqual(['started', '0.003'])
    await pay('1')
    expect((await world.ended(other)).status).toBe('succeeded')
    expect((await look(runId)).variants).toEqual((await look(other)).variants)
    expect((await look(runId)).variants).toHaveLength(1)
  })

  it('does not change what the request that made the run was answered', async () => {
    const first = await failedAndPoor()
    await pay('1')
    world.provider.broken.add('two')
    const actor = { ...world.actor, requestKey: 'made' }
    const request = { target: { job: 'three' }, inputs: {} }
    const { runId } = await submitRun(world.core, actor, request)
    expect(runId).not.toBe(first)
    await world.ended(runId)
    const { accountId } = world.actor
    await debit(world.core, keyed(), { accountId, amountUsd: '0.999', description: 'all of it' })
    expect((await retry(runId)).waitingFor).toBeDefined()
    expect(await submitRun(world.core, actor, request)).toEqual({ runId, replayed: true })
  })
})
