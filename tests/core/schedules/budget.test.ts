import { afterEach, describe, expect, it } from 'vitest'
import { askForBudget } from '#core/budgets/ask.ts'
import { contextKey } from '#core/context.ts'
import { checkLedger } from '#core/economy/check.ts'
import { wakeWaiting } from '#core/economy/wake.ts'
import { saveJob } from '#core/jobs/save.ts'
import { getRun } from '#core/runs/read.ts'
import { retryRun } from '#core/runs/retry.ts'
import type { RunView } from '#core/runs/view.ts'
import { runScheduleNow } from '#core/schedules/change.ts'
import { startWork } from '#core/work.ts'
import { scheduleBudget } from '#db/run-budgets.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { give } from '../economy/people.ts'
import { createProvider } from '../runs/runs-world.ts'
import { createScene, MINUTE_MS, type Scene } from './scene.ts'

/** Two words of a thousandth of a dollar each. */
const SAY = {
  jobId: 'say',
  displayName: 'Say',
  description: 'Says two words.',
  inputSchema: { type: 'object', properties: {} },
  steps: ['one', 'two'].map((word) => ({
    stepId: word,
    toolId: 'test.say',
    inputMappings: { word: { value: word } },
    retry: { maxAttempts: 1 },
  })),
  outputs: { text: { step: 'two', output: 'text' } },
}

/** Quoted for twenty elements, at $0.0105; its thirty cost $0.0155. */
const LONG = {
  jobId: 'long',
  displayName: 'Long',
  description: 'Many.',
  inputSchema: { type: 'object', properties: {} },
  steps: [
    {
      stepId: 'list',
      toolId: 'data.transform',
      inputMappings: { data: { value: {} }, expression: { value: '[1..30]' } },
    },
    {
      stepId: 'each',
      toolId: 'text.template',
      forEach: { step: 'list', output: 'value' },
      inputMappings: { template: { value: 'Hello' }, data: { value: {} } },
    },
  ],
  outputs: { texts: { step: 'each', output: 'items' } },
}

