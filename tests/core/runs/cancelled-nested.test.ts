import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { JsonObject } from '#core/json.ts'
import type { Models } from '#core/models/model.ts'
import { parseUsd } from '#core/money.ts'
import { cancelRun } from '#core/runs/cancel.ts'
import { runEvents } from '#core/runs/read.ts'
import type { RunView } from '#core/runs/view.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createRunsWorld, type RunsWorld } from './runs-world.ts'

const SAY = 1_000n
const say = (stepId: string, word = stepId, more: JsonObject = {}): JsonObject => ({
  stepId,
  toolId: 'test.say',
  inputMappings: { word: { value: word } },
  ...more,
})
const nested = (stepId: string, jobId: string, more: JsonObject = {}): JsonObject => ({
  stepId,
  jobId,
  inputMappings: {},
  ...more,
})

describe.each(DIALECTS)('a run that ends while runs are nested in it, on %s', (dialect) => {
  let world: RunsWorld
  let pieces = 0
  const models: Models = {
    // Writes for ever.
    async ask({ onText, signal }) {
      while (!signal.aborted) {
        onText?.('a word ')
        pieces++
        await sleep(5)
      }
      return new Promise(() => {})
    },
  }
  beforeEach(async () => {
    world = await createRunsWorld(dialect, { models })
    world.provider.stuck.add('stuck')
    await world.job('inner', [say('a'), say('b'), say('stuck')])
    await world.job('middle', [say('c'), nested('in', 'inner')])
    await world.work()
  })
  afterEach(async () => {
    await world.sound()
    expect(world.errors).toEqual([])
    await world.core.queue.stop(1_000)
    await world.end()
  })

  const runsOf = (rootId: string) =>
    query(world.core.db, (q) => q.selectFrom('run').selectAll().where('id', '>=', rootId).orderBy('id'))
  const micros = (run: RunView): bigint => parseUsd(run.costUsd) ?? -1n
  const isSaid = (word: string, times = 1) =>
    eventually(() => expect(world.provider.calls.filter((call) => call.word === word)).toHaveLength(times))
  const isSettled = async (runId: string, cost: bigint): Promise<void> => {
    const transfers = (await world.transfers(runId)).map((one) => one.slice(one.indexOf(' ') + 1))
    expect(transfers.filter((one) => !one.startsWith('pending'))).toEqual([`posted ${cost}`])
    const work = await query(world.core.db, (q) => q.selectFrom('work_item').select('key').where('kind', '=', 'run'))
    expect(work).toEqual([])
  }

  it('pays what they have cost by then, however deep, and nothing of what was cut off', async () => {
    await world.job('outer', [say('d'), nested('mid', 'middle')])
    const runId = await world.submit('outer')
    await isSaid('stuck')
    await cancelRun(world.core, world.actor, runId)
    const run = await world.ended(runId)
    // d; c of the one in it; a and b of the one in that.
    expect(run).toMatchObject({ status: 'cancelled', costUsd: '0.004' })
    expect(run.steps.map(({ costUsd }) => costUsd)).toEqual(['0.001', '0.003'])
    // They have ended with it, in the same moment.
    const runs = await runsOf(runId)
    expect(runs.map(({ job_key, status, cost_micros }) => [job_key, status, cost_micros])).toEqual([
      ['outer', 'cancelled', 4n * SAY],
      ['middle', 'cancelled', 3n * SAY],
      ['inner', 'cancelled', 2n * SAY],
    ])
    const { items } = await runEvents(world.core, world.actor, runId)
    expect(items.filter(({ type }) => type === 'step.cancelled').map(({ details }) => details.costUsd)).toEqual([
      '0.003',
    ])
    await eventually(() => expect(world.provider.aborted).toEqual(['stuck']))
    await eventually(() => isSettled(runId, 4n * SAY))
  })

  it('pays what a model has written by then', async () => {
    const ask = {
      stepId: 'ask',
      toolId: 'llm.generate',
      inputMappings: { prompt: { value: 'Go on.' }, maxTokens: { value: 500 } },
    }
    await world.job('asking', [say('a'), ask])
    await world.job('outer', [nested('in', 'asking')])
    pieces = 0
    const runId = await world.submit('outer')
    await eventually(() => expect(pieces).toBeGreaterThan(5))
    await cancelRun(world.core, world.actor, runId)
    const run = await world.ended(runId)
    const [call, ...others] = await query(world.core.db, (q) => q.selectFrom('model_call').selectAll())
    expect(others).toEqual([])
    expect(call).toMatchObject({ status: 'aborted', is_estimated: 1, is_charged: 1 })
    expect(call?.cost_micros).toBeGreaterThan(0n)
    expect(micros(run)).toBe(SAY + (call?.cost_micros ?? 0n))
    expect(micros(run)).toBeLessThanOrEqual(parseUsd(run.maxUsd) ?? 0n)
    await eventually(() => isSettled(runId, micros(run)))
  })

  it('pays for those beside the step that failed it, and for those that ran out of time', async () => {
    world.provider.broken.add('broken')
    world.provider.stuck.add('broken')
    await world.job('halting', [
      nested('in', 'middle', { dependencies: [] }),
      say('broken', 'broken', { dependencies: [], retry: { maxAttempts: 1, backoffMs: 1 } }),
    ])
    const halted = await world.submit('halting')
    await isSaid('stuck')
    world.provider.stuck.delete('broken')
    const run = await world.ended(halted)
    expect(run).toMatchObject({ status: 'failed', costUsd: '0.003' })

    await world.job('late', [nested('in', 'inner', { timeoutMs: 1_500, onFailure: 'skip' }), say('after')])
    const late = await world.ended(await world.submit('late'))
    expect(late.steps[0]).toMatchObject({ status: 'failed', error: { code: 'timeout' }, costUsd: '0.002' })
    await eventually(() => isSettled(late.id, 2n * SAY))
  })

  it('pays once for those that were over before, tried again or done', async () => {
    world.provider.broken.add('b')
    await world.job('again', [
      nested('in', 'inner', { retry: { maxAttempts: 3, backoffMs: 60_000 }, onFailure: 'continue' }),
      say('stuck'),
    ])
    const runId = await world.submit('again')
    await isSaid('stuck')
    await cancelRun(world.core, world.actor, runId)
    expect(await world.ended(runId)).toMatchObject({ status: 'cancelled', costUsd: '0.001' })
  })

  it('one that nobody has begun yet costs nothing, and one of many is paid for each', async () => {
    await world.job('outer', [say('list'), nested('in', 'middle', { forEach: { step: 'list', output: 'list' } })])
    const runId = await world.submit('outer')
    await isSaid('stuck', 3)
    await cancelRun(world.core, world.actor, runId)
    expect(await world.ended(runId)).toMatchObject({ status: 'cancelled', costUsd: '0.01' })
    await eventually(() => isSettled(runId, 10n * SAY))

    await world.core.queue.stop(1_000)
    const waiting = await world.submit('outer')
    await cancelRun(world.core, world.actor, waiting)
    await world.work()
    expect(await world.ended(waiting)).toMatchObject({ status: 'cancelled' })
  })

  it('at whatever moment it is cancelled, the two agree about what is paid', { timeout: 120_000 }, async () => {
    await world.job('short', [say('x'), say('y'), say('z')])
    await world.job('outer', [
      nested('one', 'short', { dependencies: [] }),
      nested('two', 'short', { dependencies: [] }),
      nested('three', 'short'),
    ])
    const rounds = Array.from({ length: 40 }, (_, round) => round)
    const ends = new Map<string, number>()
    const play = async (round: number): Promise<void> => {
      const runId = await world.submit('outer')
      await sleep(round * 1.5)
      await cancelRun(world.core, world.actor, runId)
      const run = await world.ended(runId)
      const children = await query(world.core.db, (q) =>
        q.selectFrom('run').selectAll().where('parent_run_id', '=', runId),
      )
      for (const child of children) {
        expect(child.finished_at_ms, child.status).not.toBeNull()
        ends.set(child.status, (ends.get(child.status) ?? 0) + 1)
      }
      expect(micros(run), JSON.stringify(run.steps)).toBe(children.reduce((sum, child) => sum + child.cost_micros, 0n))
      expect((await world.transfers(runId)).filter((one) => one.includes(' pending '))).toHaveLength(1)
    }
    // Alone, and then beside each other, where they get into each other's way.
    for (const round of rounds.filter((one) => one % 4 === 0)) await play(round)
    await Promise.all(rounds.map(play))
    expect(ends.get('cancelled')).toBeGreaterThan(0)
    expect(ends.get('succeeded')).toBeGreaterThan(0)
    await eventually(async () => {
      const open = await query(world.core.db, (q) =>
        q.selectFrom('run').select('id').where('finished_at_ms', 'is', null),
      )
      expect(open).toEqual([])
    })
  })
})
