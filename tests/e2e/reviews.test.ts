import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SlackPeer, startSlackPeer } from '#tests/peers/slack/index.ts'
import { startTelegramPeer, type TelegramPeer } from '#tests/peers/telegram/index.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { type App, startApp } from './support/app.ts'
import { type Client, signIn } from './support/client.ts'
import { expectSoundLedger } from './support/ledger.ts'
import { slackVoice } from './support/slack-voice.ts'
import { telegramVoice } from './support/telegram-voice.ts'
import { ask, type Heard, hear, type Voice } from './support/voice.ts'
import { type WebVoice, webVoice } from './support/web-voice.ts'

const JOB = {
  jobId: 'draft',
  displayName: 'Draft',
  description: 'Drafts a line.',
  inputSchema: { type: 'object', required: ['topic'], properties: { topic: { type: 'string' } } },
  steps: [
    {
      stepId: 'write',
      toolId: 'text.template',
      inputMappings: {
        template: { template: 'About {{ input.topic }}{{ review.comment }}' },
        data: { value: {} },
      },
    },
  ],
  outputs: { text: { step: 'write', output: 'text' } },
  review: { kind: 'decide', prompt: 'May this go out?' },
}

/** One review in front of two people in four places; whoever is first decides, and everybody sees it. */
describe.each(DIALECTS)('a review on Telegram, Slack and the web at once, %s', (dialect) => {
  let app: App
  let telegram: TelegramPeer
  let slack: SlackPeer
  let adaUser: ReturnType<TelegramPeer['user']>
  let ada: Voice
  let ben: Voice
  let adaOnWeb: WebVoice
  let console: Client
  let teamId: string

  beforeAll(async () => {
    telegram = await startTelegramPeer()
    slack = await startSlackPeer({ mode: 'socket', users: [{ id: 'U0BEN', name: 'ben', realName: 'Ben' }] })
    app = await startApp(dialect, {
      telegram: { peer: telegram, mode: 'polling' },
      slack: { peer: slack, mode: 'socket' },
    })
    adaUser = telegram.user({ firstName: 'Ada', username: 'ada' })
    ada = telegramVoice(telegram, adaUser)
    ben = await slackVoice(slack, 'U0BEN')
    await ask(ada, `/start ${app.claimCode}`, /This Muster is yours, @ada/)
    await ask(ada, '/createteam Acme', /Acme is there/)
    await ask(ada, '/setcontext team Acme', /Team Acme pays/)
    await ask(ada, '/fund 0.05', /Team Acme got/)
    const { text } = await ask(ada, '/invitemember anyone to Acme', /\/join \S+/)
    await ask(ben, `/join ${/\/join (\S+)/.exec(text)?.[1]}`, /Welcome to Acme, @ben/)
    await ask(ben, '/setcontext team Acme', /Team Acme pays/)
    const link = await ask(ada, '/console', /login\?code=/)
    console = await signIn(app.url, '/v1/auth/link', { code: /login\?code=(\S+)/.exec(link.text)?.[1] })
    teamId = (await console.call('GET', '/v1/teams')).body.items[0].id
    adaOnWeb = await webVoice(console)
    const saved = await inTeam('POST', '/v1/jobs', JOB)
    expect(saved.status).toBe(201)
    expect((await inTeam('POST', '/v1/jobs/draft/publish')).status).toBe(200)
  })
  afterAll(async () => {
    adaOnWeb?.end()
    await app?.end()
    await telegram?.stop()
    await slack?.stop()
    expect(telegram?.violations).toEqual([])
    expect(slack?.violations).toEqual([])
    expect(app?.errors).toEqual([])
  })

  const inTeam = async (method: string, path: string, json?: object) => {
    const response = await console.fetch(path, {
      method,
      headers: { 'X-Execution-Context': `team/${teamId}`, ...(json ? { 'Content-Type': 'application/json' } : {}) },
      ...(json ? { body: JSON.stringify(json) } : {}),
    })
    // biome-ignore lint/suspicious/noExplicitAny: what comes back is looked at field by field
    return { status: response.status, body: (await response.json()) as any }
  }
  const heardBefore = () => Promise.all([ada, ben, adaOnWeb].map((voice) => voice.heard()))
  /** The card of the review in each of the three places. */
  async function cards(before: Heard[][], fits: RegExp): Promise<Heard[]> {
    return Promise.all(
      [ada, ben, adaOnWeb].map((voice, index) => hear(voice, before[index] ?? [], ({ text }) => fits.test(text))),
    )
  }
  async function start(topic: string): Promise<{ before: Heard[][]; open: Heard[] }> {
    const before = await heardBefore()
    await ada.say(`/draft ${topic}`)
    return { before, open: await cards(before, new RegExp(`Review · Draft[\\s\\S]*About ${topic}`)) }
  }
  const reviews = async () => (await inTeam('GET', '/v1/reviews')).body.items

  test('two who approve in the same instant: one decision, three cards say whose, and one is told who was first', async () => {
    const { before, open } = await start('spring')
    for (const { text, buttons } of open) {
      expect(text).toMatch(/May this go out\?[\s\S]*Asked by @ada · Team Acme[\s\S]*Waits for @ada and @ben/)
      expect(buttons).toEqual(['Approve', 'Request changes', 'Reject'])
    }
    const [onTelegram, onSlack] = open as [Heard, Heard]
    await Promise.all([ada.press(onTelegram, 'Approve'), ben.press(onSlack, 'Approve')])
    const decided = await cards(before, /Review · Draft[\s\S]*✓ @(ada|ben) approved this\. \d{4}-\d\d-\d\d/)
    expect(decided.map(({ id }) => id)).toEqual(open.map(({ id }) => id))
    for (const { buttons } of decided) expect(buttons).toEqual([])
    const [review] = await reviews()
    expect(review).toMatchObject({ status: 'approved', decisions: [{ decision: 'approve' }] })
    const isAdas = review.decisions[0].handle === 'ada'
    const [winner, loser] = isAdas ? [ada, ben] : [ben, ada]
    await hear(winner, before[isAdas ? 0 : 1] ?? [], ({ text }) => /Approved: Draft\./.test(text))
    const first = isAdas ? 'ada' : 'ben'
    await hear(loser, before[isAdas ? 1 : 0] ?? [], ({ text }) =>
      new RegExp(`@${first} approved this already, on 2`).test(text),
    )
    await hear(ada, before[0] ?? [], ({ text }) => text === 'About spring')
    await expectSoundLedger(app.database)
  })

  test('a button that has become stale says what happened and by whom', async () => {
    const { before, open } = await start('summer')
    await ben.press(open[1] as Heard, 'Approve')
    await cards(before, /✓ @ben approved this/)
    // Whoever asked is told where they asked.
    await hear(ada, before[0] ?? [], ({ text }) => text === '@ben approved Draft.')
    await adaOnWeb.say('/reject too late')
    await hear(adaOnWeb, before[2] ?? [], ({ text }) => /Nothing waits for your decision\./.test(text))
    const [{ id, payloadHash }] = await reviews()
    const late = await console.call('POST', `/v1/reviews/${id}/decision`, { json: { decision: 'reject', payloadHash } })
    expect(late).toMatchObject({ status: 409, body: { code: 'conflict', detail: /^@ben approved this already, on / } })
  })

  test('sent back with the next message, it comes again; an old card and an old hash approve nothing', async () => {
    const { before, open } = await start('autumn')
    await ask(ben, 'good morning to you', /did not understand/)
    await ben.press(open[1] as Heard, 'Request changes')
    await slack.surfaces.waitForDialog('U0BEN')
    const [first] = await reviews()
    expect(await slack.surfaces.submit('U0BEN', { Reason: ', and shorter' })).toEqual({})
    const again = await cards(before, /Review · Draft[\s\S]*round 2[\s\S]*About autumn, and shorter/)
    expect(again.map(({ id }) => id)).not.toEqual(open.map(({ id }) => id))
    const [second] = await reviews()
    const decide = (id: string, payloadHash: string) =>
      console.call('POST', `/v1/reviews/${id}/decision`, { json: { decision: 'approve', payloadHash } })
    expect((await decide(second.id, first.payloadHash)).status).toBe(409)
    expect((await decide(first.id, first.payloadHash)).status).toBe(409)
    await ada.say('/approve')
    await cards(before, /Review · Draft[\s\S]*round 2[\s\S]*✓ @ada approved this/)
    await hear(ada, before[0] ?? [], ({ text }) => text === 'About autumn, and shorter')
    await expectSoundLedger(app.database)
  })

  test('looking at it changes nothing, by whatever scanner', async () => {
    const { before } = await start('winter')
    const [review] = await reviews()
    for (const method of ['GET', 'HEAD']) {
      for (const path of [`/v1/reviews/${review.id}`, `/v1/reviews/${review.id}/decision`, `/reviews/${review.id}`]) {
        await (await console.fetch(path, { method })).arrayBuffer()
      }
    }
    expect((await reviews())[0]).toEqual(review)
    await ask(ben, '/reject not in winter', /Rejected: Draft\./)
    await cards(before, /✗ @ben rejected this: not in winter/)
    await hear(ada, before[0] ?? [], ({ text }) => text === '@ben rejected Draft: not in winter')
  })

  test('in a group the card keeps what is asked about to itself', async () => {
    const eve = telegram.user({ firstName: 'Eve' })
    const group = telegram.group({ title: 'Launch', members: [adaUser, eve], bot: 'member' })
    const inGroup = telegramVoice(telegram, adaUser, group)
    const [alone] = await heardBefore()
    const before = await inGroup.heard()
    await inGroup.say('/draft secrets')
    const shown = await hear(inGroup, before, ({ text }) => /Review · Draft/.test(text))
    expect(shown.text).not.toContain('secrets')
    expect(shown.buttons).toEqual(['Approve', 'Request changes', 'Reject', 'Show me'])
    await hear(ada, alone ?? [], ({ text }) => /Review · Draft[\s\S]*About secrets/.test(text))
    // Why it is rejected is asked and answered alone.
    await inGroup.press(shown, 'Reject')
    await hear(ada, alone ?? [], ({ text }) => /Why\?/.test(text))
    await ada.say('they are secret')
    await hear(inGroup, before, ({ text }) => /Review · Draft[\s\S]*✗ @ada rejected this\./.test(text))
    for (const { text } of await inGroup.heard()) expect(text).not.toContain('About secrets')
  })
})
