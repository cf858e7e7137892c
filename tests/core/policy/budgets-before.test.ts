import { afterEach, describe, expect, it } from 'vitest'
import { personal } from '#core/context.ts'
import { debit } from '#core/economy/debit.ts'
import { parseUsd } from '#core/money.ts'
import { countWhatWas } from '#core/policy/budgets/before.ts'
import { budgetScope } from '#core/policy/budgets/budget.ts'
import { readBudget } from '#core/policy/budgets/read.ts'
import { createBudget, type NewBudget, removeBudget } from '#core/policy/budgets/save.ts'
import { sweepBudgetUses } from '#core/policy/budgets/sweep.ts'
import { getRun } from '#core/runs/read.ts'
import { retryRun } from '#core/runs/retry.ts'
import { submitRun } from '#core/runs/submit.ts'
import { query, statement } from '#db/statement.ts'
import { findUsage } from '#db/usage.ts'
import { createRunsWorld, type RunsWorld } from '#tests/core/runs/runs-world.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'

const never = new AbortController().signal
const say = (stepId: string, word: string) => ({
  stepId,
  toolId: 'test.say',
  inputMappings: { word: { value: word } },
  retry: { maxAttempts: 1 },
})
const setPins = statement((q, p: { id: string; pinsJson: string }) =>
  q.updateTable('run').set({ pins_json: p.pinsJson }).where('id', '=', p.id),
)

