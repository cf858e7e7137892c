import type { User } from 'grammy/types'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Block, type SlackPeer, startSlackPeer } from '#tests/peers/slack/index.ts'
import { type ChatRecord, startTelegramPeer, type TelegramPeer } from '#tests/peers/telegram/index.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { type App, startApp } from './support/app.ts'
import { signIn } from './support/client.ts'
import { HOSTILE, HOSTILE_NAMES, visible } from './support/hostile.ts'
import { expectSoundLedger } from './support/ledger.ts'
import { escapeForSlack, slackVoice } from './support/slack-voice.ts'
import { askDatabase } from './support/sql.ts'
import { telegramVoice } from './support/telegram-voice.ts'
import { ask, type GivenFile, hear, type Voice } from './support/voice.ts'
import { type WebVoice, webVoice } from './support/web-voice.ts'

const FIRST_NAME = '<!here> @everyone <b>A</b> *da* \u202ex'

/** Gives back what it is given: what comes out is what went in, by way of a tool, a result and a file. */
const ECHO = `jobId: echo
displayName: ${JSON.stringify(FIRST_NAME)}
description: ${JSON.stringify('<!channel> [x](https://evil.example) @here')}
inputSchema: { type: object, required: [text], properties: { text: { type: string, description: "<b>@all</b>" } } }
steps:
  - stepId: echo
    displayName: ${JSON.stringify('*step* <@U0BEN> @everyone')}
    toolId: data.transform
    inputMappings: { data: { input: text }, expression: { value: $ } }
outputs: { text: { step: echo, output: value } }
`

const file = (name: string, text: string | Uint8Array): GivenFile => ({
  name,
  mediaType: 'text/plain',
  bytes: Buffer.from(text),
})