describe.each(DIALECTS)('the budget of a schedule, on %s', (dialect) => {
  let scene: Scene
  const provider = createProvider()
  afterEach(async () => {
    expect((await checkLedger(scene.core)).sound).toBe(true)
    expect(scene.world.errors).toEqual([])
    await scene.end()
  })

  async function begin(welcomeUsd = 1_000n): Promise<void> {
    provider.broken.clear()
    provider.stuck.clear()
    scene = await createScene(dialect, { welcomeUsd, tools: [provider.tool] })
    for (const source of [SAY, LONG]) await saveJob(scene.core, scene.ada, { source, publish: true })
    await startWork(scene.core, { handle: async () => ({ replies: [] }), senders: new Map(), schedules: false })
  }
  const until = (runId: string, status: string): Promise<RunView> =>
    eventually(async () => {
      const run = await getRun(scene.core, scene.ada, runId)
      expect(run.status, run.error?.message).toBe(status)
      return run
    })
  const press = async (id: string): Promise<string> => (await runScheduleNow(scene.core, scene.ada, { id })).runId
  const retry = (runId: string, definition: 'pinned' | 'newest' = 'pinned') =>
    retryRun(scene.core, scene.ada, { runId, from: 'failed_step', definition })
  async function pay(amountMicros: bigint): Promise<void> {
    await give(scene.core, scene.ada.context, amountMicros)
    await scene.core.db.write((tx) => wakeWaiting(scene.core, tx, contextKey(scene.ada.context)))
  }
  const used = async (id: string): Promise<string | null> => (await scene.view(id)).usedUsd

  it('has to have room for what a retry holds, and counts what it costs', async () => {
    await begin()
    const { id } = await scene.make({ jobId: 'say', budgetUsd: '0.003' })
    provider.broken.add('two')
    const first = await press(id)
    expect((await until(first, 'failed')).costUsd).toBe('0.001')
    provider.stuck.add('two')
    const second = await press(id)
    await until(second, 'running')
    expect(await used(id)).toBe('0.003')
    const refused = await retry(first).catch((error) => error)
    expect(refused).toMatchObject({
      code: 'limit_reached',
      details: { facts: { limit: 'schedule_budget', limitUsd: '0.003', usedUsd: '0.003' } },
    })
    expect(await getRun(scene.core, scene.ada, first)).toMatchObject({ status: 'failed', costUsd: '0.001' })
    // The second leaves half of what it held, and that is just enough.
    provider.stuck.clear()
    await until(second, 'failed')
    provider.broken.clear()
    await retry(first, 'newest')
    expect((await until(first, 'succeeded')).costUsd).toBe('0.002')
    await expect(press(id)).rejects.toMatchObject({ code: 'limit_reached', details: { facts: { usedUsd: '0.003' } } })
    await expect(retry(second)).rejects.toMatchObject({ code: 'limit_reached' })
    expect(await used(id)).toBe('0.003')
  })

  it('gives back what a retry has not used', async () => {
    await begin()
    const { id } = await scene.make({ jobId: 'say', budgetUsd: '0.003' })
    provider.broken.add('two')
    const runId = await press(id)
    await until(runId, 'failed')
    for (let time = 1; time <= 4; time++) {
      await retry(runId)
      await until(runId, 'failed')
    }
    await until(await press(id), 'failed')
    expect(await used(id)).toBe('0.003')
  })

  it('makes room by what a run itself has left, when that run is retried', async () => {
    await begin()
    const { id } = await scene.make({ jobId: 'say', budgetUsd: '0.0021' })
    provider.broken.add('two')
    const runId = await press(id)
    await until(runId, 'failed')
    provider.broken.clear()
    await retry(runId)
    await until(runId, 'succeeded')
    expect(await used(id)).toBe('0.002')
  })

  it('counts at once what steps need beyond the quote, and ends what would go beyond it', {
    timeout: 60_000,
  }, async () => {
    await begin()
    const wide = await scene.make({ jobId: 'long', budgetUsd: '0.02', everyMs: 10 * MINUTE_MS })
    await until(await press(wide.id), 'succeeded')
    expect(await used(wide.id)).toBe('0.0155')
    const narrow = await scene.make({ jobId: 'long', budgetUsd: '0.012' })
    const run = await until(await press(narrow.id), 'failed')
    expect(run.error).toMatchObject({ code: 'limit_reached' })
    expect(run.error?.message).toContain('The budget of this schedule is $0.012')
    expect(Number(run.costUsd)).toBeLessThanOrEqual(0.012)
    expect(Number(await used(narrow.id))).toBeLessThanOrEqual(0.012)
  })

  it('counts what is held when money comes for a run that waits for it', { timeout: 60_000 }, async () => {
    await begin(0n)
    const { id } = await scene.make({ jobId: 'long', budgetUsd: '0.0155' })
    await pay(10_500n)
    const runId = await press(id)
    expect((await until(runId, 'waiting')).waitingFor).toMatchObject({ limit: 'available' })
    expect(await used(id)).toBe('0.0105')
    // Meanwhile others of it hold the rest of the budget.
    const amountMicros = 5_000n
    await scene.core.db.write(async function others(tx) {
      await scheduleBudget.commit.run(tx, { id, amountMicros })
    })
    await pay(1_000_000n)
    await eventually(async () => {
      const { waitingFor } = await getRun(scene.core, scene.ada, runId)
      expect(waitingFor).toMatchObject({ limit: 'schedule_budget', facts: { limitUsd: '0.0155', usedUsd: '0.0155' } })
    })
    await expect(askForBudget(scene.core, scene.ada, { runId })).rejects.toMatchObject({ code: 'conflict' })
    await scene.core.db.write(async function others(tx) {
      await scheduleBudget.correct.run(tx, { id, differenceMicros: -amountMicros })
    })
    await pay(1n)
    expect((await until(runId, 'succeeded')).costUsd).toBe('0.0155')
    expect(await used(id)).toBe('0.0155')
  })
})
