import { afterEach, describe, expect, test } from 'vitest'
import { type SlackPeer, startSlackPeer } from '#tests/peers/slack/index.ts'
import { buttonsIn } from '#tests/peers/slack/view.ts'
import { type ChatRecord, startTelegramPeer, type TelegramPeer } from '#tests/peers/telegram/index.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type App, startApp } from './support/app.ts'
import { signIn } from './support/client.ts'
import { isCard, showsAllDone, twelveSteps } from './support/twelve-steps.ts'

const PACE_MS = { private: 1_100, group: 3_100, slack: 1_500 }
/** A clock counts whole milliseconds. */
const ROUNDED_MS = 2
const COMMAND = '/run twelve-steps'
const PUBLIC_URL = 'https://muster.example'
/** What stands on a card at the end, and where its link leads. */
const LABELS = ['Accept', 'Export', 'Run again', 'Open in console']
const PAGE = /^https:\/\/muster\.example\/runs\/run_[0-9a-f-]{36}$/
/** Something new five times a second, for more than two seconds. */
const STEP_MS = 200

describe.each(DIALECTS)('a run of twelve short steps has one card, %s', (dialect) => {
  let app: App
  let telegram: TelegramPeer
  let slack: SlackPeer

  afterEach(async () => {
    await app?.end()
    await telegram?.stop()
    await slack?.stop()
  })

  test('which is edited no oftener than its place allows, and shows the end in the end', {
    timeout: 120_000,
  }, async () => {
    telegram = await startTelegramPeer({ privacyMode: false })
    slack = await startSlackPeer({ mode: 'socket', users: [{ id: 'U0BEN', name: 'ben' }] })
    app = await startApp(dialect, {
      telegram: { peer: telegram, mode: 'polling' },
      slack: { peer: slack, mode: 'socket' },
      settings: { ACCESS: 'open', PUBLIC_URL },
    })
    const admin = await signIn(app.url, '/v1/auth/claim', { code: app.claimCode, handle: 'ada' })
    const published = await admin.call('POST', '/v1/jobs?visibility=public', { json: twelveSteps(STEP_MS) })
    expect(published.status, JSON.stringify(published.body)).toBe(201)

    const ann = telegram.user({ firstName: 'Ann' })
    const chat = telegram.privateChat(ann)
    const group = telegram.supergroup({ title: 'Team', members: [ann] })
    const direct = await slack.direct('U0BEN')
    telegram.sendText(chat, ann, '/start')
    await telegram.waitForMessage(chat, { contains: 'Hello' }, 20_000)
    await slack.say(direct, 'U0BEN', '/start')
    await slack.waitForMessage(direct, 'Hello', 20_000)
    for (const place of [chat, group]) telegram.sendText(place, ann, COMMAND)
    await slack.say(direct, 'U0BEN', COMMAND)

    for (const [place, paceMs] of [
      [chat, PACE_MS.private],
      [group, PACE_MS.group],
    ] as const) {
      const { edits } = await eventually(() => telegramCard(place), 30_000)
      expectPaced(edits, paceMs)
    }
    const { edits } = await eventually(() => slackCard(direct), 30_000)
    expectPaced(edits, PACE_MS.slack)
    // It lived: something was shown between the beginning and the end.
    expect(edits.length).toBeGreaterThan(2)
    expect(telegram.violations).toEqual([])
    expect(slack.violations).toEqual([])
    expect(app.errors).toEqual([])
  })

  /** The one card there, once it shows the end, and when it was sent and edited. */
  function telegramCard(place: ChatRecord): { edits: number[] } {
    const cards = telegram.messages(place).filter(({ fromBot, text }) => fromBot && isCard(text))
    expect(cards.map(({ text }) => showsAllDone(text))).toEqual([true])
    const [card] = cards
    expect(card?.buttons).toEqual(LABELS)
    expect(card?.keyboard?.flat().at(-1)).toMatchObject({ url: expect.stringMatching(PAGE) })
    const edits = telegram.calls.filter(
      ({ method, params, result }) =>
        params.chat_id === place.id &&
        (method === 'editMessageText'
          ? params.message_id === card?.messageId
          : (result as { message_id?: number } | undefined)?.message_id === card?.messageId),
    )
    return { edits: edits.map(({ at }) => at) }
  }

  async function slackCard(place: string): Promise<{ edits: number[] }> {
    const cards = (await slack.messages(place)).filter(({ fromBot, text }) => fromBot && isCard(text))
    expect(cards.map(({ text }) => showsAllDone(text))).toEqual([true])
    const [card] = cards
    expect(card?.buttons).toEqual(LABELS)
    expect(buttonsIn(card?.blocks ?? []).at(-1)?.action).toMatchObject({ url: expect.stringMatching(PAGE) })
    const edits = slack.calls.filter(({ method, args, result }) =>
      method === 'chat.update' ? args.ts === card?.ts : result?.ts === card?.ts,
    )
    return { edits: edits.map(({ atMs }) => atMs) }
  }
})

function expectPaced(atMs: readonly number[], paceMs: number): void {
  const gaps = atMs.slice(1).map((at, index) => at - (atMs[index] ?? 0))
  expect(Math.min(...gaps, Number.POSITIVE_INFINITY), `gaps of ${gaps.join(', ')} ms`).toBeGreaterThanOrEqual(
    paceMs - ROUNDED_MS,
  )
}
