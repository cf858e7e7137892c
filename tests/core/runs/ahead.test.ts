import { afterEach, describe, expect, it } from 'vitest'
import { cancelRun } from '#core/runs/cancel.ts'
import { getRun } from '#core/runs/read.ts'
import { defineTool, type Tool, ToolError } from '#core/tools/tool.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createRunsWorld, type RunsWorld, statusesOf } from './runs-world.ts'

const MICROS = 100n

describe.each(DIALECTS)('steps without effects on %s', (dialect) => {
  let world: RunsWorld
  /** What was stored of the run's steps when each tool was called. */
  let seen: string[]
  let stuck: Set<string>
  afterEach(() => world.end())

  const stored = async (): Promise<string> => {
    const rows = await query(world.core.db, (q) =>
      q.selectFrom('run_step').select(['step_id', 'status']).orderBy('seq'),
    )
    return rows.map(({ step_id, status }) => `${step_id}:${status}`).join(' ')
  }
  const looking = (toolId: string, sideEffect: Tool['sideEffect']): Tool =>
    defineTool({
      toolId,
      version: '1.0.0',
      displayName: toolId,
      description: 'Looks at what is stored.',
      category: 'test',
      inputSchema: { type: 'object', required: ['word'], properties: { word: { type: 'string' } } },
      outputSchema: { type: 'object', properties: { word: { type: 'string' } } },
      price: { unit: 'run', rateMicros: MICROS, maxMicros: MICROS },
      sideEffect,
      async execute({ word }, { signal }) {
        seen.push(await stored())
        if (word === 'bad') throw new ToolError('provider_error', 'It is bad.')
        if (stuck.has(String(word))) {
          await eventually(() => {
            if (stuck.has(String(word)) && !signal.aborted) throw new Error('stuck')
          }, 60_000)
          signal.throwIfAborted()
        }
        return { output: { word: String(word) } }
      },
    })
  const step = (stepId: string, toolId = 'test.look', word = stepId) => ({
    stepId,
    toolId,
    inputMappings: { word: { value: word } },
    retry: { maxAttempts: 1 },
  })
  const started = async (steps: object[], outputs: string): Promise<string> => {
    seen = []
    stuck ??= new Set()
    world = await createRunsWorld(dialect, { tools: [looking('test.look', 'none'), looking('test.do', 'write')] })
    await world.job('three', steps as never, { outputs: { word: { step: outputs, output: 'word' } } })
    await world.work()
    return world.submit('three')
  }

  it('share a commit, and are on record one by one', async () => {
    stuck = new Set()
    const runId = await started([step('one'), step('two'), step('three')], 'three')
    const run = await world.ended(runId)
    expect(statusesOf(run)).toBe('one:succeeded two:succeeded three:succeeded')
    expect(seen).toEqual(['one:running', 'one:running', 'one:running'])
    expect(await world.eventTypes(runId)).toEqual([
      'run.created',
      'run.started',
      ...['one', 'two', 'three'].flatMap(() => ['step.started', 'step.succeeded']),
      'run.succeeded',
      'run.settled',
    ])
    expect(await world.transfers(runId)).toEqual(['charge_run_1 posted 300', 'hold_run_1 pending 300'])
    await world.sound()
  })

  it('are never so many that one transaction holds up the others', async () => {
    stuck = new Set()
    const many = Array.from({ length: 50 }, (_, place) => step(`s${place}`))
    const runId = await started(many, 's49')
    const run = await world.ended(runId)
    expect(run.steps.every(({ status }) => status === 'succeeded')).toBe(true)
    expect(seen).toHaveLength(50)
    const unstored = seen.map((rows, done) => done - (rows.split('succeeded').length - 1))
    expect(Math.max(...unstored)).toBeLessThanOrEqual(20)
    expect(Math.max(...unstored)).toBeGreaterThan(1)
    await world.sound()
  })

  it('are stored before a tool with effects is called', async () => {
    stuck = new Set()
    await endsWell(await started([step('one'), step('two', 'test.do'), step('three', 'test.do')], 'three'))
    expect(seen).toEqual(['one:running', 'one:succeeded two:running', 'one:succeeded two:succeeded three:running'])
  })

  it('show how far they are while one of them takes its time', async () => {
    stuck = new Set(['three'])
    const runId = await started([step('one'), step('two'), step('three')], 'three')
    await eventually(async () => expect(await stored()).toBe('one:succeeded two:succeeded three:running'))
    stuck.clear()
    await endsWell(runId)
    // It was called once: what was written meanwhile did not start it anew.
    expect(seen).toHaveLength(3)
    await world.sound()
  })

  it('are done again by whoever comes next when they were cut off, and paid once', async () => {
    stuck = new Set(['two'])
    const runId = await started([step('one'), step('two'), step('three')], 'three')
    await eventually(() => expect(seen).toHaveLength(2))
    await world.core.queue.stop(0)
    stuck.clear()
    await world.work()
    const run = await world.ended(runId)
    expect(statusesOf(run)).toBe('one:succeeded two:succeeded three:succeeded')
    const types = await world.eventTypes(runId)
    expect(types.filter((type) => type === 'step.succeeded')).toHaveLength(3)
    expect(await world.transfers(runId)).toEqual(['charge_run_1 posted 300', 'hold_run_1 pending 300'])
    await world.sound()
  })

  it('keep what was done, and its price, when the run is cancelled', async () => {
    stuck = new Set(['three'])
    const runId = await started([step('one'), step('two'), step('three')], 'three')
    await eventually(() => expect(seen).toHaveLength(3))
    await cancelRun(world.core, world.actor, runId)
    const run = await world.ended(runId)
    expect(statusesOf(run)).toBe('one:succeeded two:succeeded three:cancelled')
    expect(await world.transfers(runId)).toEqual(['charge_run_1 posted 200', 'hold_run_1 pending 300'])
    await world.sound()
  })

  it('fail as others do', async () => {
    stuck = new Set()
    const runId = await started([step('one'), step('two', 'test.look', 'bad'), step('three')], 'three')
    const run = await world.ended(runId)
    expect(run.status).toBe('failed')
    expect(statusesOf(await getRun(world.core, world.actor, runId))).toBe('one:succeeded two:failed three:cancelled')
    expect(await world.transfers(runId)).toEqual(['charge_run_1 posted 100', 'hold_run_1 pending 300'])
    await world.sound()
  })

  const endsWell = async (runId: string): Promise<void> =>
    expect(await world.ended(runId)).toMatchObject({ status: 'succeeded' })
})
