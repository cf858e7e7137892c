import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Actor } from '#core/actor.ts'
import { contextKey } from '#core/context.ts'
import type { JsonObject } from '#core/json.ts'
import { reviewParts } from '#core/reviews/card.ts'
import { saveToolDefaults } from '#core/tools/defaults.ts'
import { findReview } from '#db/reviews.ts'
import { ShiftedClock } from '#tests/support/chat-world.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { type AgentsWorld, call, createAgentsWorld, hireAgent, steps } from './agents-world.ts'

const DAY_MS = 24 * 3_600_000

describe.each(DIALECTS)('a call that needs an approval, on %s', (dialect) => {
  let world: AgentsWorld
  let ben: Actor
  let cem: Actor
  const clock = new ShiftedClock()
  const asks = { permissions: { read: 'auto', write: 'ask', spend: 'ask' } } as const
  beforeAll(async () => {
    world = await createAgentsWorld(dialect, { clock })
    ;[ben, cem] = await Promise.all([world.team.join('ben', 'member'), world.team.join('cem', 'member')])
  })
  beforeEach(() => {
    world.made.length = 0
    world.models.requests.length = 0
  })
  afterAll(async () => {
    expect(world.errors).toEqual([])
    await world.end()
  })

  it('waits with its exact parameters, holds no worker, and is made once when somebody approves', async () => {
    const name = await world.hire(asks)
    world.models.script = steps(call('test_write', { what: 'the letter', to: ['a', 'b'] }), 'Sent.')
    const runId = await world.run('Send the letter.')
    const review = await world.team.asked(runId)
    expect(review).toMatchObject({
      kind: 'decide',
      title: `${name}: test.write`,
      prompt: `${name} wants to use test.write. This agent asks before it uses what changes something outside.`,
      payload: { tool: 'test.write', parameters: { what: 'the letter', to: ['a', 'b'] } },
    })
    expect(world.made).toEqual([])
    expect(world.models.requests).toHaveLength(1)
    await world.team.decide(ben, review, 'approve')
    expect(await world.ended(runId)).toMatchObject({ status: 'succeeded', outputs: { text: 'Sent.' } })
    expect(world.made).toEqual([
      { toolId: 'test.write', input: { what: 'the letter', to: ['a', 'b'] }, key: `${runId}:call:1:call-1` },
    ])
    expect(world.models.requests).toHaveLength(2)
    const turns = await world.turns(runId)
    expect(turns.map(({ kind }) => kind).join(' ')).toBe('start model approval call result model')
  })

  it('shows all of what is approved, however long, and refuses to ask for what nobody reads', async () => {
    await world.hire(asks)
    const long = 'x'.repeat(9_000)
    world.models.script = steps(
      call('test_write', { what: long }),
      call('test_write', { what: long.repeat(2) }),
      'Done.',
    )
    const runId = await world.run('Send something long.')
    const review = await world.team.asked(runId)
    const row = await findReview.first(world.core.db, { id: review.id })
    if (!row) throw new Error('no review')
    const card = await reviewParts(world.core.db, row, { isPrivate: true })
    expect(JSON.stringify(card)).toContain(long)
    expect(JSON.stringify(card)).not.toContain('There is more of it')
    await world.team.decide(ben, review, 'approve')
    expect((await world.ended(runId)).outputs).toMatchObject({
      calls: [{ status: 'succeeded' }, { status: 'refused' }],
    })
    expect(world.made).toHaveLength(1)
  })

  it('shows what is saved for the tool as well, without what opens something', async () => {
    await world.hire(asks)
    const { owner } = world.team
    const save = (inputs: JsonObject | null) =>
      world.core.db.write((tx) => saveToolDefaults(tx, contextKey(owner.context), { 'test.write': inputs }))
    await save({ to: 'all', what: 'unsaid', headers: { Authorization: 'Bearer 0123456789abcdef' } })
    world.models.script = steps(call('test_write', { what: 'x' }), 'Done.')
    const runId = await world.run('Send it.')
    await save(null)
    const review = await world.team.asked(runId)
    expect(review.payload).toMatchObject({ parameters: { what: 'x' } })
    expect(review.payload.savedInputs).toEqual({
      'test.write': { to: 'all', headers: { Authorization: '••••cdef' } },
    })
    await world.team.decide(ben, review, 'approve')
    await world.ended(runId)
    expect(world.made).toMatchObject([{ input: { what: 'x', to: 'all' } }])
  })

  it('counts what is too long by how it is shown, with its lines and indents', async () => {
    await world.hire(asks)
    world.models.script = steps(call('test_write', { to: Array(7_500).fill(0), what: 'evil.example' }), 'Done.')
    const run = await world.ended(await world.run('Send many.'))
    expect(run.outputs).toMatchObject({ calls: [{ status: 'refused' }] })
    expect(world.made).toEqual([])
  })

  it.each([
    ['reject', 'rejected it: Not today.'],
    ['request_changes', 'asked for something else: Not today.'],
  ] as const)('%s is told to the agent, which goes on', async (decision, words) => {
    await world.hire(asks)
    world.models.script = steps(call('test_write', { what: 'x' }), 'I did not.')
    const runId = await world.run('Send it.')
    await world.team.decide(ben, await world.team.asked(runId), decision, { comment: 'Not today.' })
    expect(await world.ended(runId)).toMatchObject({
      status: 'succeeded',
      outputs: { text: 'I did not.', calls: [{ toolId: 'test.write', status: 'rejected' }], tainted: true },
    })
    expect(world.made).toEqual([])
    expect(JSON.stringify(world.models.requests.at(-1)?.messages.at(-1))).toContain(`@${ben.handle} ${words}`)
  })

  it('of two who decide at once, the first counts, and the call is made once', async () => {
    await world.hire(asks)
    world.models.script = steps(call('test_buy', { what: 'one' }), 'Bought.')
    const runId = await world.run('Buy one.')
    const review = await world.team.asked(runId)
    const both = await Promise.allSettled([ben, cem].map((who) => world.team.decide(who, review, 'approve')))
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await world.ended(runId)
    expect(world.made).toHaveLength(1)
  })

  it('who started it may approve, and a job that says otherwise is heeded', async () => {
    await world.hire(asks)
    world.models.script = steps(call('test_write', { what: 'x' }), 'Done.')
    const runId = await world.run('Send it.', {}, ben)
    await world.team.decide(ben, await world.team.asked(runId), 'approve')
    expect((await world.ended(runId)).status).toBe('succeeded')
    const [name] = [await world.hire(asks)]
    const strict = await world.team.run(
      {
        steps: [
          { stepId: 'work', toolId: 'agent.run', inputMappings: { agent: { value: name }, goal: { value: 'Go.' } } },
        ],
        outputs: { text: { step: 'work', output: 'text' } },
        review: { kind: 'decide', selfApproval: false },
      },
      {},
      ben,
    )
    const review = await world.team.asked(strict)
    await expect(world.team.decide(ben, review, 'approve')).rejects.toThrow('somebody else decides')
    await world.team.decide(cem, review, 'approve')
    await world.team.decide(cem, await world.team.asked(strict), 'approve')
    expect((await world.ended(strict)).status).toBe('succeeded')
  })

  it('nobody decides for three days: it counts as no, and the agent goes on', async () => {
    await world.hire(asks)
    world.models.script = steps(call('test_write', { what: 'x' }), 'Nobody answered.')
    const runId = await world.run('Send it.')
    await world.team.asked(runId)
    clock.advance(3 * DAY_MS + 1_000)
    expect(await world.ended(runId)).toMatchObject({
      status: 'succeeded',
      outputs: { calls: [{ status: 'rejected' }] },
    })
    expect(world.made).toEqual([])
  })

  it('a tool that has changed between approval and call is asked about anew', async () => {
    const name = await world.hire({ ...asks, tools: ['endpoint.*'] })
    const { createEndpoint, changeEndpoint } = await import('#core/endpoints/save.ts')
    const definition = {
      name: 'crm',
      description: 'The CRM.',
      method: 'POST' as const,
      url: 'https://crm.invalid/a',
      headers: {},
      connection: null,
      bodySchema: null,
      timeoutMs: 1_000,
      maxRequestBytes: 1_000,
      maxResponseBytes: 1_000,
      fireAndForget: true,
      response: null,
    }
    await createEndpoint(world.core, world.team.owner, definition)
    world.models.script = steps(call('endpoint_crm', { body: 'x' }), 'Done.')
    const runId = await world.run('Tell the CRM.')
    const first = await world.team.asked(runId)
    await changeEndpoint(world.core, world.team.owner, 'crm', { ...definition, url: 'https://elsewhere.invalid/a' })
    await world.team.decide(ben, first, 'approve')
    const second = await world.team.asked(runId, 2)
    expect(second.prompt).toContain('the tool has changed since')
    expect(second.payloadHash).not.toBe(first.payloadHash)
    expect((await world.turns(runId)).map(({ kind }) => kind)).not.toContain('call')
    await world.team.decide(ben, second, 'approve')
    expect(await world.ended(runId)).toMatchObject({ status: 'succeeded' })
    expect(name).toBeTruthy()
  })

  it('is not made when the agent may not do it any more, after the approval', async () => {
    const name = await world.hire(asks)
    world.models.script = steps(call('test_write', { what: 'x' }), 'Refused.')
    const runId = await world.run('Send it.')
    const review = await world.team.asked(runId)
    await hireAgent(world, world.team.owner, name, { permissions: { read: 'auto', write: 'never', spend: 'never' } })
    await world.team.decide(ben, review, 'approve')
    expect((await world.ended(runId)).outputs).toMatchObject({ calls: [{ status: 'refused' }] })
    expect(world.made).toEqual([])
  })

  it('a run that is stopped meanwhile asks nobody any more', async () => {
    await world.hire(asks)
    world.models.script = steps(call('test_write', { what: 'x' }), 'Done.')
    const runId = await world.run('Send it.')
    const review = await world.team.asked(runId)
    const { cancelRun } = await import('#core/runs/cancel.ts')
    await cancelRun(world.core, world.team.owner, runId)
    const run = await world.ended(runId)
    expect(run.status).toBe('cancelled')
    // What its model said is paid for.
    expect(Number(run.costUsd)).toBeGreaterThan(0)
    await expect(world.team.decide(ben, review, 'approve')).rejects.toThrow('ended before anybody decided')
    expect(world.made).toEqual([])
  })
})
