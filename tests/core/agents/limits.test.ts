import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkLedger } from '#core/economy/check.ts'
import type { AppError } from '#core/errors.ts'
import { saveJob } from '#core/jobs/save.ts'
import type { JsonObject } from '#core/json.ts'
import { parseUsd } from '#core/money.ts'
import { readBudget } from '#core/policy/budgets/read.ts'
import { createBudget, removeBudget, updateBudget } from '#core/policy/budgets/save.ts'
import { savePolicy } from '#core/policy/save.ts'
import { submitRun } from '#core/runs/submit.ts'
import { removeMember } from '#core/teams/leave.ts'
import { updateTeam } from '#core/teams/update.ts'
import { updateMember } from '#core/teams/update-member.ts'
import { query } from '#db/statement.ts'
import { ShiftedClock } from '#tests/support/chat-world.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { type AgentsWorld, call, createAgentsWorld, steps } from './agents-world.ts'

describe.each(DIALECTS)('what an agent may take, on %s', (dialect) => {
  let world: AgentsWorld
  const clock = new ShiftedClock()
  beforeAll(async () => {
    world = await createAgentsWorld(dialect, { clock })
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

  const micros = (usd: string): bigint => parseUsd(usd) ?? -1n

  it('25 answers, and what was done until then stays and is paid', async () => {
    await world.hire()
    world.models.script = (_, answered) => call('test_think', { what: String(answered) })
    const runId = await world.run('Never end.')
    const run = await world.ended(runId)
    expect(run).toMatchObject({ status: 'failed', error: { code: 'limit_exceeded' } })
    expect(run.error?.message).toContain('asked its model 25 times')
    expect(world.models.requests).toHaveLength(25)
    expect(world.made).toHaveLength(25)
    expect(micros(run.costUsd)).toBeGreaterThan(25_000n)
  })

  it('a model that never ends, a hundred times with a hundred holds: none spends more than is held', async () => {
    await world.hire({ maxRunUsd: '0.05' })
    world.models.script = (_, answered) => call(answered % 2 ? 'test_think' : 'test_buy', { what: String(answered) })
    const holds = Array.from({ length: 100 }, (_, index) => 100 + index * 397)
    const spend = async (held: number): Promise<void> => {
      const run = await world.ended(await world.run('Never end.', { maxCostUsd: `0.${String(held).padStart(6, '0')}` }))
      expect(run).toMatchObject({ status: 'failed', error: { code: 'limit_exceeded' } })
      expect(micros(run.maxUsd)).toBe(BigInt(held))
      expect(micros(run.costUsd)).toBeLessThanOrEqual(BigInt(held))
    }
    for (let begun = 0; begun < holds.length; begun += 10) await Promise.all(holds.slice(begun, begun + 10).map(spend))
    const owed = await query(world.core.db, (q) => q.selectFrom('run').select('id').where('owed_micros', '>', 0n))
    expect(owed).toEqual([])
  }, 120_000)

  it('its own limit holds when the call says more, and the hold is what it may spend', async () => {
    await world.hire({ maxRunUsd: '0.02' })
    world.models.script = steps('Done.')
    const run = await world.ended(await world.run('Go.', { maxCostUsd: '5.00' }))
    expect(run.maxUsd).toBe('0.02')
  })

  it('the same call three times in a row is not made a third time', async () => {
    await world.hire()
    world.models.script = () => call('test_think', { what: 'same' })
    const run = await world.ended(await world.run('Go round.'))
    expect(run.error).toMatchObject({ code: 'limit_exceeded' })
    expect(run.error?.message).toContain('going in circles')
    expect(world.made).toHaveLength(2)
  })

  it('ten minutes of work, without the days in which it waits', async () => {
    await world.hire({ permissions: { read: 'auto', write: 'ask', spend: 'auto' } })
    world.models.script = (_, answered) => {
      if (answered === 0) return call('test_write', { what: 'x' })
      clock.advance(4 * 60_000)
      return call('test_think', { what: String(answered) })
    }
    const runId = await world.run('Take your time.')
    const review = await world.team.asked(runId)
    clock.advance(24 * 3_600_000)
    await world.team.decide(world.team.owner, review, 'approve')
    const run = await world.ended(runId)
    expect(run.error?.message).toContain('worked for 10 minutes')
    expect(world.made.length).toBeGreaterThanOrEqual(3)
  })

  it('200,000 tokens, however much money is left: no question, and no answer, goes beyond', async () => {
    await world.hire({ maxRunUsd: '8.00' })
    world.models.script = (_, answered) => call('test_think', { what: `${answered}${'word '.repeat(2_400)}` })
    const runId = await world.run('Read a lot.')
    const run = await world.ended(runId)
    expect(run.error).toMatchObject({ code: 'limit_exceeded' })
    expect(run.error?.message).toMatch(/tokens are used, and the next answer would go above 200000/)
    expect(micros(run.costUsd)).toBeLessThan(micros(run.maxUsd) / 2n)
    const used = (await world.turns(runId)).reduce((sum, { json }) => sum + Number(json.tokens ?? 0), 0)
    expect(used).toBeGreaterThan(150_000)
    expect(used).toBeLessThanOrEqual(200_000)
    // Each was told how much room there is.
    const rooms = world.models.requests.map(({ choice }) => choice.maxTokens)
    expect(rooms.length).toBeLessThan(25)
    expect(rooms.every((room) => room <= 200_000)).toBe(true)
    // What was done until then stays done, and nothing came of the question that was not asked.
    expect(world.made).toHaveLength(world.models.requests.length)
  })

  it('of the last tokens the answer gets no more than there are', async () => {
    await world.hire({ maxRunUsd: '8.00' })
    const asked: number[] = []
    world.models.usage = { inputTokens: 99_300, outputTokens: 0, cachedInputTokens: 0, isEstimated: false }
    world.models.script = ({ choice }, answered) => {
      asked.push(choice.maxTokens)
      return answered < 2 ? call('test_think', { what: String(answered) }) : 'Done.'
    }
    await world.ended(await world.run('Read a lot.')).finally(() => {
      world.models.usage = undefined
    })
    expect(asked[2]).toBeLessThan(asked[0] ?? 0)
    expect(asked[2]).toBeGreaterThan(0)
  })

  it('tools it was not given, and those its team has closed, are refused', async () => {
    await world.hire({ tools: ['test.think', 'test.look'] })
    await updateTeam(world.core, world.team.owner, {
      teamId: world.team.teamId,
      change: { toolAccess: { mode: 'allow_all', denied: ['test.look'] } },
    })
    world.models.script = steps(call('test_write', {}), call('test_look', {}), 'Neither.')
    const run = await world.ended(await world.run('Try both.'))
    expect(run.outputs).toMatchObject({ calls: [{ status: 'refused' }, { status: 'refused' }] })
    expect(JSON.stringify(world.models.requests.at(-1)?.messages)).toContain('does not allow test.look')
    expect(world.made).toEqual([])
    await updateTeam(world.core, world.team.owner, {
      teamId: world.team.teamId,
      change: { toolAccess: { mode: 'allow_all' } },
    })
  })

  it('its budget, however a job names it; where only the run would know it nothing starts', async () => {
    const { core, team } = world
    await world.hire({}, 'max')
    await world.hire({}, 'kim')
    const job = async (jobId: string, ...steps: object[]): Promise<void> => {
      const inputSchema = { type: 'object', properties: { agent: { type: 'string' } } }
      const source = { jobId, displayName: jobId, description: 'For a test.', inputSchema, steps, outputs: {} }
      await saveJob(core, team.owner, { source: source as unknown as JsonObject, publish: true })
    }
    const works = (agent: object) => ({
      stepId: 'do',
      toolId: 'agent.run',
      inputMappings: { agent, goal: { value: 'Do it.' } },
    })
    const nests = (jobId: string, agent: object, stepId = 'in') => ({ stepId, jobId, inputMappings: { agent } })
    const says = { stepId: 'says', toolId: 'test.think', inputMappings: { what: { value: 'kim' } } }
    await job('inner', works({ input: 'agent' }))
    await job('middle', nests('inner', { input: 'agent' }))
    await job('outer', nests('middle', { value: 'max' }))
    await job('given', nests('middle', { input: 'agent' }))
    await job('fallen-back', nests('middle', { input: 'agent', default: 'max' }))
    await job('told', says, works({ step: 'says', output: 'text' }))
    await job('told-below', says, nests('middle', { step: 'says', output: 'text' }))
    await job('both', nests('inner', { value: 'max' }), nests('inner', { value: 'kim' }, 'other'))
    world.models.script = steps('Done.')
    const codeOf = async (name: string, inputs: JsonObject = {}): Promise<string> => {
      try {
        const { runId } = await submitRun(core, team.owner, { target: { job: name }, inputs })
        return (await world.ended(runId)).status
      } catch (error) {
        return (error as AppError).code
      }
    }
    expect(await codeOf('both')).toBe('succeeded')
    const { id } = await createBudget(core, team.owner, { of: 'agent:max', period: 'day', limitUsd: '500' })
    expect(await codeOf('outer')).toBe('succeeded')
    const used = async () => micros((await readBudget(core, team.owner, id)).usedUsd)
    const before = await used()
    expect(before).toBeGreaterThan(0n)
    await updateBudget(core, team.owner, { id, change: { limitUsd: '0.000001' } })
    expect(await codeOf('outer')).toBe('limit_reached')
    expect(await codeOf('given', { agent: 'max' })).toBe('limit_reached')
    expect(await codeOf('fallen-back')).toBe('limit_reached')
    expect(await codeOf('given', { agent: 'kim' })).toBe('succeeded')
    expect(await codeOf('told')).toBe('policy_refused')
    expect(await codeOf('told-below')).toBe('policy_refused')
    expect(await codeOf('both')).toBe('policy_refused')
    expect(await used()).toBe(before)
    await removeBudget(core, team.owner, id)
    // It starts, and finds nobody of the name that the tool gives.
    expect(await codeOf('told')).toBe('failed')
    const document = { overrides: { agents: { max: { maxTokens: 100 } } } }
    await savePolicy(core, team.owner, { document, version: 0, owner: 'context' })
    expect(await codeOf('told')).toBe('policy_refused')
    await savePolicy(core, team.owner, { document: {}, version: 1, owner: 'context' })
  })

  it.each(['viewer', 'removed'] as const)('who it works for has become %s meanwhile: it stops', async (fate) => {
    const ben = await world.team.join(`ben-${fate}`, 'member')
    await world.hire()
    world.models.script = async (_, answered) => {
      if (answered > 0) return 'Done.'
      if (fate === 'removed')
        await removeMember(world.core, world.team.owner, { teamId: world.team.teamId, accountId: ben.accountId })
      else
        await updateMember(world.core, world.team.owner, {
          teamId: world.team.teamId,
          accountId: ben.accountId,
          change: { role: 'viewer' },
        })
      return call('test_write', { what: 'x' })
    }
    const run = await world.ended(await world.run('Write.', {}, ben))
    expect(run).toMatchObject({ status: 'failed', error: { code: 'refused' } })
    expect(world.made).toEqual([])
  })
})