describe.each(DIALECTS)('a budget that is made counts what was before, on %s', (dialect) => {
  let world: RunsWorld
  afterEach(async () => {
    world.provider.stuck.clear()
    await world.core.queue.stop(1_000)
    await world.end()
  })

  async function begin(): Promise<void> {
    world = await createRunsWorld(dialect)
    await world.job('brief', [say('one', 'a'), say('two', 'b')])
    await world.job('letter', [say('one', 'c')])
    await world.job('slow', [say('one', 'a'), say('two', 'slow')])
    await world.work()
  }
  const done = async (job: string): Promise<string> => {
    const id = await world.submit(job)
    expect((await world.ended(id)).status).toBe('succeeded')
    return id
  }
  const put = async (given: Partial<NewBudget>): Promise<string> =>
    (await createBudget(world.core, world.actor, { of: 'team', period: 'day', limitUsd: '5', ...given })).id
  const usedMicros = async (id: string): Promise<bigint> =>
    parseUsd((await readBudget(world.core, world.actor, id)).usedUsd) ?? -1n
  const uses = () => query(world.core.db, (q) => q.selectFrom('budget_use').selectAll())

  it('of everything, a job, a person and a provider, for a day and a month', async () => {
    await begin()
    const { core, actor } = world
    await done('brief')
    await done('brief')
    await done('letter')
    const model = await submitRun(core, actor, { target: { tool: 'llm.generate' }, inputs: { prompt: 'Hi' } })
    const asked = parseUsd((await world.ended(model.runId)).costUsd) ?? 0n
    await debit(
      core,
      { ...actor, requestKey: 'debit' },
      { accountId: actor.accountId, amountUsd: '0.01', description: 'x' },
    )
    for (const period of ['day', 'month'] as const) {
      expect(await usedMicros(await put({ of: 'team', period }))).toBe(5_000n + asked + 10_000n)
      expect(await usedMicros(await put({ of: 'job:brief', period }))).toBe(4_000n)
      expect(await usedMicros(await put({ of: 'job:none', period }))).toBe(0n)
      expect(await usedMicros(await put({ of: 'person:@ada', period }))).toBe(5_000n + asked + 10_000n)
      expect(await usedMicros(await put({ of: 'provider:mock', period }))).toBe(asked)
      expect(await usedMicros(await put({ of: 'provider:openai', period }))).toBe(0n)
    }
    expect(await uses()).toEqual([])
    expect(asked).toBeGreaterThan(0n)
  })

  it('and stops from there on', async () => {
    await begin()
    await done('brief')
    await put({ of: 'job:brief', limitUsd: '0.003' })
    await expect(world.submit('brief')).rejects.toMatchObject({ code: 'limit_reached' })
    await done('letter')
  })

  it('with what is held, of which it gets back what was not spent', async () => {
    await begin()
    await done('slow')
    world.provider.stuck.add('slow')
    const runId = await world.submit('slow')
    await eventually(async () => expect(world.provider.calls.filter(({ word }) => word === 'slow')).toHaveLength(2))
    const [team, job, other] = [
      await put({}),
      await put({ of: 'job:slow', period: 'month' }),
      await put({ of: 'job:brief' }),
    ]
    expect(await usedMicros(team)).toBe(4_000n)
    expect(await usedMicros(job)).toBe(4_000n)
    expect(await usedMicros(other)).toBe(0n)
    expect(await uses()).toHaveLength(2)
    world.provider.broken.add('slow')
    world.provider.stuck.clear()
    expect((await world.ended(runId)).status).toBe('failed')
    expect(await usedMicros(team)).toBe(3_000n)
    expect(await usedMicros(job)).toBe(3_000n)
    expect(await uses()).toEqual([])
    // What is done again counts as well, like everything from now on.
    world.provider.broken.clear()
    await retryRun(world.core, world.actor, { runId, from: 'failed_step', definition: 'pinned' })
    await eventually(async () => expect((await getRun(world.core, world.actor, runId)).status).toBe('succeeded'))
    expect(await usedMicros(team)).toBe(4_000n)
    await world.sound()
  })

  it('of each run: what one that goes on holds already', async () => {
    await begin()
    const ended = await done('slow')
    world.provider.stuck.add('slow')
    const runId = await world.submit('slow')
    await eventually(async () => expect(world.provider.calls.filter(({ word }) => word === 'slow')).toHaveLength(2))
    const id = await put({ of: 'run', period: 'run' })
    const used = (period: string) => findUsage.first(world.core.db, { scope: budgetScope(id), period })
    expect(await used(runId)).toMatchObject({ used_micros: 2_000n })
    expect(await used(ended)).toBeUndefined()
    world.provider.stuck.clear()
    await world.ended(runId)
    expect(await used(runId)).toMatchObject({ used_micros: 2_000n })
  })

  it('of an agent and of a schedule, by what its runs are known by', async () => {
    await begin()
    const { core, actor } = world
    const runId = await done('brief')
    await done('brief')
    const [row] = await query(core.db, (q) => q.selectFrom('run').select('pins_json').where('id', '=', runId))
    const counted = { agentIds: ['agt_1', 'agt_2'], scheduleId: 'sch_1' }
    const pinsJson = JSON.stringify({ ...JSON.parse(row?.pins_json ?? '{}'), counted })
    await core.db.write(async function pin(tx) {
      await setPins.run(tx, { id: runId, pinsJson })
    })
    for (const [subject, micros] of [
      ['agent:agt_2', 2_000n],
      ['agent:agt', undefined],
      ['schedule:sch_1', 2_000n],
      ['schedule:sch_2', undefined],
    ] as const) {
      const id = `bdg_${subject}`
      await core.db.write(async function count(tx) {
        const context = `user:${actor.accountId}`
        await countWhatWas(tx, { id, context, subject, period: 'month' }, core.clock.nowMs())
      })
      const period = new Date(core.clock.nowMs()).toISOString().slice(0, 7)
      const used = await findUsage.first(core.db, { scope: budgetScope(id), period })
      expect([subject, used?.used_micros]).toEqual([subject, micros])
    }
  })

  it('of nobody else', async () => {
    await begin()
    await done('brief')
    const stranger = { ...world.actor, context: personal('acc_of_somebody_else') }
    await expect(
      createBudget(world.core, stranger, { of: 'team', period: 'day', limitUsd: '1' }),
    ).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('and again when it is ended and made anew', async () => {
    await begin()
    await done('brief')
    const id = await put({})
    await done('brief')
    await removeBudget(world.core, world.actor, id)
    await done('letter')
    expect(await usedMicros(await put({}))).toBe(5_000n)
  })

  it('to the last cent when runs end at the very moment in which it is made', { timeout: 60_000 }, async () => {
    await begin()
    const before = await Promise.all(Array.from({ length: 30 }, () => world.submit('brief')))
    const ids = await Promise.all(
      (['job:brief', 'job:letter', 'person:@ada'] as const).flatMap((of) =>
        (['day', 'month'] as const).map((period) => put({ of, period })),
      ),
    )
    await Promise.all(before.map((runId) => world.ended(runId)))
    await sweepBudgetUses(world.core, never)
    expect(await sweepBudgetUses(world.core, never)).toBe(0)
    const used = await Promise.all(ids.map(usedMicros))
    expect(used).toEqual([60_000n, 60_000n, 0n, 0n, 60_000n, 60_000n])
    expect(await uses()).toEqual([])
    await world.sound()
  })
})
