import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Dialect } from '#db/db.ts'
import { type SlackPeer, startSlackPeer } from '#tests/peers/slack/index.ts'
import { startTelegramPeer, type TelegramPeer } from '#tests/peers/telegram/index.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type App, startApp } from './support/app.ts'
import { type Client, signIn } from './support/client.ts'
import { type Counter, startCounter } from './support/counter.ts'
import { type Player, slackPlayer, telegramPlayer } from './support/flow-people.ts'
import { expectSoundLedger } from './support/ledger.ts'
import { ask, type Heard, hear } from './support/voice.ts'

const CASES: { name: string; channel: 'telegram' | 'slack'; dialect: Dialect }[] = [
  { name: 'Telegram, SQLite', channel: 'telegram', dialect: 'sqlite' },
  { name: 'Telegram, Postgres', channel: 'telegram', dialect: 'postgres' },
  { name: 'Slack, SQLite', channel: 'slack', dialect: 'sqlite' },
]

/** Long enough that what the mock repeats of its goal ends before the criteria. */
const CHANGES = 'Say it in fewer words, please, and leave out what nobody who reads this has asked you for.'

/** Two people and an agent; nobody types an id. What the agent wants to write reaches a real listener, or does not. */
describe.each(CASES)('a task of an agent, from /task to done: $name', ({ channel, dialect }) => {
  let app: App
  let telegram: TelegramPeer | undefined
  let slack: SlackPeer | undefined
  let outside: Counter
  let ada: Player
  let ben: Player
  let bensConsole: Client

  beforeAll(async () => {
    outside = await startCounter()
    const settings = { OUTBOUND_ALLOW: outside.host }
    if (channel === 'telegram') {
      telegram = await startTelegramPeer()
      app = await startApp(dialect, { telegram: { peer: telegram, mode: 'polling' }, settings })
      ada = telegramPlayer(telegram, 'Ada')
      ben = telegramPlayer(telegram, 'Ben')
    } else {
      const users = ['ada', 'ben'].map((name) => ({ id: `U0${name.toUpperCase()}`, name }))
      slack = await startSlackPeer({ mode: 'socket', users })
      app = await startApp(dialect, { slack: { peer: slack, mode: 'socket' }, settings })
      ada = await slackPlayer(slack, 'U0ADA')
      ben = await slackPlayer(slack, 'U0BEN')
    }
    await ask(ada, `/start ${app.claimCode}`, /This Muster is yours, @ada/)
    await ask(ada, '/createteam Acme', /Acme is there/)
    await ask(ada, '/setcontext team Acme', /Team Acme pays/)
    await ask(ada, '/fund 20', /Team Acme got/)
    const { text } = await ask(ada, '/invitemember anyone to Acme', /\/join \S+/)
    await ask(ben, `/join ${/\/join (\S+)/.exec(text)?.[1]}`, /Welcome to Acme, @ben/)
    await ask(ben, '/setcontext team Acme', /Team Acme pays/)
    const link = await ask(ben, '/console', /login\?code=/)
    bensConsole = await signIn(app.url, '/v1/auth/link', { code: /login\?code=([\w-]+)/.exec(link.text)?.[1] })
  })
  afterAll(async () => {
    await app?.end()
    await telegram?.stop()
    await slack?.stop()
    await outside?.close()
    expect(telegram?.violations ?? []).toEqual([])
    expect(slack?.violations ?? []).toEqual([])
    expect(app?.errors).toEqual([])
  })

  const mockPosts = (what: string): string =>
    `mock: call http_request {"method":"POST","url":"${outside.url}/${what}","body":{"is":"${what}"}}`
  /** The newest card of a review of that task that somebody has before them and that is open. */
  const card = (who: Player, before: readonly Heard[], title: string): Promise<Heard> =>
    hear(who, before, ({ text, buttons }) => text.includes(`Review · ${title}`) && buttons.includes('Approve'))
  const reviewOf = async (title: string) => {
    const { body } = await bensConsole.call('GET', '/v1/reviews')
    // biome-ignore lint/suspicious/noExplicitAny: what comes back is looked at field by field
    return body.items.find((one: any) => one.title === title)
  }

  test('an agent is hired, and does what it begins with', async () => {
    const before = await ben.heard()
    await ask(ada, '/hire marketing Max', /Max is hired, and begins with: /)
    await ben.press(await card(ben, before, 'Write three short announcements'), 'Approve')
    await hear(ben, before, ({ text }) => /Approved: Write three short announcements/.test(text))
    await eventually(
      async () => expect((await ask(ada, '/tasks')).text).toMatch(/There is nothing on the board/),
      15_000,
    )
  })

  test('a task goes from /task to done, with one request for changes; what it writes reaches the world once, after approval', async () => {
    const [adaBefore, benBefore] = [await ada.heard(), await ben.heard()]
    const criteria = '- [ ] contains "v2.1"\n- [ ] does not contain "counts"'
    await ask(ada, `/task --to Max Announce v2.1\n${mockPosts('v21')}\n${criteria}`, /It is on the board[\s\S]*Max/)
    const first = await card(ben, benBefore, 'Announce v2.1')
    expect(first.text).toMatch(/☑ contains "v2\.1": “.*v2\.1.*”/)
    expect(first.text).toMatch(/☒ does not contain "counts": “.*counts.*”/)
    expect(first.text).toContain('http.request')
    expect(first.text).toContain(`${outside.url}/v21`)
    expect(first.text).toContain('Made up by the mock')
    expect(first.buttons).toEqual(['Approve', 'Request changes', 'Reject'])
    // Said once: the card of the work points to the review.
    await hear(ada, adaBefore, ({ text }) => /Max: Announce v2\.1[\s\S]*What came of it is in the review/.test(text))
    await card(ada, adaBefore, 'Announce v2.1')
    const known = new Set(adaBefore.map(({ id }) => id))
    const saying = (await ada.heard()).filter(({ id, text }) => !known.has(id) && text.includes('[mock] No model'))
    expect(saying.map(({ text }) => text.includes('Review ·'))).toEqual([true])

    const beforeChanges = [await ada.heard(), await ben.heard()] as const
    await ben.press(first, 'Request changes')
    await ben.fill(beforeChanges[1], { Reason: CHANGES })
    const second = await card(ben, beforeChanges[1], 'Announce v2.1')
    expect(second.text).toContain('with these changes: Say it in')
    expect(second.text).toMatch(/☑ does not contain "counts"/)
    const adas = await card(ada, beforeChanges[0], 'Announce v2.1')
    expect(outside.requests).toEqual([])

    await app.restart()
    expect(outside.requests).toEqual([])
    // The old card does nothing any more.
    await eventually(async () => {
      expect((await ben.heard()).find(({ id }) => id === first.id)?.buttons).toEqual([])
    }, 15_000)
    await Promise.all([ben.press(second, 'Approve'), ben.press(second, 'Approve'), ada.press(adas, 'Approve')])
    await hear(ada, beforeChanges[0], ({ text }) => /Announce v2\.1 is done: http\.request/.test(text))
    expect(outside.requests).toEqual(['POST /v21 {"is":"v21"}'])
    const { status, decisions } = await reviewOf('Announce v2.1')
    expect({ status, decided: decisions.length }).toEqual({ status: 'approved', decided: 1 })
    await ask(ada, '/tasks', /There is nothing on the board/)

    await app.restart()
    await ask(ada, '/agents', /Max[\s\S]*Tasks:? +2 tasks, 2 done, 3 runs/)
    expect(outside.requests).toHaveLength(1)
    await expectSoundLedger(app.database)
  })

  test('who did some of it does not approve it, by any way', async () => {
    const [adaBefore, benBefore] = [await ada.heard(), await ben.heard()]
    const made = await ask(ben, `/task Tell the press\n${mockPosts('press')}`, /It is on the board/)
    await ben.press(made, 'Claim')
    const claimed = await hear(ben, benBefore, ({ text }) => /It is yours/.test(text))
    await ben.press(claimed, 'Start')
    const begun = await hear(ben, benBefore, ({ text }) => /It is in progress now/.test(text))
    const give = begun.buttons.find((label) => label.startsWith('Give to Max'))
    await ben.press(begun, give ?? 'Give to Max')
    const asked = await card(ada, adaBefore, 'Tell the press')
    expect(asked.text).toMatch(/Waits for @ada\./)

    await ask(ben, '/approve', /Nothing waits for your decision/)
    await ask(ben, '/move approved', /No task here could go to approved/)
    const { id, payloadHash } = await reviewOf('Tell the press')
    const decision = { decision: 'approve', payloadHash }
    expect(await bensConsole.call('POST', `/v1/reviews/${id}/decision`, { json: decision })).toMatchObject({
      status: 403,
    })
    const { body: teams } = await bensConsole.call('GET', '/v1/teams')
    const context = { 'X-Execution-Context': `team/${teams.items[0].id}` }
    // biome-ignore lint/suspicious/noExplicitAny: what comes back is looked at field by field
    const tasks: any = await (await bensConsole.fetch('/v1/tasks', { headers: context })).json()
    const task = tasks.items.find(({ title }: { title: string }) => title === 'Tell the press')
    expect(task.doers).toHaveLength(2)
    const moved = await bensConsole.call('POST', `/v1/collab/tasks/${task.id}/transition`, { json: { to: 'approved' } })
    expect(moved.status).toBe(403)
    expect(outside.requests).toHaveLength(1)

    await ada.press(asked, 'Approve')
    await hear(ben, benBefore, ({ text }) => /Tell the press is done: http\.request/.test(text))
    expect(outside.requests.at(-1)).toBe('POST /press {"is":"press"}')
    expect(outside.requests).toHaveLength(2)
    await expectSoundLedger(app.database)
  })
})
