import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { toPosts } from '#bots/slack/pack.ts'
import type { Part, ProgressStatus } from '#core/chat/message.ts'
import { checkBlocks } from '../../peers/slack/limits.ts'
import { SlackHarness } from './harness.ts'

let slack: SlackHarness

beforeAll(async () => {
  slack = await SlackHarness.start('socket')
})

afterEach(() => {
  slack.peer.clearFaults()
  expect(slack.peer.violations).toEqual([])
})

afterAll(() => slack.end())

const steps: { label: string; status: ProgressStatus; note?: string }[] = [
  { label: 'Collect', status: 'done' },
  { label: 'Format', status: 'running', note: 'try 2' },
  { label: 'Lint', status: 'skipped' },
  { label: 'Ask', status: 'waiting' },
  { label: 'Send', status: 'cancelled' },
  { label: 'Break', status: 'failed' },
  { label: 'Later', status: 'pending' },
]
const progress = (status: ProgressStatus = 'running', of = steps): Part => ({
  type: 'progress',
  title: 'Release notes',
  status,
  steps: of,
})

const kinds = (blocks: unknown): unknown[] => (blocks as { type: string }[]).map(({ type }) => type)

test('progress is a plan: a task for each step, and how far it is in its title', async () => {
  const sent = await slack.channel.send(slack.message('C0TEAM', [progress(), 'Team Acme pays']))
  const [message] = await slack.peer.messages('C0TEAM')
  expect(kinds(message?.blocks)).toEqual(['plan', 'rich_text'])
  expect(message?.blocks[0]).toMatchObject({
    title: '▸ Release notes · 2 of 7',
    tasks: [
      { title: 'Collect', status: 'complete' },
      { title: 'Format (try 2)', status: 'in_progress' },
      { title: 'Lint (skipped)', status: 'complete' },
      { title: 'Ask (waiting)', status: 'in_progress' },
      { title: 'Send (stopped)', status: 'error' },
      { title: 'Break', status: 'error' },
      { title: 'Later', status: 'pending' },
    ],
  })
  expect(message?.fallback).toContain('▸ Release notes\n✓ Collect\n▸ Format (try 2)\n– Lint')
  const ref = sent.outcome === 'sent' ? sent.messageRef : ''
  await slack.channel.edit(ref, slack.message('C0TEAM', [progress('done', steps.slice(0, 1))]))
  expect((await slack.peer.messages('C0TEAM'))[0]?.blocks[0]).toMatchObject({ type: 'plan', title: '✓ Release notes' })
})

test('where Slack takes no plans the same message goes out as text, and so do all that follow', async () => {
  slack.peer.failNext({ method: 'chat.postMessage', fault: { refusal: 'invalid_blocks' } })
  const before = slack.peer.callsOf('chat.postMessage').length
  const sent = await slack.channel.send(slack.message('C0TEAM', [progress()]))
  expect(sent.outcome).toBe('sent')
  await slack.channel.send(slack.message('C0TEAM', [progress('done')]))
  const calls = slack.peer.callsOf('chat.postMessage').slice(before)
  expect(calls.map(({ args }) => kinds(args.blocks))).toEqual([['plan'], ['rich_text'], ['rich_text']])
  const ref = sent.outcome === 'sent' ? sent.messageRef : ''
  await slack.channel.edit(ref, slack.message('C0TEAM', [progress('failed')]))
  expect(kinds(slack.peer.callsOf('chat.update').at(-1)?.args.blocks)).toEqual(['rich_text'])
  const shown = (await slack.peer.messages('C0TEAM')).find(({ ts }) => ref.endsWith(ts))
  expect(shown?.text).toContain('✗ Release notes\n✓ Collect')
})

test('a message that Slack refuses for something else is refused, and plans are still tried', async () => {
  await slack.restart()
  slack.peer.failNext({ method: 'chat.postMessage', fault: { refusal: 'invalid_blocks' }, count: 2 })
  expect((await slack.channel.send(slack.message('C0TEAM', [progress()]))).outcome).toBe('refused')
  await slack.channel.send(slack.message('C0TEAM', [progress()]))
  expect(kinds(slack.peer.callsOf('chat.postMessage').at(-1)?.args.blocks)).toEqual(['plan'])
})

test('an answer through a response address is text', async () => {
  await slack.peer.slash('G0SHUT', 'U0ANN', '/muster', 'status')
  const [incoming] = slack.taken()
  const hints = incoming?.hints ?? {}
  await slack.channel.send(slack.message('G0SHUT', [progress()], { hints }))
  expect(kinds(slack.peer.callsOf('response_url').at(-1)?.args.blocks)).toEqual(['rich_text'])
})

test('more steps than a plan has room for, none, and long names stay within the limits', () => {
  const problems: string[] = []
  const notes = {
    refuse: (problem: string) => problems.push(problem),
    violate: (problem: string) => problems.push(problem),
  }
  const many = (count: number, letter = 'x') =>
    Array.from({ length: count }, () => ({ label: letter.repeat(500), status: 'done' as const }))
  const blocks = [0, 1, 50, 51, 200].map((count) => {
    const posts = toPosts([progress('running', many(count)), { type: 'text', text: 'after' }])
    for (const post of posts) {
      checkBlocks(post.blocks, notes)
      if (post.plain) checkBlocks(post.plain, notes)
    }
    return posts[0]?.blocks[0]?.type
  })
  for (const post of toPosts([progress('running', many(50, '"'))])) checkBlocks(post.blocks, notes)
  expect(problems).toEqual([])
  expect(blocks).toEqual(['rich_text', 'plan', 'plan', 'rich_text', 'rich_text'])
})
