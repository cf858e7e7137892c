import { afterEach, describe, expect, it } from 'vitest'
import { teamContext } from '#core/context.ts'
import { grant } from '#core/economy/grant.ts'
import { saveJob } from '#core/jobs/save.ts'
import type { JsonObject } from '#core/json.ts'
import { cancelRun } from '#core/runs/cancel.ts'
import { getRun } from '#core/runs/read.ts'
import { type RetryRequest, retryRun } from '#core/runs/retry.ts'
import { submitRun } from '#core/runs/submit.ts'
import { createTeam } from '#core/teams/create.ts'
import { setLimits } from '#core/teams/limits.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createRunsWorld, type RunsWorld, say, statusesOf } from './runs-world.ts'

describe.each(DIALECTS)('a retry on %s', (dialect) => {
  let world: RunsWorld
  afterEach(() => world.end())

  const begin = async (): Promise<void> => {
    world = await createRunsWorld(dialect)
    await world.work()
  }
  const retry = (runId: string, more: Partial<RetryRequest> = {}, requestKey?: string) =>
    retryRun(world.core, requestKey ? { ...world.actor, requestKey } : world.actor, {
      runId,
      from: 'failed_step',
      definition: 'pinned',
      ...more,
    })
  const three = (jobId = 'three') =>
    world.job(jobId, [say('one', 'one'), say('two', 'two'), say('three', 'three')], {
      outputs: { last: { step: 'three', output: 'text' } },
    })
  const failed = async (broken: string, jobId = 'three'): Promise<string> => {
    world.provider.broken.add(broken)
    const runId = await world.submit(jobId)
    await world.ended(runId)
    world.provider.broken.delete(broken)
    return runId
  }

  it('goes on where the run failed: what was done and paid for stays, the rest is held for and done', async () => {
    await begin()
    await three()
    const runId = await failed('two')
    const before = await getRun(world.core, world.actor, runId)
    expect([before.status, statusesOf(before), before.costUsd]).toEqual([
      'failed',
      'one:succeeded two:failed three:cancelled',
      '0.001',
    ])
    expect(await retry(runId)).toEqual({ runId, how: 'resumed' })
    const run = await world.ended(runId)
    expect([run.status, statusesOf(run), run.costUsd, run.outputs, run.error]).toEqual([
      'succeeded',
      'one:succeeded two:succeeded three:succeeded',
      '0.003',
      { last: 'three!' },
      null,
    ])
    expect(world.provider.calls.map(({ word, key }) => `${word} ${key.replace(runId, 'run')}`)).toEqual([
      'one run:one:1',
      'two run:two:1',
      'two run:two:2',
      'three run:three:2',
    ])
    expect(await world.transfers(runId)).toEqual([
      'charge_run_1 posted 1000',
      'charge_run_2 posted 2000',
      'hold_run_1 pending 3000',
      'hold_run_2 pending 2000',
    ])
    expect((await world.eventTypes(runId)).slice(-8)).toEqual([
      'run.settled',
      'run.retried',
      'step.started',
      'step.succeeded',
      'step.started',
      'step.succeeded',
      'run.succeeded',
      'run.settled',
    ])
    await world.sound()
  })

  it('can be asked for again and again, each time as a new request to the provider', async () => {
    await begin()
    await three()
    const runId = await failed('two')
    for (const group of [2, 3]) {
      world.provider.broken.add('two')
      await retry(runId)
      await world.ended(runId)
      expect(world.provider.calls.at(-1)?.key).toBe(`${runId}:two:${group}`)
    }
    world.provider.broken.clear()
    await retry(runId)
    expect((await world.ended(runId)).costUsd).toBe('0.003')
    await world.sound()
  })

  it('is won by one of many at once, and answered the same under one key', async () => {
    await begin()
    await three()
    const runId = await failed('two')
    world.provider.stuck.add('two')
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => retry(runId)))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const answer of answers) {
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'conflict' })
    }
    world.provider.stuck.clear()
    await world.ended(runId)
    const second = await failed('three')
    const same = await Promise.all(Array.from({ length: 5 }, () => retry(second, {}, 'key')))
    await world.ended(second)
    expect([...same, await retry(second, {}, 'key')]).toEqual(Array(6).fill({ runId: second, how: 'resumed' }))
    expect((await world.eventTypes(second)).filter((type) => type === 'run.retried')).toHaveLength(1)
    const anew = await Promise.all([1, 2, 3].map(() => retry(second, { from: 'start' }, 'key2')))
    expect(new Set(anew.map(({ runId }) => runId)).size).toBe(1)
    await world.ended(anew[0]?.runId ?? '')
    await expect(retry(second)).rejects.toMatchObject({ code: 'conflict' })
    await world.sound()
  })

  it('does again what saw a default in place of what failed, and leaves alone what did not', async () => {
    await begin()
    await world.job(
      'gaps',
      [
        say('flaky', 'flaky', { dependencies: [], onFailure: 'continue', default: { text: 'spare', list: [] } }),
        say('sure', 'sure', { dependencies: [] }),
        {
          ...say('after', 'x', { dependencies: ['flaky'] }),
          inputMappings: { word: { step: 'flaky', output: 'text' } },
        },
      ],
      { outputs: { after: { step: 'after', output: 'text' }, sure: { step: 'sure', output: 'text' } } },
    )
    const runId = await failed('flaky', 'gaps')
    const before = await getRun(world.core, world.actor, runId)
    expect([before.status, before.outputs]).toEqual(['partially_completed', { after: 'spare!', sure: 'sure!' }])
    await retry(runId)
    const run = await world.ended(runId)
    expect([run.status, run.outputs]).toEqual(['succeeded', { after: 'flaky!!', sure: 'sure!' }])
    expect(world.provider.calls.filter(({ word }) => word === 'sure')).toHaveLength(1)
    // flaky failed once, which costs nothing; after ran twice.
    expect(run.costUsd).toBe('0.004')
    await world.sound()
  })

  it('does again only the elements of a list that failed, and a list of another length anew', async () => {
    await begin()
    await world.job(
      'each',
      [
        say('list', 'w', { onFailure: 'continue', default: { text: '', list: ['a', 'b', 'c', 'd'] } }),
        {
          stepId: 'each',
          toolId: 'test.say',
          forEach: { step: 'list', output: 'list' },
          inputMappings: { word: { item: true } },
          retry: { maxAttempts: 1 },
          onFailure: 'skip',
        },
      ],
      { outputs: { all: { step: 'each', output: 'items', path: '2.text' } } },
    )
    const one = await failed('w2', 'each')
    expect(statusesOf(await getRun(world.core, world.actor, one))).toBe(
      'list:succeeded each:failed each[0]:succeeded each[1]:failed each[2]:succeeded',
    )
    await retry(one)
    expect(await world.ended(one)).toMatchObject({ status: 'succeeded', outputs: { all: 'w3!' }, costUsd: '0.004' })
    const other = await failed('w', 'each')
    expect(await getRun(world.core, world.actor, other)).toMatchObject({ outputs: { all: 'c!' } })
    await retry(other)
    const run = await world.ended(other)
    expect(run).toMatchObject({ status: 'succeeded', outputs: { all: 'w3!' } })
    expect(statusesOf(run)).toBe(
      'list:succeeded each:succeeded each[0]:succeeded each[1]:succeeded each[2]:succeeded each[3]:skipped',
    )
    await world.sound()
  })

  it('starts a nested job that failed anew, and waits for that one', async () => {
    await begin()
    await three('inner')
    await world.job('outer', [say('first', 'first'), { stepId: 'nested', jobId: 'inner' }], {
      outputs: { last: { step: 'nested', output: 'last' } },
    })
    const runId = await failed('two', 'outer')
    await retry(runId)
    const run = await world.ended(runId)
    expect(run).toMatchObject({ status: 'succeeded', outputs: { last: 'three!' }, costUsd: '0.005' })
    expect(world.provider.calls.filter(({ word }) => word === 'first')).toHaveLength(1)
    await world.sound()
  })

  it('takes up what was stopped, in the middle and before it began', async () => {
    await begin()
    await three()
    world.provider.stuck.add('two')
    const runId = await world.submit('three')
    await eventually(() => expect(world.provider.calls.at(-1)?.word).toBe('two'))
    await cancelRun(world.core, world.actor, runId)
    expect((await world.ended(runId)).status).toBe('cancelled')
    expect(world.provider.aborted).toEqual(['two'])
    world.provider.stuck.clear()
    await retry(runId)
    expect(await world.ended(runId)).toMatchObject({ status: 'succeeded', costUsd: '0.003' })
    // Stopped a second time, it is stopped.
    world.provider.stuck.add('one')
    const other = await world.submit('three')
    await cancelRun(world.core, world.actor, other)
    await world.ended(other)
    await retry(other)
    await eventually(async () => expect((await getRun(world.core, world.actor, other)).status).toBe('running'))
    await cancelRun(world.core, world.actor, other)
    expect((await world.ended(other)).status).toBe('cancelled')
    await world.sound()
  })

  it('takes the newest definition where only the steps themselves changed', async () => {
    await begin()
    await three()
    const runId = await failed('two')
    world.provider.broken.add('two')
    const change = (steps: JsonObject[]) =>
      world.job('three', steps, { outputs: { last: { step: 'three', output: 'text' } } })
    await change([say('one', 'one'), say('two', 'zwei'), say('three', 'three')])
    await retry(runId, { definition: 'newest' })
    const run = await world.ended(runId)
    expect(run).toMatchObject({ status: 'succeeded', jobVersion: 2, costUsd: '0.003' })
    expect(world.provider.calls.map(({ word }) => word)).toEqual(['one', 'two', 'zwei', 'three'])
    const other = await failed('zwei')
    await change([say('zero', 'zero'), say('one', 'one'), say('two', 'zwei'), say('three', 'three')])
    await expect(retry(other, { definition: 'newest' })).rejects.toMatchObject({ code: 'conflict' })
    await retry(other)
    expect(await world.ended(other)).toMatchObject({ status: 'succeeded', jobVersion: 2 })
    await world.sound()
  })

  it('from the start is another run with the same inputs, in the version asked for', async () => {
    await begin()
    await three()
    const runId = await failed('two')
    await world.job('three', [say('only', 'only')], { outputs: { last: { step: 'only', output: 'text' } } })
    const pinned = await retry(runId, { from: 'start' })
    const newest = await retry(runId, { from: 'start', definition: 'newest' })
    expect(await world.ended(pinned.runId)).toMatchObject({ jobVersion: 1, outputs: { last: 'three!' } })
    expect(await world.ended(newest.runId)).toMatchObject({ jobVersion: 2, outputs: { last: 'only!' } })
    expect((await getRun(world.core, world.actor, runId)).variants).toEqual(
      [pinned.runId, newest.runId].map((id) => id.replace('run_', 'var_')),
    )
    await world.sound()
  })

  it('finds nothing to do in what goes on or has ended well', async () => {
    await begin()
    await three()
    world.provider.stuck.add('two')
    const runId = await world.submit('three')
    await expect(retry(runId)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('going on') })
    world.provider.stuck.clear()
    await world.ended(runId)
    await expect(retry(runId)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('well') })
    await expect(retry('run_nope')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('counts a run of a team once, however often it is retried', async () => {
    await begin()
    const { core, actor } = world
    const team = await createTeam(core, actor, { name: 'Acme' })
    await grant(core, { ...actor, requestKey: 'credit' }, { to: team.id, amountUsd: '1', reason: 'start' })
    await setLimits(core, actor, { teamId: team.id, limits: { maxRunsPerMonth: 1 } })
    const inTeam = { ...actor, context: teamContext(team.id) }
    await saveJob(core, inTeam, { source: job([say('one', 'one'), say('two', 'two')]), publish: true })
    world.provider.broken.add('two')
    const { runId } = await submitRun(core, inTeam, { target: { job: 'in-team' }, inputs: {} })
    const ended = () =>
      eventually(async () => {
        const run = await getRun(core, inTeam, runId)
        expect(run.finishedAt).not.toBeNull()
        return run
      })
    await ended()
    expect(await submitRun(core, inTeam, { target: { job: 'in-team' }, inputs: {} })).toMatchObject({
      waitingFor: { limit: 'team_monthly_runs' },
    })
    world.provider.broken.clear()
    await retry(runId)
    expect(await ended()).toMatchObject({ status: 'succeeded', costUsd: '0.002' })
    await world.sound()
  })
})

const job = (steps: JsonObject[]): JsonObject => ({
  jobId: 'in-team',
  displayName: 'In a team',
  description: 'For a test.',
  inputSchema: { type: 'object', properties: {} },
  steps,
  outputs: {},
})
