import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readArtifact } from '#core/artifacts/store.ts'
import type { WebMessage } from '#core/chat/web.ts'
import type { Dialect } from '#db/db.ts'
import { type SlackPeer, startSlackPeer } from '#tests/peers/slack/index.ts'
import { startTelegramPeer, type TelegramPeer } from '#tests/peers/telegram/index.ts'
import { Cli } from '#tests/server/cli-process.ts'
import { createDatabase, type TestDatabase } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type App, startApp } from './support/app.ts'
import { type Client, client, signIn } from './support/client.ts'
import { HISTORY, HISTORY_FILE, hashesOf, historyWithin } from './support/history.ts'
import { expectClean, expectNotes, expectNotesFile, newestRun, untilEnded } from './support/notes.ts'
import { slackVoice } from './support/slack-voice.ts'
import { telegramVoice } from './support/telegram-voice.ts'
import { ask, hear, type Voice } from './support/voice.ts'
import { type WebVoice, webVoice } from './support/web-voice.ts'

/** What one message may have on Telegram; its own apps send longer ones in pieces. */
const TELEGRAM_TEXT_MAX = 4096
const COMMAND = '/release_notes\n'

test('the fixture is a log of at least sixty commits, none twice', () => {
  expect(new Set(hashesOf(HISTORY)).size).toBeGreaterThanOrEqual(60)
  expect(hashesOf(HISTORY)).toHaveLength(new Set(hashesOf(HISTORY)).size)
})

interface Case {
  name: string
  dialect: Dialect
  telegram: 'polling' | 'webhook'
  slack?: 'socket' | 'http'
}

const CASES: Case[] = [
  {
    name: 'Telegram by polling, Slack by socket, web, API; SQLite',
    dialect: 'sqlite',
    telegram: 'polling',
    slack: 'socket',
  },
  {
    name: 'Telegram by webhook, Slack by HTTP, web, API; SQLite',
    dialect: 'sqlite',
    telegram: 'webhook',
    slack: 'http',
  },
  { name: 'Telegram by polling, web, API; Postgres', dialect: 'postgres', telegram: 'polling' },
  { name: 'Telegram by webhook, web, API; Postgres', dialect: 'postgres', telegram: 'webhook' },
]

describe.each(CASES)('/release_notes: $name', ({ dialect, telegram, slack }) => {
  let app: App
  let telegramPeer: TelegramPeer
  let slackPeer: SlackPeer | undefined
  let web: WebVoice
  let ada: Client
  let api: Client

  beforeAll(async () => {
    telegramPeer = await startTelegramPeer({ webhookRetryMs: 20 })
    slackPeer = slack && (await startSlackPeer({ mode: slack, users: [{ id: 'U0BEN', name: 'ben', realName: 'Ben' }] }))
    app = await startApp(dialect, {
      telegram: { peer: telegramPeer, mode: telegram },
      ...(slack && slackPeer ? { slack: { peer: slackPeer, mode: slack } } : {}),
      settings: { ACCESS: 'open' },
    })
    ada = await signIn(app.url, '/v1/auth/claim', { code: app.claimCode, handle: 'ada' })
    const { body } = await ada.call('POST', '/v1/api-keys', { json: { name: 'scripts' } })
    api = client(app.url, { key: body.key })
    web = await webVoice(ada)
  })
  afterAll(async () => {
    web?.end()
    await app?.end()
    await telegramPeer?.stop()
    await slackPeer?.stop()
    expect(telegramPeer?.violations).toEqual([])
    expect(slackPeer?.violations ?? []).toEqual([])
    expect(app?.errors).toEqual([])
  })

  test('from Telegram', async () => {
    const user = telegramPeer.user({ firstName: 'Cem', username: 'cem_muster' })
    const voice = telegramVoice(telegramPeer, user)
    await throughChat(voice, await consoleOf(voice), historyWithin(TELEGRAM_TEXT_MAX - COMMAND.length))
  })

  test.runIf(slack)('from Slack', async () => {
    const voice = await slackVoice(slackPeer as SlackPeer, 'U0BEN')
    await throughChat(voice, await consoleOf(voice), HISTORY)
  })

  test('from the web', () => throughChat(web, ada, HISTORY))

  test('from the API', async () => {
    const team = (await api.call('POST', '/v1/teams', { json: { name: 'Robots' } })).body
    const credit = { amountUsd: '0.10', reason: 'start' }
    await api.call('POST', `/v1/teams/${team.id}/economy/credit`, { json: credit, once: 'credit' })
    const { accountId } = (await api.call('GET', '/v1/me')).body
    for (const context of [
      { type: 'user', id: accountId },
      { type: 'team', id: team.id },
    ]) {
      const body = { inputs: { commits: HISTORY }, context }
      const started = await api.call('POST', '/v1/jobs/release-notes/run', {
        json: body,
        once: `notes-${context.type}`,
      })
      expect(started.status).toBe(202)
      const run = await untilEnded(api, started.body.id)
      expect(run.context).toEqual(context)
      await expectClean(api, expectNotes(run, HISTORY))
    }
  })

  /** The console of whoever speaks there: what they started can be looked at as a client sees it. */
  async function consoleOf(voice: Voice): Promise<Client> {
    const { text } = await ask(voice, '/console', /login\?code=/)
    const [, code = ''] = /login\?code=(\S+)/.exec(text) ?? []
    return signIn(app.url, '/v1/auth/link', { code })
  }

  /** Pasted and as a file, paid by oneself and by a team. */
  async function throughChat(voice: Voice, own: Client, pasted: string): Promise<void> {
    const { accountId } = (await own.call('GET', '/v1/me')).body
    await ask(voice, '/createteam Crew', /Crew is there/)
    await ask(voice, '/fund 0.10 --from personal --as team:Crew', /Team Crew got \$0\.10/)
    for (const payer of ['Personal', 'Team Crew']) {
      await ask(voice, payer === 'Personal' ? '/setcontext personal' : '/setcontext team Crew', /pays from now on/)
      for (const log of [pasted, HISTORY]) {
        const before = await voice.heard()
        if (log === pasted) await voice.say(`${COMMAND}${log}`)
        else await voice.say(COMMAND.trim(), HISTORY_FILE)
        const result = await hear(voice, before, ({ files }) => files.length > 0)
        const run = await newestRun(own, accountId)
        expect(run.context.type).toBe(payer === 'Personal' ? 'user' : 'team')
        const notes = expectNotes(run, log)
        expectNotesFile(result, notes)
        await expectClean(own, notes)
        // Beside the file, its beginning can be read at once.
        await hear(voice, before, ({ text }) => text.includes('Release notes\n') && text.includes('Other changes'))
      }
    }
    for (const payer of ['Personal', 'Team Crew']) await untilPaid(voice, payer, 2)
    await ask(voice, '/setcontext personal', /pays from now on/)
  }

  /** Cards are edited at their own pace, so they are looked at in the end. */
  async function untilPaid(voice: Voice, payer: string, runs: number): Promise<void> {
    await eventually(async () => {
      const paid = (await voice.heard()).filter(({ text }) => text.includes(`${payer} · cost $0.002 · `))
      expect(paid).toHaveLength(runs)
    })
  }
})

