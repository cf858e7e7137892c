import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSlackChannel } from '#bots/slack/bot.ts'
import { systemClock } from '#core/clock.ts'
import { eventually } from '../../support/eventually.ts'
import { SlackHarness } from './harness.ts'

let slack: SlackHarness

beforeEach(async () => {
  slack = await SlackHarness.start('socket')
})

afterEach(() => slack.end())

const isConnected = () => eventually(() => expect(slack.peer.connections).toBe(1))

const hears = async (words: string): Promise<void> => {
  await slack.peer.say('C0TEAM', 'U0ANN', `${slack.peer.mention} ${words}`)
  expect(slack.taken().map(({ text }) => text)).toEqual([words])
}

test('after a break it connects again by itself', async () => {
  await hears('one')
  slack.peer.cutConnections()
  await eventually(() => expect(slack.peer.callsOf('apps.connections.open')).toHaveLength(2))
  await isConnected()
  await hears('two')
})

test('when Slack renews the connection it follows', async () => {
  slack.peer.sayDisconnect()
  await eventually(() => expect(slack.peer.callsOf('apps.connections.open')).toHaveLength(2))
  await isConnected()
  await hears('one')
})

test('it tries again when connecting fails, also when Slack refuses it for a while', async () => {
  slack.peer.failNext({ method: 'apps.connections.open', fault: { refusal: 'internal_error' } })
  slack.peer.failNext({ method: 'apps.connections.open', fault: 'drop-before' })
  slack.peer.cutConnections()
  await eventually(() => expect(slack.peer.callsOf('apps.connections.open')).toHaveLength(4))
  await isConnected()
  await hears('one')
})

test('a token that Slack does not know is said at once; a Slack that cannot be reached is waited for', async () => {
  const base = { ...slack.peer.secrets, mode: 'socket' as const, clock: systemClock }
  const warned: string[] = []
  const ignore = (): void => {}
  const log = {
    debug: ignore,
    info: ignore,
    warn: (_: object, words: string) => void warned.push(words),
    error: ignore,
  }
  const wrong = createSlackChannel({ ...base, appToken: 'xapp-wrong', apiUrl: slack.peer.apiUrl, log })
  await expect(wrong.start(async () => {})).rejects.toThrow('invalid_auth')
  const other = createSlackChannel({ ...base, botToken: 'xoxb-wrong', apiUrl: slack.peer.apiUrl, log })
  await expect(other.start(async () => {})).rejects.toThrow('invalid_auth')
  const lost = createSlackChannel({ ...base, apiUrl: 'http://127.0.0.1:9/api/', log })
  await lost.start(async () => {})
  expect(warned).toContain('Slack could not be reached; trying again')
  await lost.stop()
})

test('stopping lets what is being received end, and acknowledges it', async () => {
  let store = (): void => {}
  slack.onReceive = () =>
    new Promise((resolve) => {
      store = resolve
    })
  const said = slack.peer.say('C0TEAM', 'U0ANN', `${slack.peer.mention} last`)
  await eventually(() => expect(slack.peer.deliveries).toHaveLength(2))
  await new Promise((resolve) => setTimeout(resolve, 50))
  const stopped = slack.channel.stop()
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(slack.peer.connections).toBe(1)
  store()
  await stopped
  await said
  expect(slack.taken()).toMatchObject([{ text: 'last' }])
  expect(slack.peer.deliveries.every(({ isAcknowledged }) => isAcknowledged)).toBe(true)
  await eventually(() => expect(slack.peer.connections).toBe(0))
})

test('a name that Slack does not say in time holds nothing up', async () => {
  slack.peer.failNext({ method: 'users.info', fault: { delayMs: 3_000 } })
  const startMs = performance.now()
  await slack.peer.say('C0TEAM', 'U0BEN', `${slack.peer.mention} quick`)
  expect(performance.now() - startMs).toBeLessThan(1_500)
  expect(slack.taken()).toMatchObject([{ text: 'quick', sender: { externalId: 'T0PEER:U0BEN', name: 'U0BEN' } }])
})
