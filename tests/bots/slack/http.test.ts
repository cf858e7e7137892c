import { createHmac } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { createSlackChannel } from '#bots/slack/bot.ts'
import type { Incoming } from '#core/chat/message.ts'
import { TestClock } from '../../support/clock.ts'

const SECRET = 'a-signing-secret'
const ignore = (): void => {}
const LOG = { debug: ignore, info: ignore, warn: ignore, error: ignore }

let clock: TestClock
let received: Incoming[]
let webhook: (request: Request) => Promise<Response>

beforeEach(async () => {
  clock = new TestClock()
  received = []
  const channel = createSlackChannel({
    botToken: 'xoxb-1',
    signingSecret: SECRET,
    mode: 'http',
    // Nothing listens there: what must not get in is turned away before Slack would have to be asked.
    apiUrl: 'http://127.0.0.1:9/api/',
    log: LOG,
    clock,
  })
  await channel.start(async (incoming) => void received.push(incoming))
  webhook = (request) => channel.webhook?.(request) ?? Promise.reject(new Error('no webhook'))
})

function signed(body: string, { secret = SECRET, atMs = clock.nowMs(), type = 'application/json' } = {}): Request {
  const timestamp = `${Math.floor(atMs / 1000)}`
  const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')
  return post(body, {
    'content-type': type,
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': `v0=${signature}`,
  })
}

const post = (body: string, headers: Record<string, string>): Request =>
  new Request('http://muster.example/webhooks/slack', { method: 'POST', body, headers })

const CHALLENGE = JSON.stringify({ type: 'url_verification', challenge: 'c1' })

test('the verification of the address is answered, when it is signed', async () => {
  const response = await webhook(signed(CHALLENGE))
  expect(await response.json()).toEqual({ challenge: 'c1' })
})

test('five minutes are the limit for a signature, to both sides', async () => {
  const status = async (offsetMs: number) =>
    (await webhook(signed(CHALLENGE, { atMs: clock.nowMs() + offsetMs }))).status
  expect([await status(-300_000), await status(300_000)]).toEqual([200, 200])
  expect([await status(-301_000), await status(301_000)]).toEqual([401, 401])
})

test('nothing unsigned gets in: no signature, a wrong one, another secret, one changed byte', async () => {
  const { headers } = signed(CHALLENGE)
  const given = Object.fromEntries(headers)
  const forged = [
    post(CHALLENGE, { 'content-type': 'application/json' }),
    post(CHALLENGE, { ...given, 'x-slack-signature': 'v0=00' }),
    post(CHALLENGE, { ...given, 'x-slack-request-timestamp': 'soon' }),
    post(CHALLENGE.replace('c1', 'c2'), given),
    signed(CHALLENGE, { secret: 'another' }),
  ]
  for (const request of forged) expect((await webhook(request)).status).toBe(401)
})

test('a forged certificate check with a command in it never reaches a handler', async () => {
  const payload = JSON.stringify({
    type: 'block_actions',
    trigger_id: '1',
    actions: [{ type: 'button', value: 'tok' }],
  })
  const form = new URLSearchParams({ ssl_check: '1', command: '/muster', text: 'balance', payload }).toString()
  const type = 'application/x-www-form-urlencoded'
  expect((await webhook(post(form, { 'content-type': type }))).status).toBe(401)
  const check = new URLSearchParams({ ssl_check: '1', token: 't' }).toString()
  const response = await webhook(signed(check, { type }))
  expect([response.status, await response.text()]).toEqual([200, ''])
  expect(received).toEqual([])
})

test('more than a megabyte is not read to its end', async () => {
  expect((await webhook(signed('x'.repeat(1024 * 1024 + 1)))).status).toBe(413)
  let pulled = 0
  const endless = new ReadableStream({
    pull(controller) {
      pulled++
      controller.enqueue(new Uint8Array(64 * 1024))
    },
  })
  const request = new Request('http://muster.example/', {
    method: 'POST',
    body: endless,
    duplex: 'half',
  } as RequestInit)
  expect((await webhook(request)).status).toBe(413)
  expect(pulled).toBeLessThan(25)
})

test('what is no request of Slack is turned away', async () => {
  expect((await webhook(new Request('http://muster.example/'))).status).toBe(405)
  expect((await webhook(signed('{"type":'))).status).toBe(400)
  expect((await webhook(signed('[1]'))).status).toBe(400)
  expect((await webhook(signed('{"type":"something_new"}'))).status).toBe(200)
})

test('as long as Slack does not say who the bot is, nothing is acknowledged', async () => {
  const body = JSON.stringify({
    type: 'event_callback',
    team_id: 'T1',
    event_id: 'Ev1',
    event: { type: 'app_mention', channel: 'C1', user: 'U1', ts: '1.1', text: 'x' },
  })
  expect((await webhook(signed(body))).status).toBe(500)
  expect(received).toEqual([])
})

test('the modes say what they need', () => {
  const base = { botToken: 'xoxb-1', apiUrl: 'http://127.0.0.1:9/api/', log: LOG, clock }
  expect(() => createSlackChannel({ ...base, mode: 'http' })).toThrow('signing secret')
  expect(() => createSlackChannel({ ...base, mode: 'socket' })).toThrow('app token')
})
