import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { LiveTexts } from '#core/chat/live.ts'
import type { LiveText, Sender } from '#core/chat/sender.ts'
import { cancelRun } from '#core/runs/cancel.ts'
import { submitRun } from '#core/runs/submit.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type AgentsWorld, createAgentsWorld, steps } from './agents-world.ts'

let world: AgentsWorld
let looks: (LiveText & { atMs: number })[] = []
let ends = 0
let unlisten: () => void
const EVERY_MS = 60

beforeAll(async () => {
  world = await createAgentsWorld('sqlite')
  const live: Sender['live'] = {
    everyMs: EVERY_MS,
    isOffered: () => true,
    show: async (look) => {
      looks.push({ ...look, atMs: performance.now() })
      return {}
    },
    end: () => {
      ends++
    },
  }
  // Of a channel no more is needed here.
  unlisten = new LiveTexts(world.core, new Map([['web', { name: 'web', live } as unknown as Sender]])).listen()
})
afterEach(() => {
  looks = []
  ends = 0
})
afterAll(async () => {
  unlisten()
  expect(world.errors).toEqual([])
  await world.end()
})

const ask = async (goal: string, conversation: string | undefined): Promise<string> => {
  const agent = await world.hire({ tools: ['test.think'] })
  const inputs = { agent, goal }
  const request = { target: { tool: 'agent.run' }, inputs, ...(conversation ? { conversation } : {}) }
  return (await submitRun(world.core, { ...world.team.owner, channel: 'web' }, request)).runId
}

it('what an agent writes shows while it writes, over all its answers, at the pace of the channel', async () => {
  world.models.letterMs = 4
  world.models.script = steps(
    { text: 'First I will think about it for a while. ', calls: [['test_think', { what: 'x' }]] },
    'And here is the answer to all of it.',
  )
  const runId = await ask('Think.', 'web:someone')
  await world.ended(runId)
  await eventually(() => expect(ends).toBe(1))
  expect(looks.length).toBeGreaterThan(2)
  expect(looks.length).toBeLessThan(20)
  const texts = looks.map(({ text }) => text)
  expect(texts[0]).toMatch(/^First /)
  expect(texts.at(-1)).toMatch(/^First I will think about it for a while\.\s+And here is /)
  // Each goes on where the one before it was, and what was added is what it grew by.
  for (const [index, text] of texts.entries()) expect(text.startsWith(texts[index - 1] ?? '')).toBe(true)
  expect(looks.map(({ added }) => added).join('')).toBe(texts.at(-1))
  for (const [index, look] of looks.entries()) {
    const before = looks[index - 1]
    if (before) expect(look.atMs - before.atMs).toBeGreaterThanOrEqual(EVERY_MS - 5)
  }
})

it('at no moment does it show an address that nobody has named, nor a part of one', async () => {
  world.models.letterMs = 6
  world.models.script = steps(
    'See https://evil.example/?secret=1 and [this](https://evil.example/2) or ![it](//evil.example/3.png) <img src=https://evil.example/4> www.evil.example/5 and https://good.example/ok then.',
  )
  await world.ended(await ask('Look at https://good.example/ for me.', 'web:someone'))
  await eventually(() => expect(ends).toBe(1))
  expect(looks.length).toBeGreaterThan(5)
  for (const { text } of looks) expect(text).not.toContain('evil')
  expect(looks.at(-1)?.text).toContain('https://good.example/ok')
})

it('ends with a run that is stopped, and where nobody asked nothing shows', async () => {
  world.models.letterMs = 10
  world.models.script = steps('word '.repeat(400))
  const runId = await ask('Write.', 'web:someone')
  await eventually(() => expect(looks.length).toBeGreaterThan(1))
  await cancelRun(world.core, world.team.owner, runId)
  await world.ended(runId)
  await eventually(() => expect(ends).toBe(1))
  const count = looks.length
  world.models.letterMs = 1
  world.models.script = steps('Quietly, and for nobody in particular.')
  await world.ended(await ask('Write.', undefined))
  expect(looks.length).toBe(count)
})