describe.each(DIALECTS)('hostile text, %s', (dialect) => {
  let app: App
  let telegram: TelegramPeer
  let slack: SlackPeer
  let web: WebVoice
  let ada: User
  let group: ChatRecord
  let voices: Record<'telegram' | 'slack' | 'web', Voice>

  beforeAll(async () => {
    telegram = await startTelegramPeer()
    slack = await startSlackPeer({
      mode: 'socket',
      users: [{ id: 'U0BEN', name: FIRST_NAME }],
      channels: [{ id: 'C0TEAM', name: 'team' }],
    })
    app = await startApp(dialect, {
      telegram: { peer: telegram, mode: 'polling' },
      slack: { peer: slack, mode: 'socket' },
      settings: { ACCESS: 'open' },
    })
    const claim = { code: app.claimCode, handle: 'ada', displayName: FIRST_NAME }
    web = await webVoice(await signIn(app.url, '/v1/auth/claim', claim))
    ada = telegram.user({ firstName: FIRST_NAME, username: 'ada_muster' })
    voices = { telegram: telegramVoice(telegram, ada), slack: await slackVoice(slack, 'U0BEN'), web }
  })
  afterAll(async () => {
    web?.end()
    await app?.end()
    await telegram?.stop()
    await slack?.stop()
  })

  describe.each(['telegram', 'slack', 'web'] as const)('on %s', (channel) => {
    const voice = (): Voice => voices[channel]
    const says = async (text: string, fits: string): Promise<void> => {
      const { text: answer } = await ask(voice(), text, (message) => visible(message.text).includes(visible(fits)))
      expect(answer).not.toContain('Something went wrong')
    }
    const result = async (text: string, given?: GivenFile): Promise<string> => {
      const { files } = await ask(voice(), text, (message) => message.files.length > 0, given)
      return new TextDecoder('utf-8', { fatal: true }).decode(files[0]?.bytes)
    }

    test('as the name of a person, a job and its steps', async () => {
      await says('/start', FIRST_NAME)
      await says('/whoami', FIRST_NAME)
      await says(`/publish\n${ECHO}`, '/echo is ready')
      await says('/jobs', '/echo – <!channel> [x](https://evil.example) @here')
      await says('/job echo', FIRST_NAME)
      await says('/help echo', '<b>@all</b>')
    })

    test('as the input of a job, and as what comes of it', async () => {
      const text = HOSTILE.join('\n')
      const isTyped = channel !== 'telegram' && text.length <= 10_000
      const before = await voice().heard()
      const whole = isTyped ? `/echo\n${text}` : '/echo'
      const echoed = await result(whole, isTyped ? undefined : file('hostile.txt', text.replaceAll('\u0000', '')))
      expect(visible(echoed)).toBe(visible(text))
      await hear(voice(), before, (message) => visible(message.text).includes(visible(FIRST_NAME)))
      await hear(voice(), before, (message) => visible(message.text).includes('*step* <@U0BEN> @everyone'))
    })

    test('as ten thousand characters, typed where so many can be typed', async () => {
      const text = `${'😀 words that go on '.repeat(526)}end`
      const echoed = await (channel === 'telegram' ? result('/echo', file('long.txt', text)) : result(`/echo ${text}`))
      expect(echoed).toBe(text)
    })

    test('as characters of two halves, none of them torn', async () => {
      for (const begin of ['', 'a']) {
        const before = (await voice().heard()).length
        const text = begin + '😀'.repeat(3_000)
        expect(await result('/echo', file('faces.txt', text))).toBe(text)
        const shown = (await voice().heard()).slice(before).map((message) => message.text)
        expect(shown.join('\n')).toContain('😀'.repeat(1_000))
        expect(shown.filter((one) => one.includes('\ufffd') || !one.isWellFormed())).toEqual([])
      }
    })

    test('as the subjects of commits and the title of release notes', async () => {
      const log = HOSTILE.map((subject, index) =>
        JSON.stringify({ hash: `${index}`.padStart(40, 'a'), subject: `feat: ${subject}` }),
      ).join('\n')
      for (const title of HOSTILE_NAMES.slice(0, 3)) {
        const notes = await result(`/release_notes --title ${JSON.stringify(title)}`, file('log.jsonl', log))
        expect(notes.split('\n').filter((line) => line.startsWith('- '))).toHaveLength(HOSTILE.length)
      }
    })

    test('as the name of a team, on its cards and buttons', async () => {
      for (const name of HOSTILE_NAMES) {
        const made = await ask(voice(), `/createteam ${name}`, /is there, and you own it|A name has/)
        expect(visible(made.text)).toContain(visible(name))
        const before = await voice().heard()
        await voice().press(made, made.buttons[0] ?? '')
        await hear(voice(), before, ({ text }) => visible(text).includes(visible(`Team ${name} pays from now on`)))
        await says('/mycontext', `Team ${name}`)
      }
      await says('/teams', HOSTILE_NAMES[0] ?? '')
      await says('/fund 0.01 --from personal', 'got $0.01')
      const before = await voice().heard()
      await voice().say('/run docs.lint # Short')
      await hear(voice(), before, ({ text }) => visible(text).includes(`Team ${'W'.repeat(80)} · `))
      await says('/setcontext personal', 'Personal pays from now on')
    })

    test('as commands that are none, flags that are none, and words', async () => {
      for (const text of HOSTILE.filter((one) => !one.startsWith('long'))) {
        for (const line of [`/${text}`, `/nope ${text}`, `/balance --nope ${text}`, text]) {
          const { text: answer } = await ask(voice(), line.slice(0, 4_000))
          expect(answer).not.toContain('Something went wrong')
        }
      }
    })

    test('documents past their limits are stopped, in words', { timeout: 90_000 }, async () => {
      const large = file('large.txt', 'feat: one more of many changes\n'.repeat(2_300))
      await ask(voice(), '/release_notes', /The log is 70 KiB; docs\.changelog takes at most 64 KiB/, large)
      for (const tool of ['format', 'lint']) {
        await ask(voice(), `/run docs.${tool}`, new RegExp(`70 KiB; docs\\.${tool} takes at most 64 KiB`), large)
      }
      const huge = file('huge.txt', Buffer.alloc(1024 * 1024 + 1, 'a'))
      await ask(voice(), '/release_notes', /huge\.txt is larger than 1 MiB/, huge)
      await ask(voice(), '/release_notes', /is not a text file/, file('zip.txt', Buffer.from([80, 75, 0, 0xff])))
      const deep = file('deep.json', '['.repeat(30_000) + ']'.repeat(30_000))
      await ask(
        voice(),
        '/run docs.format --language json',
        /docs\.format was stopped: the input is nested too deep/,
        deep,
      )
      // Once is enough: it takes the eight seconds that it may.
      if (channel !== 'telegram' || dialect !== 'sqlite') return
      const endless = '($again := function($n) { $again($n + 1) }; $again(1))'
      const line = `/run data.transform --data {} --expression ${JSON.stringify(endless)}`
      await ask(voice(), line, /was stopped: .*(time|long)/i)
    })
  })

  test('where others read along', async () => {
    const others = [telegram.user({ firstName: 'Bob', username: 'all' }), telegram.user({ firstName: 'Eve' })]
    group = telegram.supergroup({ title: 'Team', members: [ada, ...others] })
    const inGroup = telegramVoice(telegram, ada, group)
    const text = HOSTILE.join('\n').replaceAll('\u0000', '')
    await ask(inGroup, '/echo', ({ files }) => files.length > 0, file('hostile.txt', text))
    for (const name of HOSTILE_NAMES.slice(0, 3)) await ask(inGroup, `/createteam ${name}`, /is there, and you own it/)
    for (const name of HOSTILE_NAMES.slice(0, 3)) {
      await slack.say('C0TEAM', 'U0BEN', `${slack.mention} createteam ${escapeForSlack(name)}`)
    }
    const shown = await Promise.all(
      HOSTILE_NAMES.slice(0, 3).map((name) =>
        slack.waitForMessage('C0TEAM', (message) => visible(message.text).includes(visible(name)), 15_000),
      ),
    )
    expect(shown).toHaveLength(3)
  })

  test('it called nobody, broke no message, and nothing was lost', async () => {
    await expectSoundLedger(app.database)
    const inGroup = telegram.messages(group).filter(({ fromBot }) => fromBot)
    expect(inGroup.length).toBeGreaterThan(4)
    for (const { raw, text } of inGroup) {
      const found = raw.entities ?? raw.caption_entities ?? []
      const calls = found.filter(({ type }) => type === 'mention' || type === 'text_mention')
      expect(calls, text).toEqual([])
    }
    for (const place of ['C0TEAM', await slack.direct('U0BEN')]) {
      for (const { blocks } of await slack.messages(place)) expect(blocks.flatMap(callsIn)).toEqual([])
    }
    const lost = await askDatabase(app.database.url, "SELECT last_error FROM outbox WHERE status = 'undelivered'")
    expect(lost).toEqual([])
    expect(telegram.violations).toEqual([])
    expect(slack.violations).toEqual([])
    expect(app.errors).toEqual([])
  })
})

/** Elements that call somebody, wherever they hide in a block. */
function callsIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return []
  const { type } = node as Partial<Block>
  const here = ['user', 'usergroup', 'broadcast', 'channel', 'team'].includes(String(type)) ? [String(type)] : []
  return [...here, ...Object.values(node).flatMap(callsIn)]
}
