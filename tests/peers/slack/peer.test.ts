import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type SlackPeer, startSlackPeer } from './index.ts'

let peer: SlackPeer
let seen = 0

beforeAll(async () => {
  peer = await startSlackPeer({
    mode: 'socket',
    users: [{ id: 'U1', name: 'ann' }],
    channels: [
      { id: 'C1', name: 'in' },
      { id: 'C2', name: 'out', withoutBot: true },
      { id: 'G1', name: 'shut', isPrivate: true, withoutBot: true },
    ],
  })
})

beforeEach(() => {
  seen = peer.violations.length
})

afterAll(() => peer.stop())

async function call(
  method: string,
  args: object,
  token = peer.secrets.botToken,
): Promise<{ ok: boolean; error?: string }> {
  const response = await fetch(`${peer.apiUrl}${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(args),
  })
  return (await response.json()) as { ok: boolean; error?: string }
}

const found = (): string[] => peer.violations.slice(seen).map(({ message }) => message)

test('local-slack listens nowhere but on its own socket', () => {
  const port = Number(new URL(peer.apiUrl).port).toString(16).toUpperCase().padStart(4, '0')
  const listening = ['tcp', 'tcp6'].flatMap((kind) =>
    readFileSync(`/proc/net/${kind}`, 'utf8')
      .split('\n')
      .filter((line) => line.includes(`:${port} `) && line.includes(' 0A ')),
  )
  expect(listening).toHaveLength(1)
  expect(listening[0]).toContain(`0100007F:${port}`)
})

test('places, tokens and people are checked as Slack checks them', async () => {
  const say = (channel: string) => call('chat.postMessage', { channel, text: 'x' })
  const whisper = (channel: string, user: string) => call('chat.postEphemeral', { channel, user, text: 'x' })
  expect(await call('auth.test', {}, 'xoxb-wrong')).toEqual({ ok: false, error: 'invalid_auth' })
  expect((await say('C1')).ok).toBe(true)
  expect((await say('C2')).ok).toBe(true)
  expect((await say('G1')).error).toBe('channel_not_found')
  expect((await say('C404')).error).toBe('channel_not_found')
  expect((await whisper('C2', 'U1')).error).toBe('not_in_channel')
  expect((await whisper('C1', 'U404')).error).toBe('user_not_in_channel')
  expect((await call('chat.update', { channel: 'C1', ts: '1.1', text: 'x' })).error).toBe('message_not_found')
  expect(found()).toEqual([])
})

const text = (words: string) => ({ type: 'plain_text', text: words })
const rich = (...elements: object[]) => ({ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] })

test.each<[string, object[]]>([
  ['51 blocks', Array.from({ length: 51 }, () => ({ type: 'header', text: text('x') }))],
  ['a long header', [{ type: 'header', text: text('x'.repeat(151)) }]],
  ['an empty text', [{ type: 'section', text: text('') }]],
  ['eleven fields', [{ type: 'section', fields: Array.from({ length: 11 }, () => text('x')) }]],
  ['a long button', [{ type: 'actions', elements: [{ type: 'button', action_id: 'a', text: text('x'.repeat(76)) }] }]],
  [
    'an unknown style',
    [{ type: 'actions', elements: [{ type: 'button', action_id: 'a', text: text('x'), style: 'big' }] }],
  ],
  [
    'the same action twice',
    [{ type: 'actions', elements: [1, 2].map(() => ({ type: 'button', action_id: 'a', text: text('x') })) }],
  ],
  ['an empty rich text', [rich({ type: 'text', text: '' })]],
  ['no elements', [rich()]],
  ['an unknown field', [rich({ type: 'text', text: 'x', colour: 'red' })]],
  ['too much in all', Array.from({ length: 20 }, () => ({ type: 'section', text: text('x'.repeat(900)) }))],
])('%s is refused', async (_, blocks) => {
  const answer = await call('chat.postMessage', { channel: 'C1', text: 'x', blocks })
  expect(answer.error).toMatch(/^(invalid_blocks|msg_blocks_too_long)$/)
  expect(found()).not.toEqual([])
})

test.each<[string, object]>([
  ['a mention in the text', { text: 'hi <@U1>' }],
  [
    'a broadcast in mrkdwn',
    { text: 'x', blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '<!here>', verbatim: true } }] },
  ],
  ['mrkdwn that is read for names', { text: 'x', blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'x' } }] }],
  ['a user in rich text', { text: 'x', blocks: [rich({ type: 'user', user_id: 'U1' })] }],
  ['names made to mentions', { text: 'x', link_names: true }],
  ['nothing for notifications', { blocks: [rich({ type: 'text', text: 'x' })] }],
  ['an argument that does not exist', { text: 'x', silent: true }],
])('%s goes through and is noted', async (_, args) => {
  expect((await call('chat.postMessage', { channel: 'C1', ...args })).ok).toBe(true)
  expect(found()).toHaveLength(1)
})

const modal = (more: object = {}) => ({
  type: 'modal',
  title: text('Title'),
  submit: text('Send'),
  blocks: [{ type: 'header', text: text('x') }],
  ...more,
})
const input = (element: object, more: object = {}) => ({
  type: 'input',
  block_id: 'a',
  label: text('A'),
  element,
  ...more,
})
const typed = (more: object = {}) => input({ type: 'plain_text_input', action_id: 'v', ...more })
const choice = (options: object[], more: object = {}) =>
  input({ type: 'static_select', action_id: 'v', options, ...more })
const option = (value: string) => ({ text: text(value), value })

test.each<[string, object]>([
  ['a long title', modal({ title: text('x'.repeat(25)) })],
  ['101 blocks', modal({ blocks: Array.from({ length: 101 }, () => ({ type: 'divider' })) })],
  ['long metadata', modal({ private_metadata: 'x'.repeat(3_001) })],
  ['inputs without a button to send them', { type: 'modal', title: text('Title'), blocks: [typed()] }],
  ['the same block twice', modal({ blocks: [typed(), typed()] })],
  ['a text that is too long to begin with', modal({ blocks: [typed({ initial_value: 'x'.repeat(3_001) })] })],
  ['101 options', modal({ blocks: [choice(Array.from({ length: 101 }, (_, index) => option(`${index}`)))] })],
  ['a choice that is none of them', modal({ blocks: [choice([option('a')], { initial_option: option('b') })] })],
  ['a plan in a dialog', modal({ blocks: [{ type: 'plan', title: 'x', tasks: [] }] })],
  ['an input on the Home tab', { type: 'home', blocks: [typed()] }],
])('as a dialog %s is refused', async (_, view) => {
  const home = (view as { type: string }).type === 'home'
  const args = home ? { user_id: 'U1', view } : { trigger_id: '1.1', view }
  const answer = await call(home ? 'views.publish' : 'views.open', args)
  expect(answer.error).toBe('invalid_arguments')
  expect(found()).not.toEqual([])
})

test('a dialog needs a trigger; the Home tab needs none', async () => {
  expect((await call('views.open', { trigger_id: 'made-up', view: modal() })).error).toBe('invalid_trigger_id')
  expect(
    (await call('views.publish', { user_id: 'U1', view: { type: 'home', blocks: [{ type: 'divider' }] } })).ok,
  ).toBe(true)
  expect(peer.surfaces.home('U1')?.blocks).toEqual([{ type: 'divider' }])
  expect(found()).toEqual([])
})
