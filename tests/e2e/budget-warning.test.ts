import { afterEach, describe, expect, test } from 'vitest'
import { startTelegramPeer, type TelegramPeer } from '#tests/peers/telegram/index.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type App, startApp } from './support/app.ts'
import { signIn } from './support/client.ts'
import { telegramVoice } from './support/telegram-voice.ts'
import { ask, type Voice } from './support/voice.ts'

const RUN = '/release_notes\nfeat: number one of a few changes\nfix: number two, which was broken before\n'

describe.each(DIALECTS)('the warning of a budget, on Telegram, %s', (dialect) => {
  let app: App
  let telegram: TelegramPeer
  afterEach(async () => {
    await app?.end()
    await telegram?.stop()
    expect(telegram?.violations).toEqual([])
    expect(app?.errors).toEqual([])
  })

  test('comes to each admin once for each threshold, and to nobody else', { timeout: 120_000 }, async () => {
    telegram = await startTelegramPeer()
    app = await startApp(dialect, { telegram: { peer: telegram, mode: 'polling' } })
    const person = (firstName: string): Voice =>
      telegramVoice(telegram, telegram.user({ firstName, username: firstName.toLowerCase() }))
    const [ada, ben, cem] = [person('Ada'), person('Ben'), person('Cem')]
    await ask(ada, `/start ${app.claimCode}`, /This Muster is yours/)
    await ask(ada, '/createteam Acme', /you own it/)
    for (const [voice, handle] of [
      [ben, 'ben'],
      [cem, 'cem'],
    ] as const) {
      const { text } = await ask(ada, '/invitemember anyone to Acme', /\/join \S+/)
      await ask(voice, `/start ${/\/join (\S+)/.exec(text)?.[1]}`, new RegExp(`Welcome to Acme, @${handle}`))
    }
    for (const voice of [ada, ben, cem]) await ask(voice, '/setcontext team Acme', /Team Acme pays from now on/)
    await ask(ada, '/setrole @ben admin', /admin/)
    await ask(ada, '/fund 0.5', /Team Acme got \$0\.50/)
    const { text: link } = await ask(ada, '/console', /login\?code=/)
    const console = await signIn(app.url, '/v1/auth/link', { code: /login\?code=(\S+)/.exec(link)?.[1] })
    const budget = { of: 'team', period: 'day', limitUsd: '0.01', warnPercent: 40 }
    const context = { type: 'team', id: (await console.call('GET', '/v1/teams')).body.items[0].id }
    const made = await console.call('POST', '/v1/budgets', { json: { ...budget, context } })
    expect(made.status).toBe(201)

    const warnings = async (voice: Voice): Promise<string[]> =>
      (await voice.heard())
        .flatMap(({ text }) => text.split('\n'))
        .filter((line) => /^The budget of everything here for a day: \d+ %/.test(line))
        .map((line) => /: (\d+ %) is used or set aside \((.*?)\)/.exec(line)?.slice(1).join(', ') ?? line)
    const run = () => ask(cem, RUN, /Team Acme · cost \$0\.002/)
    await run()
    expect([await warnings(ada), await warnings(ben)]).toEqual([[], []])
    await run()
    await run()
    const first = ['40 %, $0.004 of $0.01']
    for (const admin of [ada, ben]) await eventually(async () => expect(await warnings(admin)).toEqual(first), 20_000)
    await run()
    await run()
    const both = [...first, '100 %, $0.01 of $0.01']
    for (const admin of [ada, ben]) await eventually(async () => expect(await warnings(admin)).toEqual(both), 20_000)
    // Whoever is stopped by it is told by what, and nobody is told of it again.
    const { text } = await ask(cem, RUN, /The budget of everything here for a day is \$0\.01/)
    expect(text).toContain('It starts anew on')
    await ask(ada, '/policy', /Budgets|budget/)
    for (const admin of [ada, ben]) expect(await warnings(admin)).toEqual(both)
    expect(await warnings(cem)).toEqual([])
  })
})
