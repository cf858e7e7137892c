import { afterEach, expect, it } from 'vitest'
import { AgentStage } from './agent-stage.ts'
import { endedOnce, unharmed } from './agent-story.ts'

let stage: AgentStage
afterEach(() => stage.end())

it('an agent whose process is killed while it calls, and amid its work, does nothing twice that it has finished', async () => {
  stage = await AgentStage.create('sqlite')
  await stage.start(undefined)
  const before = await unharmed(stage)
  // It was done, and nobody heard the answer.
  let killed = false
  stage.listener.before = async (what) => {
    if (what !== 'one' || killed) return
    killed = true
    await stage.kill()
  }
  const next = () => stage.start(45)
  expect(await endedOnce(stage, before, { where: 'in its first call outside', kills: 1, next })).toBe(true)
  expect(stage.listener.counts()).toMatchObject({ one: 2, look: 1, inner: 1, two: 1 })
  stage.listener.before = () => {}
  expect(await endedOnce(stage, before, { where: 'gate 45', kills: 1, next: () => stage.start(undefined) })).toBe(true)
  expect(stage.errors).toEqual([])
}, 120_000)
