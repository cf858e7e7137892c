import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTelegramPeer, type TelegramPeer } from '#tests/peers/telegram/index.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { type App, startApp } from './support/app.ts'
import { signIn } from './support/client.ts'
import { type Counted, counting } from './support/counting.ts'
import { expectSoundLedger } from './support/ledger.ts'
import { telegramVoice } from './support/telegram-voice.ts'
import { ask, type Heard, hear, type Voice } from './support/voice.ts'

const COMMITS = 'a1b2c3d feat: dark mode\nb2c3d4e fix: a typo'
const line = (toolId: string, inputs: Record<string, unknown>, outputs: Record<string, unknown>, more = {}) => ({
  description: 'For the flows.',
  inputSchema: { type: 'object', properties: {} },
  steps: [{ stepId: 'do', toolId, inputMappings: inputs }],
  outputs,
  ...more,
})
const TEXT = { text: { step: 'do', output: 'text' } }

/** The twelve things that people do every day, by saying and tapping alone: nobody types an id. */
describe.each(DIALECTS)('everyday flows on Telegram, %s', (dialect) => {
  let app: App
  let peer: TelegramPeer
  let shop: Server
  let isShopOpen = false
  let ada: Counted
  let ben: Counted
  let benUser: ReturnType<TelegramPeer['user']>

  beforeAll(async () => {
    shop = createServer((_, response) => response.writeHead(isShopOpen ? 200 : 404).end('{"stock":3}'))
    await new Promise<void>((resolve) => void shop.listen(0, '127.0.0.1', resolve))
    const shopUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`
    peer = await startTelegramPeer()
    app = await startApp(dialect, {
      telegram: { peer, mode: 'polling' },
      settings: { OUTBOUND_ALLOW: new URL(shopUrl).host },
    })
    ada = counting(telegramVoice(peer, peer.user({ firstName: 'Ada', username: 'ada' })))
    benUser = peer.user({ firstName: 'Ben', username: 'ben' })
    ben = counting(telegramVoice(peer, benUser))
    await ask(ada, `/start ${app.claimCode}`, /This Muster is yours, @ada/)
    const link = await ask(ada, '/console', /login\?code=/)
    const console = await signIn(app.url, '/v1/auth/link', { code: /login\?code=(\S+)/.exec(link.text)?.[1] })
    jobs = [
      {
        jobId: 'greet',
        displayName: 'Greeting',
        ...line('text.template', { template: { value: 'Good morning' }, data: { value: {} } }, TEXT),
      },
      {
        jobId: 'draft',
        displayName: 'Draft',
        ...line(
          'text.template',
          { template: { template: 'About {{ input.topic }}{{ review.comment }}' }, data: { value: {} } },
          TEXT,
          {
            inputSchema: { type: 'object', required: ['topic'], properties: { topic: { type: 'string' } } },
            review: { kind: 'decide', prompt: 'May this go out?' },
          },
        ),
      },
      {
        jobId: 'stock',
        displayName: 'Stock',
        ...line(
          'http.request',
          { method: { value: 'GET' }, url: { value: shopUrl } },
          { status: { step: 'do', output: 'status' } },
        ),
      },
      { jobId: 'nap', displayName: 'Nap', ...line('wait', { ms: { value: 3_600_000 } }, {}) },
    ]
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
  let jobs: ({ jobId: string; displayName: string } & ReturnType<typeof line>)[] = []
  let teamId = ''
  let teamOf: () => Promise<string>
  let inTeam: (method: string, path: string, json?: object) => Promise<number>
  afterAll(async () => {
    await app?.end()
    await peer?.stop()
    shop?.close()
    expect(peer?.violations).toEqual([])
    expect(app?.errors).toEqual([])
  })

  /** Taps and gives what comes of it: a new message, or the same one anew. */
  async function tap(voice: Voice, message: Heard, label: string, fits: RegExp): Promise<Heard> {
    const before = (await voice.heard()).filter(({ id, text }) => !(id === message.id && !fits.test(text)))
    await voice.press(message, label)
    return hear(voice, before, ({ text }) => fits.test(text))
  }

  test('first contact to first result', async () => {
    const hello = await ask(ada, '/start', /^Hello Ada/)
    await ask(ada, '/grant @ada 1', /\$1\.00/)
    ada.reset()
    const list = await tap(ada, hello, 'Jobs', /^Jobs/)
    await tap(ada, list, 'Release notes', /Commits: git log text/)
    const title = await ask(ada, COMMITS, /\n\nTitle/)
    const overview = await tap(ada, title, 'Skip', /Commits: a1b2c3d[\s\S]*Personal · ≈ \$0\.002/)
    const before = await ada.heard()
    await ada.press(overview, 'Run it')
    await hear(ada, before, ({ text }) => /✓ Release notes[\s\S]*cost \$0\.002/.test(text))
    const notes = await hear(ada, before, ({ files }) => files.length > 0)
    expect(notes.files[0]?.name).toBe('release-notes.md')
    expect(ada.count).toEqual({ said: 1, tapped: 4 })
  })

  test('invite a colleague', async () => {
    ada.reset()
    const made = await ask(ada, '/createteam Acme', /Acme is there/)
    const { text } = await tap(ada, made, 'Invite somebody', /An invitation to Acme/)
    const code = /t\.me\/\w+\?start=(\S+)/.exec(text)?.[1]
    expect(ada.count).toEqual({ said: 1, tapped: 1 })
    // Opening the link and pressing Start is what Telegram makes this of.
    await ask(ben, `/start ${code}`, /Welcome to Acme, @ben/)
  })

  test('switch context', async () => {
    ada.reset()
    const choice = await ask(ada, '/setcontext', /Who pays from now on\?/)
    await tap(ada, choice, 'Team Acme', /Team Acme pays from now on/)
    expect(ada.count).toEqual({ said: 1, tapped: 1 })
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
    ben.reset()
    ada.reset()
    const [onAda, onBen] = [await ada.heard(), await ben.heard()]
    await ask(ben, '/draft', /Topic/)
    const overview = await ask(ben, 'spring', /Topic: spring[\s\S]*Team Acme · ≈/)
    await ben.press(overview, 'Run it')
    const card = await hear(ada, onAda, ({ text }) => /Review · Draft[\s\S]*About spring/.test(text))
    await tap(ada, card, 'Approve', /Approved: Draft|✓ @ada approved this/)
    await hear(ben, onBen, ({ text }) => text === 'About spring')
    expect(ben.count).toEqual({ said: 2, tapped: 1 })
    expect(ada.count).toEqual({ said: 0, tapped: 1 })
  })

  test('request changes', async () => {
    const [onAda, onBen] = [await ada.heard(), await ben.heard()]
    await ben.say('/draft summer')
    const card = await hear(ada, onAda, ({ text }) => /Review · Draft[\s\S]*About summer/.test(text))
    ada.reset()
    const question = await tap(ada, card, 'Request changes', /^What should be different\?/)
    await ada.say(', shorter')
    const again = await hear(ada, onAda, ({ text }) => /round 2[\s\S]*About summer, shorter/.test(text))
    await tap(ada, again, 'Approve', /✓ @ada approved this|Approved: Draft/)
    await hear(ben, onBen, ({ text }) => text === 'About summer, shorter')
    expect(ada.count).toEqual({ said: 1, tapped: 2 })
    expect(question.buttons).toEqual(['Cancel'])
  })

  test('ask for more, and grant it', async () => {
    await ask(ada, '/cap ben 0.001', /@ben may spend/)
    const [onAda, onBen] = [await ada.heard(), await ben.heard()]
    ada.reset()
    ben.reset()
    await ben.say(`/release_notes ${COMMITS}`)
    const waiting = await hear(ben, onBen, ({ text }) => /There is no room for this/.test(text))
    await ben.press(waiting, 'Ask for more')
    const request = await hear(ada, onAda, ({ buttons }) => buttons.includes('Grant'))
    await ada.press(request, 'Grant')
    await hear(ben, onBen, ({ files }) => files.length > 0)
    expect(ben.count).toEqual({ said: 1, tapped: 1 })
    expect(ada.count).toEqual({ said: 0, tapped: 1 })
    await ask(ada, '/cap ben off', /@ben/)
  })

  test('run over the confirm limit', async () => {
    expect(await inTeam('PUT', `/v1/teams/${teamId}`, { confirmAboveUsd: '0.001' })).toBe(200)
    ada.reset()
    const question = await ask(ada, `/release_notes ${COMMITS}`, /Team Acme · ≈ \$0\.002/)
    expect(question.buttons).toEqual(['Run it', 'Cancel'])
    const before = await ada.heard()
    await ada.press(question, 'Run it')
    await hear(ada, before, ({ files }) => files.length > 0)
    expect(ada.count).toEqual({ said: 1, tapped: 1 })
    expect(await inTeam('PUT', `/v1/teams/${teamId}`, { confirmAboveUsd: null })).toBe(200)
  })

  test('retry a failed step', async () => {
    ada.reset()
    const before = await ada.heard()
    await ada.say('/stock')
    const failed = await hear(ada, before, ({ text }) => /✗ Stock/.test(text))
    isShopOpen = true
    await ada.press(failed, 'Retry')
    await hear(ada, before, ({ text }) => /✓ Stock/.test(text))
    expect(ada.count).toEqual({ said: 1, tapped: 1 })
  })

  test('schedule daily', async () => {
    ada.reset()
    const which = await ask(ada, '/schedule', /What is to run, and when\?/)
    const when = await tap(ada, which, 'Greeting', /Job: Greeting[\s\S]*When/)
    await tap(ada, when, 'every day at 9', /Greeting[\s\S]*(every day|09:00)/i)
    expect(ada.count).toEqual({ said: 1, tapped: 2 })
  })

  test('cancel', async () => {
    ada.reset()
    const before = await ada.heard()
    await ada.say('/nap')
    const card = await hear(ada, before, ({ text, buttons }) => /Nap/.test(text) && buttons.includes('Stop'))
    await ada.press(card, 'Stop')
    await hear(ada, before, ({ text }) => /■ Nap/.test(text))
    expect(ada.count).toEqual({ said: 1, tapped: 1 })
  })

  test("find last week's result", async () => {
    ada.reset()
    const list = await ask(ada, '/runs release', /^Runs · Team Acme/)
    const label = list.buttons.find((one) => /release-notes · succeeded/.test(one)) ?? ''
    const run = await tap(ada, list, label, /✓ Release notes/)
    const formats = await tap(ada, run, 'Export', /As what\?/)
    const before = await ada.heard()
    await ada.press(formats, 'Markdown')
    await hear(ada, before, ({ files }) => files.length > 0)
    expect(ada.count).toEqual({ said: 1, tapped: 3 })
    await expectSoundLedger(app.database)
  })
})
