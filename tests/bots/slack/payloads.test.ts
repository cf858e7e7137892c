import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Incoming } from '#core/chat/message.ts'
import { SlackHarness } from './harness.ts'

const FOLDER = new URL('payloads/', import.meta.url)
const THREAD = 'C0TEAM:1795170000.000100'
const NOW_MS = Date.parse('2026-11-20T10:00:00Z')

let slack: SlackHarness

beforeAll(async () => {
  slack = await SlackHarness.start('http')
})

afterAll(() => slack.end())

const ANN = { externalId: 'T0PEER:U0ANN', name: 'ann', handle: 'ann' }
const BEN = { externalId: 'T0PEER:U0BEN', name: 'ben', handle: 'ben' }
const PRESS = { button: { token: 'Zm9vYmFyYmF6cXV4MTIzNA' }, text: 'Approve', sender: BEN, atMs: 1_795_170_310_112 }

/** What each of Slack's payloads says to the bot; null when it says nothing. */
const MEANING: Record<string, object | null> = {
  mention: {
    deliveryId: 'Ev08MHQ1',
    conversation: 'C0TEAM',
    isPrivate: false,
    sender: ANN,
    text: 'run brief topic=<launch> & see https://example.org/a?b=1&c=2',
    files: [],
    atMs: 1_795_170_000_000,
  },
  'mention-in-thread': {
    deliveryId: 'Ev08MHQ2',
    conversation: THREAD,
    sender: BEN,
    text: 'looks good, approve',
    replyTo: { messageRef: 'C0TEAM/1795170000.000100' },
  },
  'mention-edited': null,
  'direct-message': {
    conversation: 'D0ANNBOT',
    isPrivate: true,
    sender: ANN,
    text: 'invitemember @U0BEN to acme\nand tell #team & cat@example.org',
  },
  'direct-file': {
    text: 'release_notes',
    files: [
      {
        name: 'commits.txt',
        mediaType: 'text/plain',
        sizeBytes: 1204,
        fetchRef: 'https://files.slack.com/files-pri/T0PEER-F08MHQ5/download/commits.txt',
      },
    ],
  },
  'message-changed': null,
  'message-deleted': null,
  'bot-message': null,
  'own-message': null,
  'channel-talk': null,
  'app-home-opened': {
    deliveryId: 'Ev08MHQC',
    conversation: 'home:U0ANN',
    isPrivate: true,
    sender: ANN,
    text: '/home',
    files: [],
  },
  'slash-muster': {
    deliveryId: '7480000000001.1234.aaaa',
    conversation: 'C0TEAM',
    sender: ANN,
    text: '/run brief --topic "R&D plans"',
    hints: {
      trigger_id: '7480000000001.1234.aaaa',
      response_url: 'https://hooks.slack.com/commands/T0PEER/7480000000001/abcDEF',
      response_for: 'T0PEER:U0ANN',
    },
  },
  'slash-help': { text: '/help' },
  'slash-job': { text: '/release_notes v1.2 v1.3', conversation: 'D0ANNBOT', isPrivate: true },
  button: { ...PRESS, deliveryId: '7480000000004.1234.dddd:1795170310.112233', conversation: 'C0TEAM' },
  'button-in-thread': { ...PRESS, conversation: THREAD },
  'link-button': null,
  'shortcut-global': {
    deliveryId: '7480000000008.1234.hhhh',
    isPrivate: true,
    sender: ANN,
    text: '/run',
    hints: { trigger_id: '7480000000008.1234.hhhh' },
  },
  'shortcut-message': {
    deliveryId: '7480000000009.1234.iiii',
    conversation: THREAD,
    isPrivate: false,
    sender: BEN,
    text: '/run',
    replyTo: { messageRef: 'C0TEAM/1795170320.000200', text: 'feat: faster <start> & more' },
    hints: { response_for: 'T0PEER:U0BEN' },
  },
  'home-button': { ...PRESS, deliveryId: '7480000000007.1234.gggg:1795170310.112233', isPrivate: true },
}

test('there is a meaning for every payload', () => {
  const names = readdirSync(FOLDER).map((name) => name.replace('.json', ''))
  expect(names.sort()).toEqual(Object.keys(MEANING).sort())
})

test.each(Object.keys(MEANING))('%s', async (name) => {
  const direct = await slack.peer.direct('U0ANN')
  const asHere = (json: string): string => json.replaceAll('D0ANNBOT', direct)
  const json = asHere(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'))
  const payload = JSON.parse(json) as Record<string, unknown>
  const { body, type } = encoded(payload)
  const request = new Request('http://muster.example/webhooks/slack', {
    method: 'POST',
    headers: { 'content-type': type, ...slack.peer.sign(body) },
    body,
  })
  expect((await slack.channel.webhook?.(request))?.status).toBe(200)
  const taken: Incoming[] = slack.taken()
  const meaning = JSON.parse(asHere(JSON.stringify(MEANING[name]))) as object | null
  if (!meaning) expect(taken).toEqual([])
  else expect(taken).toMatchObject([{ channel: 'slack', isAddressed: true, ...meaning }])
  for (const { hints } of taken) {
    if (hints?.response_url) expect(Number(hints.response_until_ms)).toBeGreaterThan(NOW_MS)
  }
})

/** As Slack sends it: events as JSON, commands as a form, presses as JSON in a form. */
function encoded(payload: Record<string, unknown>): { body: string; type: string } {
  if (payload.type === 'event_callback') return { body: JSON.stringify(payload), type: 'application/json' }
  const form = payload.command ? (payload as Record<string, string>) : { payload: JSON.stringify(payload) }
  return { body: new URLSearchParams(form).toString(), type: 'application/x-www-form-urlencoded' }
}
