import { afterEach, describe, expect, it } from 'vitest'
import type { ModelAnswer, Models } from '#core/models/model.ts'
import { parseUsd } from '#core/money.ts'
import { submitRun } from '#core/runs/submit.ts'
import { query } from '#db/statement.ts'
import { createRunsWorld, type RunsWorld } from '#tests/core/runs/runs-world.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'

const WORDS = Array.from({ length: 12 }, (_, index) => `word${index} `)

const answer = (text: string): ModelAnswer => ({
  text,
  toolCalls: [],
  usage: { inputTokens: 10, outputTokens: 20, cachedInputTokens: 0, isEstimated: false },
  finish: 'stop',
  isMock: false,
})

describe.each(DIALECTS)('a call that comes to no end on %s', (dialect) => {
  let world: RunsWorld
  afterEach(() => world.end())
  const calls = (runId: string) =>
    query(world.core.db, (q) => q.selectFrom('model_call').selectAll().where('run_id', '=', runId).orderBy('id'))

  it('is charged once by what was expected when its worker died, and once by what was used', async () => {
    let asked = 0
    const models: Models = {
      ask: async () => {
        asked++
        // The first one is never heard of again.
        return asked === 1 ? new Promise(() => {}) : answer('done')
      },
    }
    world = await createRunsWorld(dialect, { models })
    await world.work()
    const { runId } = await submitRun(world.core, world.actor, {
      target: { tool: 'llm.generate' },
      inputs: { prompt: 'Say it.', maxTokens: 100 },
    })
    await eventually(() => expect(asked).toBe(1))
    // As a killed worker leaves it: the claim runs out, and nobody said how the call ended.
    await query(world.core.db, (q) => q.selectFrom('model_call').selectAll().where('run_id', '=', runId))
    await world.core.queue.stop(0)
    await world.work()
    const run = await world.ended(runId)
    expect(run.status, JSON.stringify(run.error)).toBe('succeeded')
    const made = await calls(runId)
    expect(made.map(({ status, is_charged, is_estimated }) => [status, is_charged, is_estimated])).toEqual([
      ['aborted', 1, 1],
      ['ended', 1, 0],
    ])
    expect(parseUsd(run.costUsd)).toBe(made.reduce((sum, { cost_micros }) => sum + cost_micros, 0n))
    await world.sound()
  })

  it('stopped at any piece of its answer, costs no more than was held, and leaves nothing held', async () => {
    let stopAt = 0
    let stopped: (() => Promise<unknown>) | undefined
    const models: Models = {
      async ask({ onText, signal }) {
        for (const [index, word] of WORDS.entries()) {
          if (index === stopAt) {
            await stopped?.()
            await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
          }
          onText?.(word)
        }
        return answer(WORDS.join(''))
      },
    }
    world = await createRunsWorld(dialect, { models })
    await world.work()
    const { cancelRun } = await import('#core/runs/cancel.ts')
    for (stopAt = 0; stopAt < WORDS.length; stopAt++) {
      let runId = ''
      let known: () => void = () => {}
      const isKnown = new Promise<void>((resolve) => {
        known = resolve
      })
      stopped = async () => {
        await isKnown
        return cancelRun(world.core, world.actor, runId)
      }
      ;({ runId } = await submitRun(world.core, world.actor, {
        target: { tool: 'llm.generate' },
        inputs: { prompt: 'Say it.', maxTokens: 100 },
      }))
      known()
      const run = await world.ended(runId)
      expect(run.status).toBe('cancelled')
      expect(Number(run.costUsd)).toBeLessThanOrEqual(Number(run.maxUsd))
      expect(await calls(runId)).toMatchObject([{ status: 'aborted', is_estimated: 1, is_charged: 1 }])
    }
    await world.sound()
  })
})