describe('/release_notes from a terminal', () => {
  let database: TestDatabase
  let cli: Cli
  let notes: string

  beforeAll(async () => {
    database = await createDatabase('sqlite')
    cli = new Cli({ DATABASE_URL: database.url })
    await cli.run(['account', 'create', 'ada', '--admin'])
    writeFileSync(join(cli.directory, 'history.txt'), HISTORY)
    const { document } = await cli.json(['chat', '--lines'], '/createteam Crew\n/fund 0.10 --as team:Crew\n')
    expect(document.messages.at(-1).text).toContain('Team Crew got $0.10')
  })
  afterAll(async () => {
    cli?.remove()
    await database?.drop()
  })

  test('as a command, for oneself and for a team, piped in and from a file', async () => {
    for (const as of ['personal', 'team:Crew']) {
      const piped = await cli.json(['run', 'release-notes', '-', '--as', as], HISTORY)
      const filed = await cli.json(['run', 'release-notes', '--file', 'history.txt', '--as', as])
      for (const { exitCode, document } of [piped, filed]) {
        expect(exitCode).toBe(0)
        expect(document.context.type).toBe(as === 'personal' ? 'user' : 'team')
        notes = expectNotes(document, HISTORY)
      }
    }
  })

  test('in its chat, pasted for oneself and attached for a team, with the file', async () => {
    const pasted = await cli.json(['chat'], `${COMMAND}${HISTORY}`)
    await expectResult(pasted.document.messages, 'Personal')
    await cli.run(['chat'], '/setcontext team Crew')
    const attached = await cli.json(['chat', '--lines'], '/attach history.txt\n/release_notes\n')
    await expectResult(attached.document.messages, 'Team Crew')
  })

  async function expectResult(messages: WebMessage[], payer: string): Promise<void> {
    expect(messages.map(({ text }) => text).join('\n')).toContain(`${payer} · cost $0.002 · `)
    const file = messages.flatMap(({ parts }) => parts).find((part) => part.type === 'file')
    expect(file).toMatchObject({ name: 'release-notes.md', mediaType: 'text/markdown' })
    const kept = await readArtifact(database.db, file?.type === 'file' ? file.artifactId : '')
    expect(Buffer.from(kept?.bytes ?? []).toString()).toBe(notes)
  }
})
