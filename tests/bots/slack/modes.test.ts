import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { type Mode, SlackHarness } from './harness.ts'

describe.each<Mode>(['socket', 'http'])('Slack over %s', (mode) => {
  let slack: SlackHarness

  beforeAll(async () => {
    slack = await SlackHarness.start(mode)
  })

  afterEach(() => {
    slack.peer.clearFaults()
    slack.onReceive = async () => {}
    slack.taken()
    expect(slack.peer.violations).toEqual([])
  })

  afterAll(() => slack.end())

  test('a mention in a channel is taken without the mention, with the name of who said it', async () => {
    const ts = await slack.peer.say('C0TEAM', 'U0ANN', `${slack.peer.mention} balance &amp; more`)
    const [incoming] = slack.taken()
    expect(incoming).toMatchObject({
      channel: 'slack',
      conversation: 'C0TEAM',
      isPrivate: false,
      sender: { externalId: 'T0PEER:U0ANN', name: 'ann', handle: 'ann' },
      text: 'balance & more',
      isAddressed: true,
      files: [],
      atMs: Math.round(Number(ts) * 1000),
    })
  })

  test('talk among people is not taken, nor are edits and deletions', async () => {
    await slack.peer.say('C0TEAM', 'U0ANN', 'lunch?')
    const direct = await slack.peer.direct('U0ANN')
    const ts = await slack.peer.say(direct, 'U0ANN', 'jobs')
    expect(slack.taken()).toHaveLength(1)
    await slack.peer.editText(direct, 'U0ANN', ts, 'balance')
    await slack.peer.remove(direct, 'U0ANN', ts)
    expect(slack.taken()).toEqual([])
    expect(slack.peer.deliveries.every(({ isAcknowledged }) => isAcknowledged)).toBe(true)
  })

  test('a direct message needs no mention', async () => {
    const direct = await slack.peer.direct('U0BEN')
    await slack.peer.say(direct, 'U0BEN', '/status')
    expect(slack.taken()).toMatchObject([
      { conversation: direct, isPrivate: true, text: '/status', sender: { externalId: 'T0PEER:U0BEN' } },
    ])
  })

  test('a mention in a thread belongs to the thread, and answers its first message', async () => {
    const root = await slack.peer.say('C0TEAM', 'U0ANN', 'the plan')
    await slack.peer.say('C0TEAM', 'U0BEN', 'no mention, not for the bot', root)
    await slack.peer.say('C0TEAM', 'U0BEN', `${slack.peer.mention} approve`, root)
    expect(slack.taken()).toMatchObject([
      { conversation: `C0TEAM:${root}`, text: 'approve', replyTo: { messageRef: `C0TEAM/${root}`, text: 'the plan' } },
    ])
    const result = await slack.channel.send(slack.message(`C0TEAM:${root}`, ['Approved.']))
    expect(result.outcome).toBe('sent')
    expect(await slack.peer.waitForMessage('C0TEAM', 'Approved.')).toMatchObject({ threadTs: root })
  })

  test('slash commands: the line after /muster, help when there is none, a job by its own name', async () => {
    await slack.peer.slash('C0TEAM', 'U0ANN', '/muster', 'balance')
    await slack.peer.slash('C0TEAM', 'U0ANN', '/muster')
    await slack.peer.slash('C0OPEN', 'U0ANN', '/release-notes', 'v2 "a b"')
    const taken = slack.taken()
    expect(taken.map(({ text }) => text)).toEqual(['/balance', '/help', '/release-notes v2 "a b"'])
    expect(taken[2]).toMatchObject({
      conversation: 'C0OPEN',
      sender: { externalId: 'T0PEER:U0ANN', name: 'ann' },
      hints: { response_for: 'T0PEER:U0ANN', trigger_id: taken[2]?.deliveryId },
    })
  })

  test('a button brings its token, in the thread in which it stands', async () => {
    const root = await slack.peer.say('C0TEAM', 'U0ANN', 'the plan')
    const buttons = [
      { label: 'Stop', token: 'tok_stop', style: 'danger' as const },
      { label: 'Open', url: 'https://muster.example/run/1' },
    ]
    const sent = await slack.channel.send(slack.message(`C0TEAM:${root}`, ['Running', { type: 'buttons', buttons }]))
    const ts = sent.outcome === 'sent' ? (sent.messageRef.split('/')[1] ?? '') : ''
    await slack.peer.press('C0TEAM', 'U0BEN', ts, 'Stop')
    await slack.peer.press('C0TEAM', 'U0BEN', ts, 'Open')
    const [pressed, ...rest] = slack.taken()
    expect(rest).toEqual([])
    expect(pressed).toMatchObject({
      conversation: `C0TEAM:${root}`,
      text: 'Stop',
      button: { token: 'tok_stop' },
      sender: { externalId: 'T0PEER:U0BEN', name: 'ben' },
    })
    await slack.channel.answerPress?.(pressed?.button?.answerRef ?? '', 'Stopped <by you>')
    expect((await slack.peer.ephemeral('C0TEAM', 'U0BEN')).at(-1)?.text).toBe('Stopped <by you>')
  })

  test('files that people share can be fetched', async () => {
    const bytes = new TextEncoder().encode('id,name\n1,Ann\n')
    await slack.peer.share(await slack.peer.direct('U0ANN'), 'U0ANN', { name: 'people.csv', bytes }, '/run import')
    const [incoming] = slack.taken()
    expect(incoming).toMatchObject({ text: '/run import', files: [{ name: 'people.csv', sizeBytes: bytes.length }] })
    const file = incoming?.files[0]
    if (!file) throw new Error('no file')
    expect(new TextDecoder().decode(await slack.channel.download(file))).toBe('id,name\n1,Ann\n')
    const elsewhere = { ...file, fetchRef: 'http://127.0.0.1:9/steal' }
    await expect(slack.channel.download(elsewhere)).rejects.toThrow('not at Slack')
  })

  test('what could not be stored is not acknowledged, and comes with the same id again', async () => {
    slack.onReceive = async () => {
      throw new Error('The database is full')
    }
    // local-slack waits five seconds for an acknowledgement; nobody waits here.
    slack.peer.say('C0TEAM', 'U0ANN', `${slack.peer.mention} once`).catch(() => {})
    const failed = await eventually(() => {
      const found = slack.peer.deliveries.filter(({ kind }) => kind === 'events_api').at(-1)
      const failures = slack.logged.filter(({ message }) => message.includes('could not be stored'))
      if (!found || failures.length === 0) throw new Error('not yet')
      return found
    })
    expect(failed.isAcknowledged).toBe(false)
    slack.onReceive = async () => {}
    const again = await slack.peer.redeliver(failed)
    await eventually(() => expect(again.isAcknowledged).toBe(true))
    expect(slack.taken()).toMatchObject([{ text: 'once', deliveryId: failed.payload.event_id }])
  })

  test('an acknowledgement waits for the store, and for nothing else', async () => {
    let store = (): void => {}
    slack.onReceive = () =>
      new Promise((resolve) => {
        store = resolve
      })
    const said = slack.peer.slash('C0TEAM', 'U0ANN', '/muster', 'jobs')
    const delivery = await eventually(() => {
      const last = slack.peer.deliveries.at(-1)
      if (last?.kind !== 'slash_commands' || last.payload.text !== 'jobs') throw new Error('not yet')
      return last
    })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(delivery.isAcknowledged).toBe(false)
    store()
    await said
    expect(delivery.isAcknowledged).toBe(true)
  })

  test('each conversation keeps its order, also when a name takes its time', async () => {
    slack.peer.failNext({ method: 'users.info', fault: { delayMs: 400 } })
    await slack.restart()
    const said: Promise<unknown>[] = []
    for (const [user, words] of [
      ['U0ANN', 'one'],
      ['U0BEN', 'two'],
      ['U0BEN', 'three'],
    ] as const) {
      const text = `${slack.peer.mention} ${words}`
      said.push(slack.peer.say('C0TEAM', user, text))
      // Slack brings them side by side, so it is only told of the next one when this one is on its way.
      await eventually(() =>
        expect(JSON.stringify(slack.peer.deliveries)).toContain(`"app_mention","user":"${user}","text":"${text}"`),
      )
    }
    await Promise.all(said)
    expect(slack.taken().map(({ text }) => text)).toEqual(['one', 'two', 'three'])
  })

  test('stopping waits for what is being stored; what comes after is left for Slack to bring again', async () => {
    let store = (): void => {}
    slack.onReceive = () =>
      new Promise((resolve) => {
        store = resolve
      })
    const said = slack.peer.slash('C0TEAM', 'U0ANN', '/muster', 'last')
    await eventually(() => expect(slack.peer.deliveries.at(-1)?.payload.text).toBe('last'))
    await new Promise((resolve) => setTimeout(resolve, 50))
    let hasStopped = false
    const stopped = slack.channel.stop().then(() => {
      hasStopped = true
    })
    const late = slack.peer.slash('C0TEAM', 'U0ANN', '/muster', 'late').catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(hasStopped).toBe(false)
    store()
    await Promise.all([stopped, said])
    expect(slack.taken()).toMatchObject([{ text: '/last' }])
    const [before, after] = slack.peer.deliveries.slice(-2)
    expect([before?.isAcknowledged, after?.isAcknowledged]).toEqual([true, false])
    await slack.restart()
    if (mode === 'http') await late
  })
})
