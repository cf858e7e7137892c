import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Dialect } from '#db/db.ts'
import { type SlackPeer, startSlackPeer } from '#tests/peers/slack/index.ts'
import { startTelegramPeer, type TelegramPeer } from '#tests/peers/telegram/index.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type App, startApp } from './support/app.ts'
import { signIn } from './support/client.ts'
import { type Cost, FLOWS } from './support/flow-costs.ts'
import { jobsWith } from './support/flow-jobs.ts'
import { type Player, slackPlayer, telegramPlayer } from './support/flow-people.ts'
import { expectSoundLedger } from './support/ledger.ts'
import { ask, type Heard, hear, type Voice } from './support/voice.ts'

const COMMITS = 'a1b2c3d feat: dark mode\nb2c3d4e fix: a typo'
interface Case {
  name: string
  channel: 'telegram' | 'slack'
  dialect: Dialect
  slack?: 'socket' | 'http'
}

const CASES: Case[] = [
  { name: 'Telegram, SQLite', channel: 'telegram', dialect: 'sqlite' },
  { name: 'Telegram, Postgres', channel: 'telegram', dialect: 'postgres' },
  { name: 'Slack by socket, SQLite', channel: 'slack', dialect: 'sqlite', slack: 'socket' },
  { name: 'Slack by HTTP, Postgres', channel: 'slack', dialect: 'postgres', slack: 'http' },
]

