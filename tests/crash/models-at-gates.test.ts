import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ModelPeer, startModelPeer } from '#tests/peers/models/peer.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { AgentStage } from './agent-stage.ts'
import { askedAndEnded, teach } from './model-story.ts'

describe.each(DIALECTS)('a question to a model whose process is killed, on %s', { timeout: 900_000 }, (dialect) => {
  let peer: ModelPeer
  let stage: AgentStage
  beforeEach(async () => {
    peer = await startModelPeer()
    teach(peer)
    stage = await AgentStage.create(dialect, { peer })
  })
  afterEach(async () => {
    await stage.end()
    await peer.stop()
  })

  it('between its record, the call, the answer and the settlement: each is paid for once', async () => {
    let deaths = 0
    await stage.start(1)
    for (let gate = 1; ; gate++) {
      const next = () => stage.start(gate + 1)
      if (!(await askedAndEnded(stage, peer, { where: `gate ${gate}`, kills: 1, next }))) break
      deaths++
    }
    expect(deaths).toBeGreaterThan(5)
    expect(stage.errors).toEqual([])
  })

  it('amid its answer', async () => {
    for (const afterMs of [0, 60, 200]) {
      await stage.start(undefined)
      const before = peer.mock.getRequests().length
      const end = async (): Promise<void> => {
        await eventually(() => expect(peer.mock.getRequests().length).toBeGreaterThan(before), 30_000)
        await sleep(afterMs)
        await stage.kill()
      }
      const next = () => stage.start(undefined)
      expect(await askedAndEnded(stage, peer, { where: `after ${afterMs} ms`, kills: 1, next, end })).toBe(true)
      await stage.kill()
    }
    expect(stage.errors).toEqual([])
  })
})
