import { afterEach, describe, expect, it } from 'vitest'
import type { Button, ChannelName } from '#core/chat/message.ts'
import { renderRunCard } from '#core/runs/card.ts'
import { runKey } from '#core/runs/card-key.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createRunsWorld, type RunsWorld } from './runs-world.ts'

const say = (word: string) => ({ stepId: word, toolId: 'test.say', inputMappings: { word: { value: word } } })

describe.each(DIALECTS)('the link of a run card to the console, on %s', (dialect) => {
  let world: RunsWorld
  afterEach(() => world.end())

  async function begin(publicUrl: string): Promise<string> {
    world = await createRunsWorld(dialect, { settings: { publicUrl } })
    await world.job('speak', [say('hello')])
    return world.submit('speak')
  }
  async function buttonsOf(runId: string, channel: ChannelName): Promise<Button[]> {
    const parts = (await renderRunCard(world.core, runKey(runId), channel)) ?? []
    return parts.flatMap((part) => (part.type === 'buttons' ? part.buttons : []))
  }
  const labels = async (runId: string, channel: ChannelName) =>
    (await buttonsOf(runId, channel)).map(({ label }) => label)

  it('is the last button while it goes on, when it has ended, and when it failed', async () => {
    const runId = await begin('https://muster.example')
    const link = { label: 'Open in console', url: `https://muster.example/runs/${runId}` }
    for (const channel of ['telegram', 'slack'] as const) {
      expect(await labels(runId, channel)).toEqual(['Stop', 'Open in console'])
      expect((await buttonsOf(runId, channel)).at(-1)).toEqual(link)
    }
    await world.work()
    await world.ended(runId)
    expect(await labels(runId, 'telegram')).toEqual(['Accept', 'Export', 'Run again', 'Open in console'])
    world.provider.broken.add('hello')
    const failed = await world.submit('speak')
    await world.ended(failed)
    expect(await labels(failed, 'slack')).toEqual(['Retry', 'Run again', 'Open in console'])
  })

  it('is left out where nobody else could open it, and never in the web chat', async () => {
    const runId = await begin('http://127.0.0.1:3000')
    expect(await labels(runId, 'telegram')).toEqual(['Stop'])
    expect(await labels(runId, 'slack')).toEqual(['Stop'])
    expect((await buttonsOf(runId, 'web')).at(-1)).toEqual({ label: 'Open in console', url: `/runs/${runId}` })
  })
})