/** The twelve things that people do every day, by saying and tapping alone: nobody types an id. */
describe.each(CASES)('everyday flows: $name', ({ channel, dialect, slack: mode }) => {
  let app: App
  let telegram: TelegramPeer | undefined
  let slack: SlackPeer | undefined
  let shop: Server
  let isShopOpen = false
  let ada: Player
  let ben: Player
  let jobs: ReturnType<typeof jobsWith>
  let teamId = ''
  let inTeam: (method: string, path: string, json?: object) => Promise<number>
  let teamOf: () => Promise<string>

  beforeAll(async () => {
    shop = createServer((_, response) => response.writeHead(isShopOpen ? 200 : 404).end('{"stock":3}'))
    await new Promise<void>((resolve) => void shop.listen(0, '127.0.0.1', resolve))
    const shopUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`
    jobs = jobsWith(shopUrl)
    const settings = { OUTBOUND_ALLOW: new URL(shopUrl).host }
    if (channel === 'telegram') {
      telegram = await startTelegramPeer()
      app = await startApp(dialect, { telegram: { peer: telegram, mode: 'polling' }, settings })
      ada = telegramPlayer(telegram, 'Ada')
      ben = telegramPlayer(telegram, 'Ben')
    } else {
      const users = ['ada', 'ben'].map((name) => ({ id: `U0${name.toUpperCase()}`, name }))
      slack = await startSlackPeer({ mode: mode ?? 'socket', users })
      app = await startApp(dialect, { slack: { peer: slack, mode: mode ?? 'socket' }, settings })
      // Slack brings a slash command once, to whoever listens then.
      if (mode === 'socket') await eventually(() => expect(slack?.connections).toBe(1))
      ada = await slackPlayer(slack, 'U0ADA')
      ben = await slackPlayer(slack, 'U0BEN')
    }
    await ask(ada, `/start ${app.claimCode}`, /This Muster is yours, @ada/)
    const link = await ask(ada, '/console', /login\?code=/)
    const console = await signIn(app.url, '/v1/auth/link', { code: /login\?code=([\w-]+)/.exec(link.text)?.[1] })
    inTeam = async (method, path, json) => {
      const response = await console.fetch(path, {
        method,
        headers: { 'X-Execution-Context': `team/${teamId}`, ...(json ? { 'Content-Type': 'application/json' } : {}) },
        ...(json ? { body: JSON.stringify(json) } : {}),
      })
      return response.status
    }
    teamOf = async () => (await console.call('GET', '/v1/teams')).body.items[0].id
  })
  afterAll(async () => {
    await app?.end()
    await telegram?.stop()
    await slack?.stop()
    shop?.close()
    expect(telegram?.violations ?? []).toEqual([])
    expect(slack?.violations ?? []).toEqual([])
    expect(app?.errors).toEqual([])
  })

  /** Taps and gives what comes of it: a new message, or the same one anew. */
  async function tap(voice: Voice, message: Heard, label: string, fits: RegExp): Promise<Heard> {
    const before = (await voice.heard()).filter(({ id, text }) => !(id === message.id && !fits.test(text)))
    await voice.press(message, label)
    return hear(voice, before, ({ text }) => fits.test(text))
  }
  const begin = (): void => {
    ada.reset()
    ben.reset()
  }
  /** What both of them did is what the flow takes. */
  function expectCost(flow: { telegram: Cost; slack: Cost }): void {
    const said = ada.count.said + ben.count.said
    const tapped = ada.count.tapped + ben.count.tapped
    expect({ said, tapped }).toEqual(flow[channel])
  }

  test('first contact to first result', async () => {
    await ask(ada, '/grant @ada 1', /\$1\.00/)
    begin()
    const before = await ada.heard()
    const hello = await ask(ada, '/start', /^Hello ada/i)
    const list = await tap(ada, hello, 'Jobs', /^Jobs/)
    await ada.press(list, 'Release notes')
    await ada.fill(before, { Commits: COMMITS }, 'Run it')
    await hear(ada, before, ({ text }) => /✓ Release notes[\s\S]*cost \$0\.002/.test(text))
    const notes = await hear(ada, before, ({ files }) => files.length > 0)
    expect(notes.files[0]?.name).toBe('release-notes.md')
    expectCost(FLOWS.first)
  })

  test('invite a colleague', async () => {
    begin()
    const made = await ask(ada, '/createteam Acme', /Acme is there/)
    const { text } = await tap(ada, made, 'Invite somebody', /An invitation to Acme/)
    expectCost(FLOWS.invite)
    // On Telegram, opening the link and pressing Start is what makes this.
    const code = /t\.me\/\w+\?start=([\w-]+)/.exec(text)?.[1] ?? /\/join ([\w-]+)/.exec(text)?.[1]
    await ask(ben, `/start ${code}`, /Welcome to Acme, @ben/)
  })

  test('switch context', async () => {
    begin()
    const choice = await ask(ada, '/setcontext', /Who pays from now on\?/)
    await tap(ada, choice, 'Team Acme', /Team Acme pays from now on/)
    expectCost(FLOWS.switch)
    await ask(ada, '/fund 0.05', /Team Acme got/)
    const welcome = (await ben.heard()).find(({ text }) => /Welcome to Acme/.test(text)) as Heard
    await tap(ben, welcome, 'Work in Acme', /Team Acme pays from now on/)
    teamId = await teamOf()
    for (const job of jobs) {
      expect(await inTeam('POST', '/v1/jobs', job)).toBe(201)
      expect(await inTeam('POST', `/v1/jobs/${job.jobId}/publish`)).toBe(200)
    }
  })

  test('run with a missing input, then approve it', async () => {
    begin()
    const [onAda, onBen] = [await ada.heard(), await ben.heard()]
    await ben.say('/draft')
    await ben.fill(onBen, { Topic: 'spring' }, 'Run it')
    expectCost(FLOWS.missing)
    begin()
    const card = await hear(ada, onAda, ({ text }) => /Review · Draft[\s\S]*About spring/.test(text))
    await ada.press(card, 'Approve')
    await hear(ben, onBen, ({ text }) => text === 'About spring')
    expectCost(FLOWS.approve)
  })

  test('request changes', async () => {
    const [onAda, onBen] = [await ada.heard(), await ben.heard()]
    await ben.say('/draft summer')
    const card = await hear(ada, onAda, ({ text }) => /Review · Draft[\s\S]*About summer/.test(text))
    begin()
    await ada.press(card, 'Request changes')
    await ada.fill(onAda, { Reason: ', shorter' })
    const again = await hear(ada, onAda, ({ text }) => /round 2[\s\S]*About summer, shorter/.test(text))
    await ada.press(again, 'Approve')
    await hear(ben, onBen, ({ text }) => text === 'About summer, shorter')
    expectCost(FLOWS.changes)
  })

  test('ask for more, and grant it', async () => {
    await ask(ada, '/cap ben 0.001', /@ben may spend/)
    const [onAda, onBen] = [await ada.heard(), await ben.heard()]
    await ben.say(`/release_notes ${COMMITS}`)
    const waiting = await hear(ben, onBen, ({ text }) => /There is no room for this/.test(text))
    begin()
    await ben.press(waiting, 'Ask for more')
    const request = await hear(ada, onAda, ({ buttons }) => buttons.includes('Grant'))
    await ada.press(request, 'Grant')
    await hear(ben, onBen, ({ files }) => files.length > 0)
    expectCost(FLOWS.askMore)
    await ask(ada, '/cap ben off', /@ben/)
  })

  test('run over the confirm limit', async () => {
    expect(await inTeam('PUT', `/v1/teams/${teamId}`, { confirmAboveUsd: '0.001' })).toBe(200)
    begin()
    const question = await ask(ada, `/release_notes ${COMMITS}`, /Team Acme · ≈ \$0\.002/)
    expect(question.buttons).toEqual(['Run it', 'Cancel'])
    const before = await ada.heard()
    await ada.press(question, 'Run it')
    await hear(ada, before, ({ files }) => files.length > 0)
    expectCost(FLOWS.confirm)
    expect(await inTeam('PUT', `/v1/teams/${teamId}`, { confirmAboveUsd: null })).toBe(200)
  })

  test('retry a failed step', async () => {
    const before = await ada.heard()
    await ada.say('/stock')
    const failed = await hear(ada, before, ({ text, buttons }) => /✗ Stock/.test(text) && buttons.includes('Retry'))
    isShopOpen = true
    begin()
    await ada.press(failed, 'Retry')
    await hear(ada, before, ({ text }) => /✓ Stock/.test(text))
    expectCost(FLOWS.retry)
  })

  test('schedule daily', async () => {
    begin()
    const before = await ada.heard()
    await ada.say('/schedule')
    await ada.fill(before, { Job: 'Greeting', When: 'every day at 9' })
    await hear(ada, before, ({ text }) => /at 09:00[\s\S]*each run/.test(text))
    expectCost(FLOWS.schedule)
  })

  test('cancel', async () => {
    const before = await ada.heard()
    await ada.say('/nap')
    const card = await hear(ada, before, ({ text, buttons }) => /Nap/.test(text) && buttons.includes('Stop'))
    begin()
    await ada.press(card, 'Stop')
    await hear(ada, before, ({ text }) => /■ Nap/.test(text))
    expectCost(FLOWS.cancel)
  })

  test("find last week's result", async () => {
    begin()
    const list = await ask(ada, '/runs release', /^Runs · Team Acme/)
    const label = list.buttons.find((one) => /release-notes · succeeded/.test(one)) ?? ''
    const run = await tap(ada, list, label, /✓ Release notes/)
    const formats = await tap(ada, run, 'Export', /As what\?/)
    const before = await ada.heard()
    await ada.press(formats, 'Markdown')
    await hear(ada, before, ({ files }) => files.length > 0)
    expectCost(FLOWS.find)
    await expectSoundLedger(app.database)
  })
})
