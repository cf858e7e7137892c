import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { asWords } from '#bots/slack/streams.ts'
import { LiveTexts, tellText } from '#core/chat/live.ts'
import { systemClock } from '#core/clock.ts'
import { eventually } from '#tests/support/eventually.ts'
import { SlackHarness } from './harness.ts'

let slack: SlackHarness
let unlisten: () => void
let runs = 0

beforeAll(async () => {
  slack = await SlackHarness.start('socket')
})
afterEach(() => {
  unlisten?.()
  slack.peer.clearFaults()
  expect(slack.peer.violations).toEqual([])
})
afterAll(() => slack.end())

/** A thread in Ann's direct messages with the bot, and what a run writes for it. */
const begin = async ({ isForApps = true } = {}) => {
  const channel = await slack.peer.direct('U0ANN')
  const threadTs = await slack.peer.say(channel, 'U0ANN', 'tell me a story')
  if (isForApps) slack.peer.talksToApp(channel, threadTs)
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  unlisten = new LiveTexts({ clock: systemClock, log }, new Map([['slack' as const, slack.channel]])).listen()
  const conversation = `${channel}:${threadTs}`
  const told = { runId: `run_${++runs}`, channel: 'slack', conversation, writer: '0:1' }
  const seen = async () =>
    (await slack.peer.messages(channel)).filter((one) => one.fromBot && one.threadTs === threadTs)
  const calls = (method: string) => slack.peer.callsOf(method).filter(({ args }) => args.channel === channel)
  return { channel, threadTs, conversation, seen, calls, tell: (piece: string | null) => tellText({ ...told, piece }) }
}

test('what a run writes grows in one message, at a pace, and makes room for the result', async () => {
  const { seen, calls, tell } = await begin()
  for (let n = 0; n < 300; n++) tell(`${n} `)
  await eventually(async () =>
    expect((await seen()).map(({ text }) => text)).toEqual([expect.stringMatching(/^0 1 2 /)]),
  )
  tell('and <!channel> [this](https://evil.example) *now*')
  await eventually(async () => expect((await seen())[0]?.text).toContain('evil.example'))
  const [message, ...others] = await seen()
  expect(others).toEqual([])
  expect(message?.text).toMatch(/298 299 and/)
  const all = [...calls('chat.startStream'), ...calls('chat.appendStream')]
  expect(all).toHaveLength(2)
  expect((all[1]?.atMs ?? 0) - (all[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(1_000)
  tell(null)
  await eventually(async () => expect(await seen()).toEqual([]))
  expect(calls('chat.stopStream')).toHaveLength(1)
})

test('a thread that takes no streams is asked once, and has the card; channels are not asked', async () => {
  const { conversation, seen, calls, tell } = await begin({ isForApps: false })
  const before = calls('chat.startStream').length
  tell('Once ')
  await eventually(() => expect(calls('chat.startStream')).toHaveLength(before + 1))
  await eventually(() => expect(slack.channel.live?.isOffered(conversation)).toBe(false))
  tell('upon a time')
  tell(null)
  tell('Another ')
  expect(await seen()).toEqual([])
  expect(calls('chat.startStream')).toHaveLength(before + 1)
  expect(slack.channel.live?.isOffered('C0TEAM:169.1')).toBe(false)
  expect(slack.channel.live?.isOffered(conversation.split(':')[0] ?? '')).toBe(false)
})

test('too fast for Slack: nothing of it is lost, and it waits as long as it was told to', async () => {
  const { channel, seen, calls, tell } = await begin()
  const before = calls('chat.appendStream').length
  tell('one ')
  await eventually(async () => expect(await seen()).toHaveLength(1))
  slack.peer.failNext({ method: 'chat.appendStream', channel, fault: { retryAfter: 2 } })
  tell('two ')
  await eventually(() => expect(calls('chat.appendStream')).toHaveLength(before + 1))
  tell('three ')
  await eventually(async () => expect((await seen())[0]?.text).toBe('one two three '), 15_000)
  const [first, second] = calls('chat.appendStream').slice(before)
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(2_000)
  tell(null)
  await eventually(async () => expect(await seen()).toEqual([]))
})

test('a server without streams is not asked again, anywhere', async () => {
  const { conversation, calls, channel, tell } = await begin()
  const before = calls('chat.startStream').length
  slack.peer.failNext({ method: 'chat.startStream', channel, fault: { refusal: 'unknown_method' } })
  tell('Once ')
  await eventually(() => expect(calls('chat.startStream')).toHaveLength(before + 1))
  await eventually(() => expect(slack.channel.live?.isOffered(conversation)).toBe(false))
  expect(slack.channel.live?.isOffered('D0OTHER:169.2')).toBe(false)
})

test.each([
  ['<!channel> @here', '&lt;!channel&gt; @\u2060here'],
  ['[a](https://x.org) ![b](c)', '\\[a\\](https:\u2060//x.org) !\\[b\\](c)'],
  ['*b* _i_ `c` ~s~ www.x.org', '\\*b\\* \\_i\\_ \\`c\\` \\~s\\~ www\u2060.x.org'],
])('%s is only words', (text, words) => expect(asWords(text)).toBe(words))
