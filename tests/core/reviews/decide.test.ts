import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCore } from '#core/create-core.ts'
import { checkLedger } from '#core/economy/check.ts'
import { getRun, runEvents } from '#core/runs/read.ts'
import { startWork } from '#core/work.ts'
import { openDatabase } from '#db/open.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { ask, createReviewTeam, say, type Team } from './people.ts'

describe.each(DIALECTS)('a review on %s', (dialect) => {
  let world: World
  let team: Team
  beforeAll(async () => {
    world = await createWorld(dialect)
    await startWork(world.core, { senders: new Map() })
    team = await createReviewTeam(world)
  })
  afterAll(async () => {
    await world.core.queue.stop(1_000)
    await world.end()
    expect(world.errors).toEqual([])
  })

  it('of the result: nothing counts before it is approved', async () => {
    const runId = await team.run({
      steps: [say('draft', 'Hello')],
      outputs: { text: { step: 'draft', output: 'text' } },
      review: { kind: 'decide', prompt: 'Shall it go out?' },
    })
    const review = await team.asked(runId)
    expect(review).toMatchObject({
      kind: 'decide',
      status: 'open',
      prompt: 'Shall it go out?',
      payload: { text: 'Hello' },
    })
    await team.decide(team.owner, review, 'approve', { comment: 'Nice' })
    const run = await team.ended(runId)
    expect(run).toMatchObject({
      status: 'succeeded',
      outputs: { text: 'Hello' },
      reviewId: review.id,
      costUsd: '0.0005',
    })
    const { items } = await runEvents(world.core, team.owner, runId)
    expect(items.map(({ type }) => type)).toEqual([
      'run.created',
      'run.started',
      'step.started',
      'step.succeeded',
      'step.waiting',
      'run.waiting',
      'review.opened',
      'review.decided',
      'review.approved',
      'step.succeeded',
      'run.succeeded',
      'run.settled',
    ])
    expect((await checkLedger(world.core)).sound).toBe(true)
  })

  it('sent back is made again with what was said, and asked anew', async () => {
    const runId = await team.run({
      steps: [say('draft', 'Hello {{ review.comment }}')],
      outputs: { text: { step: 'draft', output: 'text' } },
      review: { kind: 'decide' },
    })
    const first = await team.asked(runId)
    await team.decide(team.owner, first, 'request_changes', { comment: 'world' })
    const second = await team.asked(runId, 2)
    expect(second.payload).toEqual({ text: 'Hello world' })
    await expect(team.decide(team.owner, first, 'approve')).rejects.toMatchObject({ code: 'conflict' })
    await expect(
      team.decide(team.owner, { ...second, payloadHash: first.payloadHash }, 'approve'),
    ).rejects.toMatchObject({ code: 'conflict', message: /not what you were shown/ })
    await team.decide(team.owner, second, 'approve')
    const run = await team.ended(runId)
    expect(run).toMatchObject({ status: 'succeeded', outputs: { text: 'Hello world' }, costUsd: '0.001' })
    expect((await checkLedger(world.core)).sound).toBe(true)
  })

  it('decided while nobody works goes on with whoever works next, once', async () => {
    const runId = await team.run({
      steps: [say('draft', 'Hello'), ask('ok', { kind: 'decide' }), say('after', 'and on')],
      outputs: { text: { step: 'after', output: 'text' } },
    })
    const review = await team.asked(runId)
    await world.core.queue.stop(1_000)
    await team.decide(team.owner, review, 'approve')
    expect((await getRun(world.core, team.owner, runId)).status).toBe('waiting')
    const db = await openDatabase(world.databaseUrl)
    const { clock, ids, tools, settings, log } = world.core
    const next = createCore({ db, databaseUrl: world.databaseUrl, clock, ids, tools, settings, log })
    await next.queue.open()
    await startWork(next, { senders: new Map() })
    const run = await team.ended(runId)
    expect(run).toMatchObject({ status: 'succeeded', outputs: { text: 'and on' }, costUsd: '0.001' })
    const { items } = await runEvents(next, team.owner, runId)
    expect(items.filter(({ type, details }) => type === 'step.succeeded' && details.stepId === 'ok')).toHaveLength(1)
    await next.queue.stop(1_000)
    await next.queue.close()
    await db.close()
  })
})
