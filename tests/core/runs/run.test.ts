import { afterEach, describe, expect, it } from 'vitest'
import { createAccountByOperator } from '#core/accounts/create.ts'
import type { Actor } from '#core/actor.ts'
import { personal } from '#core/context.ts'
import { checkLedger } from '#core/economy/check.ts'
import { saveJob } from '#core/jobs/save.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { cancelRun } from '#core/runs/cancel.ts'
import { getRun, runEvents } from '#core/runs/read.ts'
import { submitRun } from '#core/runs/submit.ts'
import { startWork } from '#core/work.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'

const LOG = 'a1b2c3d feat: first\nb2c3d4e fix: second\n'

describe.each(DIALECTS)('a run on %s', (dialect) => {
  let world: World
  afterEach(async () => {
    await world.core.queue.stop(1_000)
    await world.end()
  })

  async function begin(): Promise<Actor> {
    world = await createWorld(dialect)
    await seedShipped(world.core)
    const account = await createAccountByOperator(world.core, { handle: 'ada', admin: true })
    await startWork(world.core, { handle: async () => ({ replies: [] }), senders: new Map() })
    return {
      accountId: account.id,
      handle: 'ada',
      platformRole: 'admin',
      channel: 'api',
      context: personal(account.id),
    }
  }
  const ended = (actor: Actor, runId: string) =>
    eventually(async () => {
      const run = await getRun(world.core, actor, runId)
      expect(run.finishedAt).not.toBeNull()
      return run
    })

  it('takes text through two tools and charges what they cost', async () => {
    const actor = await begin()
    const { runId } = await submitRun(world.core, actor, { target: { job: 'release-notes' }, inputs: { commits: LOG } })
    const run = await ended(actor, runId)
    expect(run.status).toBe('succeeded')
    expect(run.costUsd).toBe('0.002')
    expect(run.outputs?.notes).toContain('first')
    expect((await checkLedger(world.core)).sound).toBe(true)
    const { items } = await runEvents(world.core, actor, runId)
    expect(items.map(({ type }) => type)).toEqual([
      'run.created',
      'run.started',
      'step.started',
      'step.succeeded',
      'step.started',
      'step.succeeded',
      'run.succeeded',
      'run.settled',
    ])
    expect(world.errors).toEqual([])
  })

  it('is one run however often it is asked for with the same key', async () => {
    const actor = { ...(await begin()), requestKey: 'once' }
    const request = { target: { job: 'release-notes' }, inputs: { commits: LOG } }
    const runs = await Promise.all(Array.from({ length: 5 }, () => submitRun(world.core, actor, request)))
    expect(new Set(runs.map(({ runId }) => runId)).size).toBe(1)
    await expect(
      submitRun(world.core, actor, { ...request, inputs: { commits: 'a1b2c3d feat: other' } }),
    ).rejects.toMatchObject({ code: 'idempotency_key_reused' })
  })

  it('runs nested jobs and copies under one hold, and pays for all of them', async () => {
    const actor = await begin()
    const inner = {
      jobId: 'inner',
      displayName: 'Inner',
      description: 'One line.',
      inputSchema: { type: 'object', required: ['word'], properties: { word: { type: 'string' } } },
      steps: [
        {
          stepId: 'say',
          toolId: 'text.template',
          inputMappings: { template: { value: 'Hello {{ word }}' }, data: { value: { word: 'you' } } },
        },
      ],
      outputs: { text: { step: 'say', output: 'text' } },
    }
    const outer = {
      jobId: 'outer',
      displayName: 'Outer',
      description: 'Many.',
      inputSchema: {
        type: 'object',
        required: ['words'],
        properties: { words: { type: 'array', items: { type: 'string' } } },
      },
      steps: [{ stepId: 'each', jobId: 'inner', forEach: { input: 'words' }, inputMappings: { word: { item: true } } }],
      outputs: { texts: { step: 'each', output: 'items' } },
    }
    await saveJob(world.core, actor, { source: inner, publish: true })
    await saveJob(world.core, actor, { source: outer, publish: true })
    const words = Array.from({ length: 12 }, (_, index) => `w${index}`)
    const { runId } = await submitRun(world.core, actor, { target: { job: 'outer' }, inputs: { words } })
    const run = await ended(actor, runId)
    expect(run.error).toBeNull()
    expect(run.status).toBe('succeeded')
    expect(run.costUsd).toBe('0.006')
    expect(run.outputs?.texts).toHaveLength(12)
    expect((await checkLedger(world.core)).sound).toBe(true)
    expect(world.errors).toEqual([])
  })

  it('can be stopped while it waits, and pays for what was done', async () => {
    const actor = await begin()
    const slow = {
      jobId: 'slow',
      displayName: 'Slow',
      description: 'Waits.',
      inputSchema: { type: 'object', properties: {} },
      steps: [
        { stepId: 'say', toolId: 'text.template', inputMappings: { template: { value: 'x' }, data: { value: {} } } },
        { stepId: 'pause', wait: { ms: 600_000 } },
      ],
      outputs: {},
    }
    await saveJob(world.core, actor, { source: slow, publish: true })
    const { runId } = await submitRun(world.core, actor, { target: { job: 'slow' }, inputs: {} })
    await eventually(async () => expect((await getRun(world.core, actor, runId)).status).toBe('waiting'))
    await cancelRun(world.core, actor, runId)
    const run = await ended(actor, runId)
    expect(run.status).toBe('cancelled')
    expect(run.costUsd).toBe('0.0005')
    expect((await checkLedger(world.core)).sound).toBe(true)
  })

  it('wakes up from a wait by itself', async () => {
    const actor = await begin()
    const { runId } = await submitRun(world.core, actor, { target: { tool: 'wait' }, inputs: { ms: 300 } })
    const run = await ended(actor, runId)
    expect(run.status).toBe('succeeded')
  })
})
