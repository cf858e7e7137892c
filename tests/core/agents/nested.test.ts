import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { saveJob } from '#core/jobs/save.ts'
import type { JsonObject } from '#core/json.ts'
import { compilePlan } from '#core/plans/compile.ts'
import { cycleKey } from '#core/plans/cycle-key.ts'
import type { Plan } from '#core/plans/plan.ts'
import { cancelRun } from '#core/runs/cancel.ts'
import { prepareDefined } from '#core/runs/prepare.ts'
import { getRun } from '#core/runs/read.ts'
import { submitPrepared } from '#core/runs/submit.ts'
import { query, statement } from '#db/statement.ts'
import { ShiftedClock } from '#tests/support/chat-world.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type AgentsWorld, call, createAgentsWorld, steps } from './agents-world.ts'

describe.each(DIALECTS)('runs that an agent starts, on %s', (dialect) => {
  let world: AgentsWorld
  const clock = new ShiftedClock()
  beforeAll(async () => {
    world = await createAgentsWorld(dialect, { clock })
  })
  beforeEach(() => {
    world.made.length = 0
  })
  afterAll(async () => {
    expect(world.errors).toEqual([])
    await world.end()
  })

  const job = async (jobId: string, toolId: string): Promise<void> => {
    const source: JsonObject = {
      jobId,
      displayName: jobId,
      description: 'For a test.',
      inputSchema: { type: 'object', required: ['what'], properties: { what: { type: 'string' } } },
      steps: [{ stepId: 'do', toolId, inputMappings: { what: { input: 'what' } } }],
      outputs: { text: { step: 'do', output: 'text' } },
    }
    await saveJob(world.core, world.team.owner, { source, publish: true })
  }
  const childrenOf = (runId: string) =>
    query(world.core.db, (q) => q.selectFrom('run').selectAll().where('parent_run_id', '=', runId).orderBy('id'))

  it('a job is a run of its own, under the money of the agent, and its outputs are what the call gives', async () => {
    await job('greet', 'test.think')
    await world.hire({ tools: [], jobs: ['greet', 'gone'] })
    world.models.script = steps(call('job_greet', { what: 'hello' }), 'Greeted.')
    const runId = await world.run('Greet.')
    const run = await world.ended(runId)
    expect(run).toMatchObject({
      status: 'succeeded',
      outputs: { calls: [{ toolId: 'job_greet', status: 'succeeded' }], tainted: false },
    })
    expect(world.models.requests.at(-1)?.tools?.map(({ name }) => name)).toEqual(['job_greet'])
    expect(world.models.requests.at(-1)?.messages.at(-1)).toMatchObject({ output: { text: 'did hello' } })
    const [child] = await childrenOf(runId)
    expect(child).toMatchObject({ job_key: 'greet', status: 'succeeded', depth: 1, cost_micros: 1_000n })
    const turns = await world.turns(runId)
    expect(turns.find(({ kind, json }) => kind === 'result' && json.toolId === 'job_greet')?.cost).toBe(1_000n)
  })

  it('waits in the database, however long', async () => {
    await world.hire({ tools: ['wait'] })
    world.models.script = steps(call('wait', { ms: 5 * 24 * 3_600_000 }), 'Waited.')
    const runId = await world.run('Wait five days.')
    await eventually(async () => {
      const [child] = await childrenOf(runId)
      expect(child?.status).toBe('waiting')
    })
    expect((await getRun(world.core, world.team.owner, runId)).steps[0]).toMatchObject({
      status: 'waiting',
      waitsFor: { kind: 'job' },
    })
    clock.advance(5 * 24 * 3_600_000 + 1_000)
    expect(await world.ended(runId)).toMatchObject({ status: 'succeeded', outputs: { text: 'Waited.' } })
  })

  it('what does something outside needs the same permission as a tool', async () => {
    await job('mail-all', 'test.write')
    await world.hire({ tools: [], jobs: ['mail-all'], permissions: { read: 'auto', write: 'ask', spend: 'ask' } })
    world.models.script = steps(call('job_mail-all', { what: 'x' }), 'Done.')
    const runId = await world.run('Mail everybody.')
    const review = await world.team.asked(runId)
    expect(review.payload).toMatchObject({ tool: 'job_mail-all', parameters: { what: 'x' } })
    expect(await childrenOf(runId)).toEqual([])
    await world.team.decide(world.team.owner, review, 'approve')
    await world.ended(runId)
    expect(world.made).toEqual([expect.objectContaining({ toolId: 'test.write', input: { what: 'x' } })])
  })

  it('what a plan hands it counts as coming from outside', async () => {
    const { core, team } = world
    const name = await world.hire()
    const source: JsonObject = {
      jobId: 'assist',
      displayName: 'Assist',
      description: 'For a test.',
      inputSchema: { type: 'object', properties: { goal: { type: 'string' } } },
      steps: [
        { stepId: 'do', toolId: 'agent.run', inputMappings: { agent: { value: name }, goal: { input: 'goal' } } },
      ],
      outputs: { tainted: { step: 'do', output: 'tainted' } },
    }
    await saveJob(core, team.owner, { source, publish: true })
    world.models.script = steps(call('test_write', { what: 'x' }), 'Done.')
    const planned = async (follower?: string): Promise<string> => {
      const asked = { id: 'a', endpoint: 'job:assist', parameters: { goal: 'Post it.' }, headers: {}, priority: 0 }
      const plan: Plan = {
        calls: [{ ...asked, dependsOn: [], critical: false }],
        strategy: 'sequential',
        concurrencyLimit: 1,
        reasoning: '',
        confidence: 1,
      }
      const definition = compilePlan(plan, { goal: 'watch' })
      const prepared = await prepareDefined(core, team.owner, definition, follower ? { follower } : {})
      const { runId } = await core.db.write(async function submitPlanned(tx) {
        return submitPrepared(core, tx, team.owner, prepared, undefined)
      })
      return runId
    }
    // By itself it may write: the same job, asked for by a person.
    await world.ended(await planned())
    expect(world.made).toHaveLength(1)
    world.made.length = 0
    const runId = await planned(cycleKey('cyc_test'))
    const review = await team.asked(runId)
    expect(review.prompt).toContain('a plan that a model made')
    expect(world.made).toEqual([])
    await team.decide(team.owner, review, 'approve')
    await world.ended(runId)
    expect(world.made).toHaveLength(1)
    const [child] = await childrenOf(runId)
    expect((await world.ended(child?.id ?? '')).outputs).toEqual({ tainted: true })
  })

  it('inputs that do not fit, and a job that fails, are told', async () => {
    await world.hire({ tools: [], jobs: ['greet'] })
    world.models.script = steps(call('job_greet', {}), call('job_greet', { what: 'fail' }), 'Neither.')
    const run = await world.ended(await world.run('Greet.'))
    expect(run).toMatchObject({ status: 'succeeded', outputs: { calls: [{ status: 'failed' }, { status: 'failed' }] } })
    const told = JSON.stringify(world.models.requests.at(-1)?.messages)
    expect(told).toContain('what is required')
    expect(told).toContain('The provider said no.')
  })

  it('an agent that asks an agent, five deep and no deeper', async () => {
    await world.hire({ tools: ['agent.run'], maxRunUsd: '0.10' }, 'chain')
    world.models.script = (request, answered) => {
      if (answered > 0) return `After: ${JSON.stringify(request.messages.at(-1))}`
      const depth = Number(/level (\d)/.exec(JSON.stringify(request.messages[0]))?.[1] ?? 0)
      return call('agent_run', { agent: 'chain', goal: `Go to level ${depth + 1}.`, maxCostUsd: `0.0${9 - depth}` })
    }
    const runId = await world.run('Go to level 0.')
    const run = await world.ended(runId)
    expect(run.status).toBe('succeeded')
    const depths = await query(world.core.db, (q) =>
      q
        .selectFrom('run')
        .select('depth')
        .where('job_key', '=', 'agent-run')
        .where('created_at_ms', '>=', Date.parse(run.createdAt)),
    )
    expect(Math.max(...depths.map(({ depth }) => depth))).toBe(5)
    const refused = await query(world.core.db, (q) =>
      q
        .selectFrom('agent_turn')
        .select('json')
        .where('kind', '=', 'result')
        .where('json', 'like', '%"status":"refused"%5 deep%'),
    )
    expect(refused).toHaveLength(1)
  })

  it('is stopped with the agent, and what it cost so far is paid', async () => {
    await world.hire({ tools: ['wait', 'test.think'] })
    world.models.script = steps(call('test_think', { what: 'a' }), call('wait', { ms: 24 * 3_600_000 }), 'Done.')
    const runId = await world.run('Think, then wait.')
    await eventually(async () => expect((await childrenOf(runId))[0]?.status).toBe('waiting'))
    await cancelRun(world.core, world.team.owner, runId)
    const run = await world.ended(runId)
    expect(run.status).toBe('cancelled')
    await eventually(async () => expect((await childrenOf(runId))[0]?.status).toBe('cancelled'))
    const spent = (await world.turns(runId)).reduce((sum, { cost }) => sum + cost, 0n)
    expect(spent).toBeGreaterThan(1_000n)
    expect(BigInt(Math.round(Number(run.costUsd) * 1e6))).toBe(spent)
  })

  const costOf = async (runId: string): Promise<{ child: bigint; ofCall: bigint; whole: bigint; charged: bigint }> => {
    const run = await getRun(world.core, world.team.owner, runId)
    const turns = await world.turns(runId)
    const asked = await query(world.core.db, (q) => q.selectFrom('model_call').selectAll().where('run_id', '=', runId))
    const sum = (amounts: bigint[]): bigint => amounts.reduce((all, one) => all + one, 0n)
    const made = turns.filter(({ kind }) => kind === 'call' || kind === 'result')
    return {
      child: sum((await childrenOf(runId)).map(({ cost_micros }) => cost_micros)),
      ofCall: sum(made.filter(({ json }) => String(json.toolId).startsWith('job_')).map(({ cost }) => cost)),
      whole: sum([...asked.map(({ cost_micros }) => cost_micros), ...made.map(({ cost }) => cost)]),
      charged: BigInt(Math.round(Number(run.costUsd) * 1e6)),
    }
  }
  const twoSteps = async (jobId: string, last: JsonObject): Promise<void> => {
    const source: JsonObject = {
      jobId,
      displayName: jobId,
      description: 'For a test.',
      inputSchema: { type: 'object', properties: {} },
      steps: [{ stepId: 'do', toolId: 'test.think', inputMappings: { what: { value: jobId } } }, last],
      outputs: { text: { step: 'do', output: 'text' } },
    }
    await saveJob(world.core, world.team.owner, { source, publish: true })
  }

  it('what it has cost by then is paid when its agent is stopped, and is in the record of the call', async () => {
    await twoSteps('slow', { stepId: 'rest', toolId: 'wait', inputMappings: { ms: { value: 3_600_000 } } })
    await world.hire({ tools: [], jobs: ['slow'] })
    world.models.script = steps(call('job_slow', {}), 'Done.')
    const runId = await world.run('Go.')
    await eventually(async () => expect((await childrenOf(runId))[0]?.status).toBe('waiting'))
    await cancelRun(world.core, world.team.owner, runId)
    expect((await world.ended(runId)).status).toBe('cancelled')
    // In the same moment, and not some time later.
    expect((await childrenOf(runId)).map(({ status }) => status)).toEqual(['cancelled'])
    const { child, ofCall, whole, charged } = await costOf(runId)
    // A thought, and the wait that had begun.
    expect(child).toBe(1_200n)
    expect(ofCall).toBe(child)
    expect(charged).toBe(whole)
    expect((await world.turns(runId)).at(-1)?.json).toMatchObject({ status: 'failed', output: { code: 'cancelled' } })
  })

  it('is paid for when the agent may not go on before it has heard how it ended', async () => {
    await twoSteps('short', { stepId: 'rest', toolId: 'wait', inputMappings: { ms: { value: 60_000 } } })
    const name = await world.hire({ tools: [], jobs: ['short'] })
    world.models.script = steps(call('job_short', {}), 'Done.')
    const runId = await world.run('Go.')
    await eventually(async () => expect((await childrenOf(runId))[0]?.status).toBe('waiting'))
    await world.core.db.write((tx) => retire.run(tx, { name }))
    clock.advance(61_000)
    expect(await world.ended(runId)).toMatchObject({ status: 'failed', error: { code: 'refused' } })
    expect((await childrenOf(runId)).map(({ status }) => status)).toEqual(['succeeded'])
    const { child, ofCall, whole, charged } = await costOf(runId)
    expect(child).toBe(1_200n)
    expect(ofCall).toBe(child)
    expect(charged).toBe(whole)
  })

  it('ends at whatever moment while its agent is stopped: it is paid for once', { timeout: 120_000 }, async () => {
    await twoSteps('quick', { stepId: 'more', toolId: 'test.think', inputMappings: { what: { value: 'more' } } })
    await world.hire({ tools: ['test.think'], jobs: ['quick'] })
    world.models.script = steps(
      call('job_quick', {}),
      call('test_think', { what: 'between' }),
      call('job_quick', {}),
      'Done.',
    )
    const ends = new Set<string>()
    const play = async (round: number): Promise<void> => {
      const runId = await world.run('Go.')
      await sleep(round * 3)
      await cancelRun(world.core, world.team.owner, runId)
      const { status } = await world.ended(runId)
      const children = await childrenOf(runId)
      for (const child of children) ends.add(`${status} with ${child.status}`)
      expect(children.every(({ finished_at_ms }) => finished_at_ms !== null)).toBe(true)
      const { child, ofCall, whole, charged } = await costOf(runId)
      expect(ofCall).toBe(child)
      expect(charged).toBe(whole)
    }
    for (let round = 0; round < 40; round++) await play(round)
    await Promise.all(Array.from({ length: 24 }, (_, round) => play(round * 4)))
    expect([...ends]).toEqual(expect.arrayContaining(['cancelled with cancelled', 'cancelled with succeeded']))
  })
})

const retire = statement((q, p: { name: string }) =>
  q.updateTable('agent').set({ status: 'retired' }).where('name', '=', p.name),
)
