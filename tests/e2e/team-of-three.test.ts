import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { personal, teamContext } from '#core/context.ts'
import { type SlackPeer, startSlackPeer } from '#tests/peers/slack/index.ts'
import { startTelegramPeer, type TelegramPeer } from '#tests/peers/telegram/index.ts'
import { WHOLE_DIALECTS } from '#tests/support/database.ts'
import { type App, startApp } from './support/app.ts'
import { type Client, signIn } from './support/client.ts'
import { expectShown, expectSoundLedger } from './support/ledger.ts'
import { slackVoice } from './support/slack-voice.ts'
import { telegramVoice } from './support/telegram-voice.ts'
import { ask, type Voice } from './support/voice.ts'

const RUN = '/release_notes\nfeat: number one of a few changes\nfix: number two, which was broken before\n'

/** One story on two channels, told in order; after each chapter the ledger is sound, and the chat shows what it says. */
describe.each(WHOLE_DIALECTS)('a team of three on Telegram and Slack, %s', (dialect) => {
  let app: App
  let telegram: TelegramPeer
  let slack: SlackPeer
  let ada: Voice
  let ben: Voice
  let cem: Voice
  let console: Client
  let teamId: string
  let members: Voice[] = []

  beforeAll(async () => {
    telegram = await startTelegramPeer()
    slack = await startSlackPeer({ mode: 'socket', users: [{ id: 'U0BEN', name: 'ben', realName: 'Ben' }] })
    app = await startApp(dialect, {
      telegram: { peer: telegram, mode: 'polling' },
      slack: { peer: slack, mode: 'socket' },
    })
    ada = telegramVoice(telegram, telegram.user({ firstName: 'Ada', username: 'ada' }))
    cem = telegramVoice(telegram, telegram.user({ firstName: 'Cem', username: 'cem' }))
    ben = await slackVoice(slack, 'U0BEN')
  })
  afterAll(async () => {
    await app?.end()
    await telegram?.stop()
    await slack?.stop()
    expect(telegram?.violations).toEqual([])
    expect(slack?.violations).toEqual([])
    expect(app?.errors).toEqual([])
  })

  /** After each step, whatever it was. */
  async function sound(): Promise<void> {
    await expectSoundLedger(app.database)
    for (const voice of members) await expectShown(app.database, voice, teamContext(teamId), 'team:Acme')
  }

  /** Says something, and holds the books against what the chat shows then. */
  async function step(voice: Voice, text: string, fits: RegExp): Promise<string> {
    const answer = await ask(voice, text, fits)
    await sound()
    return answer.text
  }
  /** A run on the wallet of the team, until its card says that it is paid. */
  const runs = (voice: Voice): Promise<string> => step(voice, RUN, /Team Acme · cost \$0\.002 · /)
  /** What is kept for want of money or room would run as soon as there is some. */
  const dropKept = (voice: Voice): Promise<string> => step(voice, '/cancelrun', /release-notes is stopped/)
  const inviteCode = async (): Promise<string> => {
    const text = await step(ada, '/invitemember anyone to Acme', /\/join \S+/)
    expect(text).toMatch(/https:\/\/t\.me\/\w+\?start=[\w-]{22}/)
    return /\/join (\S+)/.exec(text)?.[1] ?? ''
  }

  test('ada claims the instance with /start and its code, which works once', async () => {
    for (const stranger of [ada, ben, cem]) await ask(stranger, '/balance', /only work for people who are known/)
    await step(ada, `/start ${app.claimCode}`, /This Muster is yours, @ada/)
    await ask(cem, `/start ${app.claimCode}`, /used|does not|no longer|already/i)
    await ask(cem, '/balance', /only work for people who are known/)
    await step(ada, '/createteam Acme', /Acme is there, and you own it/)
    await step(ada, '/setcontext team Acme', /Team Acme pays from now on/)
    console = await consoleOf(ada)
    teamId = (await console.call('GET', '/v1/teams')).body.items[0].id
    members = [ada]
    await sound()
  })

  test('ben joins on Slack by a code, cem on Telegram by a deep link; a code works once', async () => {
    const [first, second] = [await inviteCode(), await inviteCode()]
    await step(ben, `/join ${first}`, /Welcome to Acme, @ben/)
    await ask(cem, `/join ${first}`, /used|already|no longer/i)
    // What Telegram sends when somebody opens t.me/<bot>?start=<code> and presses Start.
    await step(cem, `/start ${second}`, /Welcome to Acme, @cem/)
    members = [ada, ben, cem]
    await step(ada, '/members', /@ada[\s\S]*@ben[\s\S]*@cem/)
  })

  test('each sets the context on their own channel', async () => {
    for (const voice of [ben, cem]) {
      await step(voice, '/mycontext', /Context:?\s*Personal/)
      await step(voice, '/setcontext team Acme', /Team Acme pays from now on/)
      await step(voice, '/mycontext', /Context:?\s*Team Acme[\s\S]*you chose it with \/setcontext/)
    }
  })

  test('money comes from the platform, and out of a member’s own wallet', async () => {
    await step(ada, RUN, /Not enough money: this needs \$0\.002, and \$0\.00 is available/)
    await dropKept(ada)
    await step(ada, '/fund 0.01', /Team Acme got \$0\.01\. \$0\.01 is available/)
    await step(ben, '/fund 0.005', /Team Acme got \$0\.005\. \$0\.015 is available/)
    const ben$ = (await consoleOf(ben)).call('GET', '/v1/me')
    await expectShown(app.database, ben, personal((await ben$).body.accountId), 'personal')
    expect((await ask(ben, '/balance --as personal', /Balance/)).text).toContain('$0.995')
  })

  test('all three run on the wallet of the team', async () => {
    await runs(ada)
    await runs(ben)
    expect(await runs(cem)).toContain('$0.009 left')
  })

  test('a member stops at their cap', async () => {
    await step(ada, '/cap @ben 0.003', /@ben may spend \$0\.003 a month/)
    await step(
      ben,
      RUN,
      /Your monthly cap in Acme is \$0\.003; \$0\.002 is used and this needs up to \$0\.002\. It starts anew/,
    )
    await dropKept(ben)
    await runs(cem)
    await step(ada, '/cap @ben off', /@ben has no cap any more/)
  })

  test('everybody stops at the cap of the team', async () => {
    await step(ada, '/cap team 0.009', /Acme may spend \$0\.009 a month/)
    for (const voice of members) {
      await step(voice, RUN, /The monthly cap of Acme is \$0\.009; \$0\.008 is used and this needs up to \$0\.002/)
      await dropKept(voice)
    }
    await step(ada, '/cap team off', /Acme has no cap any more/)
  })

  test('everybody stops at the runs of a month', async () => {
    const limits = (maxRunsPerMonth: number | null) =>
      console.call('PUT', `/v1/teams/${teamId}/limits`, { json: { maxRunsPerMonth } })
    expect((await limits(4)).status).toBe(200)
    for (const voice of members) {
      await step(voice, RUN, /may run 4 jobs a month and has run 4; 1 more would be too many/)
      await dropKept(voice)
    }
    expect((await limits(null)).status).toBe(200)
    await sound()
  })

  test('when the money is gone, a credit line lets the team go below zero, down to its limit', async () => {
    for (const voice of members) await runs(voice)
    await step(ben, RUN, /Not enough money: this needs \$0\.002, and \$0\.001 is available/)
    await dropKept(ben)
    await step(cem, '/creditline Acme 1', /Only the owner of Acme may decide about its credit line/)
    await step(ada, '/creditline Acme 0.003', /Acme may go \$0\.003 below zero\. \$0\.004 is available/)
    expect(await runs(ben)).toContain('$0.002 left')
    expect(await step(cem, '/balance', /Owed:?\s*\$0\.001/)).toContain('$0.002')
    expect(await runs(cem)).toContain('$0.00 left')
    await step(ada, RUN, /Not enough money: this needs \$0\.002, and \$0\.00 is available/)
    await dropKept(ada)
  })

  test('what is owed is paid back, first in part', async () => {
    await step(ben, '/repay 0.001', /Team Acme got \$0\.001 back\. \$0\.001 is available, \$0\.002 is owed/)
    await step(ada, '/repay 0.01', /Team Acme got \$0\.01 back\. \$0\.011 is available\./)
    expect(await step(cem, '/balance', /Balance:?\s*\$0\.008/)).not.toContain('Owed')
  })

  test('who is removed pays alone from then on, and is told', async () => {
    members = [ada, cem]
    await step(ada, '/removemember @ben from Acme', /@ben is not in Acme any more/)
    const before = await ben.heard()
    await step(ben, RUN, /Personal · cost \$0\.002 · \$0\.992 left/)
    const told = (await ben.heard()).slice(before.length).map(({ text }) => text)
    expect(told.join('\n')).toContain(
      'You are not in Acme any more, so from now on you pay yourself: your context is personal.',
    )
    await step(ben, '/mycontext', /Context:?\s*Personal/)
    await step(ben, '/balance --as team:Acme', /Acme/)
    expect((await ben.heard()).at(-1)?.text).not.toContain('Balance')
  })

  async function consoleOf(voice: Voice): Promise<Client> {
    const { text } = await ask(voice, '/console', /login\?code=/)
    return signIn(app.url, '/v1/auth/link', { code: /login\?code=(\S+)/.exec(text)?.[1] })
  }
})
