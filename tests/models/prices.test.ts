import { afterEach, describe, expect, it } from 'vitest'
import { type NewPrice, readPrices, setPrice } from '#core/models/prices.ts'
import { submitRun } from '#core/runs/submit.ts'
import { createRunsWorld, type RunsWorld } from '#tests/core/runs/runs-world.ts'
import { DIALECTS } from '#tests/support/database.ts'

const MODEL: NewPrice = { provider: 'openai', model: 'gpt-new', inputUsd: '1.00', outputUsd: '2.00' }

describe.each(DIALECTS)('prices of models on %s', (dialect) => {
  let world: RunsWorld
  afterEach(() => world.end())

  it('are set from a time on, and what was stays', async () => {
    world = await createRunsWorld(dialect)
    const { core, actor } = world
    await setPrice(core, actor, MODEL)
    const later = core.clock.nowMs() + 3_600_000
    await setPrice(core, actor, { ...MODEL, inputUsd: '3.00', effectiveAtMs: later })
    const own = (await readPrices(core)).filter((price) => price.kind === 'model' && price.model === 'gpt-new')
    expect(own).toMatchObject([
      { inputUsd: '3.00', state: 'coming' },
      { inputUsd: '1.00', cachedInputUsd: '1.00', state: 'current', setBy: actor.accountId },
    ])
    await expect(setPrice(core, actor, { ...MODEL, effectiveAtMs: later })).rejects.toMatchObject({ code: 'conflict' })
    await expect(setPrice(core, actor, { ...MODEL, effectiveAtMs: 5 })).rejects.toMatchObject({ code: 'bad_input' })
    await expect(setPrice(core, actor, { ...MODEL, inputUsd: '-1' })).rejects.toMatchObject({ code: 'bad_input' })
    const asUser = { ...actor, platformRole: 'user' as const }
    await expect(setPrice(core, asUser, MODEL)).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('must be there: a model without one is not asked', async () => {
    world = await createRunsWorld(dialect, {
      settings: {
        modelConnections: [
          { id: 'env-openai', provider: 'openai', baseUrl: 'https://api.openai.com/v1', secret: 'sk-0123456789' },
        ],
      },
    })
    const inputs = { prompt: 'Hi', model: 'gpt-unheard-of' }
    await expect(
      submitRun(world.core, world.actor, { target: { tool: 'llm.generate' }, inputs }),
    ).rejects.toMatchObject({ code: 'price_unknown' })
  })
})
