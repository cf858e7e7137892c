import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Mode, SlackHarness } from './harness.ts'
import { field, TestDesk } from './test-desk.ts'

describe.each<Mode>(['socket', 'http'])('shortcuts of Slack over %s', (mode) => {
  let slack: SlackHarness

  beforeAll(async () => {
    slack = await SlackHarness.start(mode)
  })

  afterEach(() => {
    slack.peer.clearFaults()
    slack.taken()
    expect(slack.peer.violations).toEqual([])
  })

  afterAll(() => slack.end())

  test('the shortcut in the message field runs a job in the direct messages, and its trigger opens a dialog', async () => {
    const { isAcknowledged, payload } = await slack.peer.surfaces.shortcut('U0ANN', 'run_job')
    expect(isAcknowledged).toBe(true)
    const [incoming] = slack.taken()
    expect(incoming).toMatchObject({
      deliveryId: payload.trigger_id,
      conversation: await slack.peer.direct('U0ANN'),
      isPrivate: true,
      text: '/run',
      sender: { externalId: 'T0PEER:U0ANN', name: 'ann' },
    })
    const form = new TestDesk([field('job')]).form()
    expect(incoming && (await slack.channel.openForm?.(incoming, form))).toBe(true)
    expect(slack.peer.surfaces.dialog('U0ANN')?.title).toBe('Release notes')
  })

  test('the direct messages with a person are asked for once', async () => {
    await slack.peer.surfaces.shortcut('U0BEN', 'run_job')
    const before = slack.peer.callsOf('conversations.open').length
    await slack.peer.surfaces.shortcut('U0BEN', 'run_job')
    expect(slack.peer.callsOf('conversations.open')).toHaveLength(before)
    expect(slack.taken()).toHaveLength(2)
  })

  test('beside a message it answers that message, with its words and files, where it stands', async () => {
    const bytes = new TextEncoder().encode('feat: a')
    const ts = await slack.peer.share('C0TEAM', 'U0BEN', { name: 'log.txt', bytes }, 'our log &amp; more')
    await slack.peer.surfaces.shortcut('U0ANN', 'run_on_message', { channel: 'C0TEAM', ts })
    expect(slack.taken()).toMatchObject([
      {
        conversation: 'C0TEAM',
        isPrivate: false,
        text: '/run',
        sender: { externalId: 'T0PEER:U0ANN' },
        replyTo: { messageRef: `C0TEAM/${ts}`, text: 'our log & more', files: [{ name: 'log.txt', sizeBytes: 7 }] },
      },
    ])
    const reply = await slack.peer.say('C0TEAM', 'U0ANN', 'in the thread', ts)
    await slack.peer.surfaces.shortcut('U0ANN', 'run_on_message', { channel: 'C0TEAM', ts: reply })
    expect(slack.taken()).toMatchObject([
      { conversation: `C0TEAM:${ts}`, replyTo: { messageRef: `C0TEAM/${reply}`, text: 'in the thread' } },
    ])
  })

  test('where the bot is not, it can still answer', async () => {
    const ts = await slack.peer.say('G0SHUT', 'U0ANN', 'secret plan')
    const responseUrl = 'https://hooks.slack.com/app/1'
    await slack.peer.surfaces.shortcut('U0ANN', 'run_on_message', { channel: 'G0SHUT', ts, responseUrl })
    expect(slack.taken()).toMatchObject([
      { conversation: 'G0SHUT', hints: { response_url: responseUrl, response_for: 'T0PEER:U0ANN' } },
    ])
  })

  test('in the direct messages between two people somebody reads along', async () => {
    const ts = await slack.peer.say('D0PAIR', 'U0ANN', 'between us')
    await slack.peer.surfaces.shortcut('U0BEN', 'run_on_message', { channel: 'D0PAIR', ts })
    await slack.peer.slash('D0PAIR', 'U0BEN', '/muster', 'balance')
    expect(slack.taken()).toMatchObject([
      { conversation: 'D0PAIR', isPrivate: false, text: '/run' },
      { conversation: 'D0PAIR', isPrivate: false, text: '/balance' },
    ])
    await slack.peer.slash(await slack.peer.direct('U0BEN'), 'U0BEN', '/muster', 'balance')
    expect(slack.taken()).toMatchObject([{ isPrivate: true }])
  })

  test('somebody whose direct messages Slack does not open is told by Slack, and nothing is lost by it later', async () => {
    await slack.restart()
    slack.peer.failNext({ method: 'conversations.open', fault: { status: 503 } })
    expect((await slack.peer.surfaces.shortcut('U0ANN', 'run_job')).isAcknowledged).toBe(false)
    expect(slack.taken()).toEqual([])
    expect((await slack.peer.surfaces.shortcut('U0ANN', 'run_job')).isAcknowledged).toBe(true)
    expect(slack.taken()).toHaveLength(1)
  })
})
