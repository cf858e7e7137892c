import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { homeView } from '#bots/slack/home.ts'
import type { Part } from '#core/chat/message.ts'
import { checkView } from '../../peers/slack/view-limits.ts'
import { eventually } from '../../support/eventually.ts'
import { type Mode, SlackHarness } from './harness.ts'

describe.each<Mode>(['socket', 'http'])('the Home tab of Slack over %s', (mode) => {
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

  const buttons: Part = { type: 'buttons', buttons: [{ label: 'Show', token: 'tok_show' }] }
  const home = () => slack.peer.surfaces.home('U0ANN')

  test('opening it is said as /home; the same event brings the same id, and the other tab says nothing', async () => {
    const delivery = await slack.peer.surfaces.openHome('U0ANN')
    const again = await slack.peer.redeliver(delivery)
    await eventually(() => expect(again.isAcknowledged).toBe(true))
    const taken = slack.taken()
    expect(taken[0]).toMatchObject({
      conversation: 'home:U0ANN',
      isPrivate: true,
      text: '/home',
      sender: { externalId: 'T0PEER:U0ANN', name: 'ann' },
      deliveryId: delivery.payload.event_id,
    })
    expect(taken.map(({ deliveryId }) => deliveryId)).toEqual([taken[0]?.deliveryId, taken[0]?.deliveryId])
    await slack.peer.surfaces.openHome('U0ANN', 'messages')
    expect(slack.taken()).toEqual([])
    expect(slack.channel.isPrivate('home:U0ANN')).toBe(true)
  })

  test('what is sent there stands there, and an edit takes its place', async () => {
    const sent = await slack.channel.send(slack.message('home:U0ANN', ['You pay <@U1>', buttons]))
    expect(sent).toEqual({ outcome: 'sent', messageRef: 'home:U0ANN' })
    expect(JSON.stringify(home()?.blocks)).toContain('You pay <@U1>')
    await slack.channel.edit('home:U0ANN', slack.message('home:U0ANN', ['Acme pays', buttons]))
    expect(JSON.stringify(home()?.blocks)).not.toContain('You pay')
    expect(slack.peer.callsOf('chat.postMessage')).toEqual([])
  })

  test('when it is not known whether it arrived it is simply published again', async () => {
    slack.peer.failNext({ method: 'views.publish', fault: 'drop-after' })
    const message = slack.message('home:U0ANN', ['Once more'])
    expect(await slack.channel.send(message)).toMatchObject({ outcome: 'retry' })
    expect(await slack.channel.send({ ...message, maybeDuplicate: true })).toMatchObject({ outcome: 'sent' })
    expect(JSON.stringify(home()?.blocks)).not.toContain('duplicate')
    slack.peer.failNext({ method: 'views.publish', fault: { retryAfter: 7 } })
    expect(await slack.channel.send(message)).toMatchObject({ outcome: 'retry', afterMs: 7_000 })
    slack.peer.failNext({ method: 'views.publish', fault: { refusal: 'not_enabled' } })
    expect(await slack.channel.send(message)).toMatchObject({ outcome: 'refused' })
  })

  test('a button there is pressed in the direct messages, and may open a dialog', async () => {
    await slack.channel.send(slack.message('home:U0ANN', ['Yours', buttons]))
    const { payload } = await slack.peer.surfaces.pressHome('U0ANN', 'Show')
    expect(slack.taken()).toMatchObject([
      {
        conversation: await slack.peer.direct('U0ANN'),
        isPrivate: true,
        button: { token: 'tok_show' },
        text: 'Show',
        hints: { trigger_id: payload.trigger_id },
      },
    ])
  })
})

test('more than Slack takes is cut, and says so', () => {
  const many: Part[] = Array.from({ length: 150 }, (_, index) => ({
    type: 'text',
    text: `line ${index}`,
    style: 'muted',
  }))
  const problems: string[] = []
  const notes = {
    refuse: (problem: string) => problems.push(problem),
    violate: (problem: string) => problems.push(problem),
  }
  for (const parts of [many, [], [{ type: 'code' as const, text: 'x'.repeat(300_000) }]]) {
    checkView(homeView(parts), notes)
    if (parts.length > 0) expect(JSON.stringify(homeView(parts).blocks.at(-1))).toContain('There is more')
  }
  expect(problems).toEqual([])
})
