import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pauseAgent, resumeAgent, retireAgent } from '#core/agents/change.ts'
import { checkLedger } from '#core/economy/check.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { type AgentsWorld, call, createAgentsWorld, steps } from './agents-world.ts'

describe.each(DIALECTS)('an agent at its work, on %s', (dialect) => {
  let world: AgentsWorld
  beforeAll(async () => {
    world = await createAgentsWorld(dialect)
  })
  beforeEach(() => {
    world.made.length = 0
    world.models.requests.length = 0
  })
  afterAll(async () => {
    expect(await checkLedger(world.core)).toMatchObject({ sound: true })
    expect(world.errors).toEqual([])
    await world.end()
  })

  it('answers, and the answer is the result', async () => {
    await world.hire({ instructions: 'Be brief.' })
    world.models.script = () => 'The answer is 4.'
    const run = await world.ended(await world.run('What is 2 + 2?'))
    expect(run).toMatchObject({
      status: 'succeeded',
      outputs: { text: 'The answer is 4.', tainted: false, mock: true },
    })
    const [request] = world.models.requests
    expect(request?.system).toContain('Be brief.')
    expect(request?.messages).toEqual([{ role: 'user', text: 'Goal: What is 2 + 2?' }])
  })

  it('what it sends goes out once, under the name of what ran', async () => {
    await world.hire({ tools: ['chat.send'] })
    world.models.script = steps(call('chat_send', { to: 'me', text: 'Look at this' }), 'Sent.')
    const run = await world.ended(await world.run('Tell me.'))
    expect(run.outputs).toMatchObject({ calls: [{ toolId: 'chat.send', status: 'succeeded' }] })
    const sent = await query(world.core.db, (q) =>
      q.selectFrom('notification').select(['text', 'parts_json']).where('type', '=', 'message'),
    )
    expect(sent).toHaveLength(1)
    expect(sent[0]?.parts_json).toContain('Look at this')
  })

  it('paused, it goes on with what it has begun and begins nothing; let go, it does neither', async () => {
    const { core, team } = world
    const name = await world.hire()
    const during = (change: typeof pauseAgent) => {
      world.models.script = async (_, answered) => {
        if (answered === 0) await change(core, team.owner, name)
        return answered === 0 ? call('test_think', { what: 'a' }) : 'Done.'
      }
    }
    during(pauseAgent)
    expect(await world.ended(await world.run('Think.'))).toMatchObject({
      status: 'succeeded',
      outputs: { text: 'Done.' },
    })
    expect(await world.ended(await world.run('Think.'))).toMatchObject({ status: 'failed', error: { code: 'refused' } })
    await resumeAgent(core, team.owner, name)
    during(retireAgent)
    expect(await world.ended(await world.run('Think.'))).toMatchObject({ status: 'failed', error: { code: 'refused' } })
    expect(world.made).toHaveLength(1)
  })

  it('calls its tools one after the other, and everything it spent is what the run costs', async () => {
    await world.hire()
    world.models.script = steps(
      {
        calls: [
          ['test_think', { what: 'a' }],
          ['test_write', { what: 'b' }],
        ],
      },
      call('test_buy', { what: 'c' }),
      'All done.',
    )
    const runId = await world.run('Do a, b and c.')
    const run = await world.ended(runId)
    expect(run.outputs).toMatchObject({
      text: 'All done.',
      calls: [
        { toolId: 'test.think', status: 'succeeded' },
        { toolId: 'test.write', status: 'succeeded' },
        { toolId: 'test.buy', status: 'succeeded' },
      ],
    })
    expect(world.made.map(({ toolId, key }) => [toolId, key.replace(runId, 'run')])).toEqual([
      ['test.think', 'run:call:1:call-1'],
      ['test.write', 'run:call:1:call-2'],
      ['test.buy', 'run:call:1:call-3'],
    ])
    const turns = await world.turns(runId)
    expect(turns.map(({ kind }) => kind).join(' ')).toBe('start model call result call result model call result model')
    const costMicros = turns.reduce((sum, { cost }) => sum + cost, 0n)
    expect(run.costUsd).toBe((Number(costMicros) / 1e6).toString())
    expect((run.outputs as { usage: { costUsd: string } }).usage.costUsd).toBe(run.costUsd)
    expect(world.models.requests.at(-1)?.messages.at(-1)).toMatchObject({ role: 'tool', isError: false })
  })
})
