import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { ReadStream, WriteStream } from 'node:tty'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createWebChannel } from '#bots/web/chat.ts'
import { createHandle } from '#commands/dispatch.ts'
import type { Account } from '#core/accounts/account.ts'
import { createAccountByOperator } from '#core/accounts/create.ts'
import { tellText } from '#core/chat/live.ts'
import { reply, text } from '#core/chat/message.ts'
import { putMessage } from '#core/chat/outbox.ts'
import type { Outgoing, Sender, SendResult } from '#core/chat/sender.ts'
import { showOnWeb, webConversation, webHistory } from '#core/chat/web.ts'
import { personal } from '#core/context.ts'
import { createCore } from '#core/create-core.ts'
import { saveJob } from '#core/jobs/save.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { momentsIn } from '#server/cli/chat/moments.ts'
import { MessageReader } from '#server/cli/chat/reader.ts'
import { ChatSession } from '#server/cli/chat/session.ts'
import { terminalChat } from '#server/cli/chat/terminal.ts'
import { startWorker } from '#server/cli/worker.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'

vi.setConfig({ testTimeout: 60_000 })

const SLOW = `jobId: slow
displayName: Slow
description: Waits.
inputSchema: { type: object, properties: {} }
steps:
  - stepId: pause
    wait: { ms: 60000 }
outputs: {}
`

describe('what lines make', () => {
  const read = (lines: string[]): string[] => {
    const reader = new MessageReader()
    return [...lines.map((line) => reader.read(line)), reader.rest()].filter((message) => message !== undefined)
  }

  test.each<[string, string[], string[]]>([
    ['a line is a message', ['/help', 'hi'], ['/help', 'hi']],
    ['a backslash goes on', ['/publish \\', 'jobId: x\\', 'steps: []'], ['/publish \njobId: x\nsteps: []']],
    ['quotes hold lines', ['/publish """', 'jobId: x', '', 'steps: []', '"""'], ['/publish\njobId: x\n\nsteps: []']],
    ['quotes alone', ['"""', 'one', 'two"""', '/help'], ['one\ntwo', '/help']],
    ['text right behind the quotes', ['"""one', 'two', '"""'], ['one\ntwo']],
    ['open quotes at the end', ['"""', 'one'], ['one']],
    ['quotes in the midst of a line are text', ['say """ often'], ['say """ often']],
  ])('%s', (_, lines, messages) => expect(read(lines)).toEqual(messages))

  test('a paste is one message with what stands around it, whatever it contains', () => {
    const reader = new MessageReader()
    reader.pasteStarts()
    expect(reader.read('/release_notes feat: one\\')).toBeUndefined()
    expect(reader.read('"""')).toBeUndefined()
    expect(reader.read('')).toBeUndefined()
    expect(reader.pasteEnds()).toBe(3)
    expect(reader.isOpen).toBe(true)
    expect(reader.read('fix: two')).toBe('/release_notes feat: one\\\n"""\n\nfix: two')
    expect(reader.isOpen).toBe(false)
  })

  test('Ctrl-C drops what is held', () => {
    const reader = new MessageReader()
    reader.read('"""')
    reader.read('one')
    reader.drop()
    expect(reader.read('two')).toBe('two')
  })
})

describe('a conversation at a terminal', () => {
  const before = process.cwd()
  let directory: string
  let world: World
  let anna: Account
  let input: PassThrough
  let shown: string
  let raw: string
  let ended: Promise<void>
  let stopWorker: () => Promise<void>

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'muster-chat-'))
    process.chdir(directory)
    world = await createWorld('sqlite')
    const { core } = world
    await seedShipped(core)
    anna = await createAccountByOperator(core, { handle: 'anna', admin: true })
    const web = createWebChannel(core)
    const senders = new Map([[web.name, web]])
    stopWorker = await startWorker(core, { senders, handle: createHandle(core, senders) })
    input = new PassThrough()
    const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
    shown = ''
    raw = ''
    output.on('data', (chunk) => {
      raw += String(chunk)
      shown += stripVTControlCharacters(String(chunk))
    })
    const session = new ChatSession(core, anna)
    await session.conversation.begin()
    const terminal = { input: input as unknown as ReadStream, output: output as unknown as WriteStream }
    ended = terminalChat(core, session, terminal)
  })

  afterEach(async () => {
    input.write('\u0004')
    await ended
    await stopWorker()
    await world.end()
    process.chdir(before)
    rmSync(directory, { recursive: true, force: true })
  })

  const sees = (what: string | RegExp): Promise<void> => eventually(() => expect(shown).toMatch(what))
  const said = async (): Promise<string[]> =>
    (await webHistory(world.core.db, webConversation(anna.id), { limit: 50 })).items
      .filter(({ from }) => from === 'user')
      .map(({ text }) => text)

  test('a paste is one message; its result is shown, and saved by its number', async () => {
    input.write('/release_notes \u001b[200~feat: one\rfix: two\r\u001b[201~')
    await sees('2 lines; Enter sends them')
    expect(await said()).toEqual([])
    input.write('\r')
    await sees('- two')
    expect(await said()).toEqual(['/release_notes feat: one\nfix: two'])
    await sees(/\[\d+\] Save release-notes\.md/)
    const [, number] = /\[(\d+)\] Save/.exec(shown) ?? []
    input.write(`${number}\r`)
    await sees('Saved muster-files/release-notes.md')
    expect(readFileSync('muster-files/release-notes.md', 'utf8')).toContain('- one')
    input.write(`${number}\r`)
    await sees('Saved muster-files/release-notes-2.md')
    expect(world.errors).toEqual([])
  })

  test('a number presses a button as long as it is there', async () => {
    const actor = {
      accountId: anna.id,
      handle: 'anna',
      platformRole: 'admin' as const,
      channel: 'web' as const,
      context: personal(anna.id),
    }
    await saveJob(world.core, actor, { source: SLOW, publish: true })
    input.write('/slow\r')
    await sees(/\[1\] Stop/)
    input.write('1\r')
    await sees('■ Slow')
    await eventually(async () => {
      input.write('1\r')
      await sees(/\[1\] is not there any more/)
    })
    input.write('\\1\r')
    await eventually(async () => expect((await said()).at(-1)).toBe('1'))
  })

  test('a file of this machine goes with the next message', async () => {
    writeFileSync('log.txt', 'feat: from a file\n')
    input.write('/attach nowhere.txt\r')
    await sees('nowhere.txt cannot be read')
    input.write('/attach log.txt\r')
    await sees('log.txt goes with your next message')
    input.write('/release_notes\r')
    await sees('- from a file')
  })

  test('a form is asked for field by field, and sent', async () => {
    input.write('/release_notes\r')
    await sees(/Commits \(git log text/)
    // The questions say it all: neither the form's text nor its buttons stand before them.
    expect(shown).toMatch(/Release notes/)
    expect(shown).not.toMatch(/Send Commits|\[\d+\] (Run it|Cancel)/)
    input.write('\r')
    await sees('This is needed.')
    input.write('feat: from a form\r')
    await sees(/Title.*can be left out/)
    input.write('\r')
    await sees(/Run it\? Personal/)
    input.write('y')
    await sees('- from a form')
    expect((await said()).at(-1)).toBe('Run it')
    // The prompt is back.
    input.write('/balance\r')
    await sees(/Balance: +\$/)
    expect(world.errors).toEqual([])
  })

  test('a form without a price goes on by itself after its last answer', async () => {
    input.write('/createteam\r')
    await sees(/Name/)
    input.write('Acme\r')
    await sees('Acme is there, and you own it.')
    expect(shown).not.toMatch(/Go on\?|Send\?/)
    expect(world.errors).toEqual([])
  })

  test('whoever leaves a form keeps what is in it, and goes on with words', async () => {
    input.write('/run\r')
    await sees(/Job\n/)
    input.write('\u0003')
    await eventually(async () => expect((await said()).length).toBe(1))
    // What was not shown before the questions is shown now.
    await sees(/\[\d+\] Cancel/)
    input.write('Release notes\r')
    await sees('Send Commits')
    expect(world.errors).toEqual([])
  })

  test('what is quoted has a bar before each line, and moments are those of this clock', async () => {
    const conversation = webConversation(anna.id)
    const parts = [
      { type: 'text' as const, text: 'Kept until 27 Nov 2026, 12:55 UTC and then gone' },
      { type: 'list' as const, items: ['Due 2026-07-01 08:00 UTC'] },
      {
        type: 'quote' as const,
        title: 'draft',
        of: { type: 'markdown' as const, text: 'one\n[1] Approve 2026-07-01 08:00 UTC' },
      },
    ]
    await showOnWeb(world.core, { id: 'msg_quote', conversation, cause: 'test', parts })
    const inIndia = new ChatSession(world.core, anna, { moments: momentsIn('Asia/Kolkata') })
    const lines = (await inIndia.conversation.changes()).flatMap((message) => inIndia.show(message))
    expect(lines).toEqual([
      'Kept until 27 Nov 2026, 18:25 GMT+5:30 and then gone',
      '• Due 1 Jul 2026, 13:30 GMT+5:30',
      '│ draft',
      '│ one',
      '│ [1] Approve 2026-07-01 08:00 UTC',
    ])
    // What is piped on stays the same for everybody.
    const piped = new ChatSession(world.core, anna)
    expect((await piped.conversation.changes()).flatMap((message) => piped.show(message))[0]).toContain('12:55 UTC')
  })

  test('what is being written is seen above the prompt, in place of what was seen of it, and then the result', async () => {
    const conversation = webConversation(anna.id)
    const told = { runId: 'run_1', channel: 'web', conversation, writer: '0:1' }
    input.write('/help jo')
    tellText({ ...told, piece: 'Once upon\u001b[2J a time' })
    await sees('a time')
    tellText({ ...told, piece: ` there was ${'a very long road '.repeat(60)}to the end.` })
    await sees('to the end.')
    const screen = screenOf(raw)
    // Only its end is there, once, and what is being typed stands below it.
    expect(screen.filter((row) => row.includes('Once upon'))).toEqual([])
    expect(screen.filter((row) => row.includes('long road')).length).toBeLessThanOrEqual(6)
    expect(screen.at(-1)).toBe('› /help jo')
    tellText({ ...told, piece: null })
    await eventually(() => expect(screenOf(raw).filter((row) => row.includes('long road'))).toEqual([]))
    await showOnWeb(world.core, { id: 'msg_r', conversation, cause: 'test', parts: [text('The story is done.')] })
    await eventually(() => expect(screenOf(raw).slice(-2)).toEqual(['The story is done.', '› /help jo']))
    input.write('\u0003')
  })

  test('what others wrote cannot play with the terminal, and what is said elsewhere is shown', async () => {
    const conversation = webConversation(anna.id)
    const evil = '\u001b]0;owned\u0007\u001b[2Jhello\u202e\r'
    const parts = [
      { type: 'markdown' as const, text: evil },
      { type: 'file' as const, artifactId: 'art_1', name: `${evil}.md`, mediaType: 'text/markdown', sizeBytes: 1 },
    ]
    let written = ''
    const seen = new ChatSession(world.core, anna)
    await showOnWeb(world.core, { id: 'msg_evil', conversation, cause: 'test', parts })
    for (const message of await seen.conversation.changes()) written += seen.show(message).join('\n')
    expect(written).toContain('hello')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
    expect(written).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    await new ChatSession(world.core, anna).take('hello from the console')
    await sees('> hello from the console')
    expect(existsSync('muster-files')).toBe(false)
  })
})

describe.each(DIALECTS)('a worker without Telegram on %s', (dialect) => {
  test('leaves its messages to a process that has it', async () => {
    const world = await createWorld(dialect)
    const { core } = world
    const web = createWebChannel(core)
    const withoutTelegram = new Map([[web.name, web]])
    const handle = createHandle(core, withoutTelegram)
    const stopFirst = await startWorker(core, { senders: withoutTelegram, handle })
    await core.db.write((tx) =>
      putMessage(core, tx, { channel: 'telegram', conversation: '1', reply: reply('hello'), cause: 'test' }),
    )
    // Long enough that the first one has had it.
    await new Promise((resolve) => setTimeout(resolve, 300))
    const sent: Outgoing[] = []
    const telegram: Sender = {
      ...web,
      name: 'telegram',
      async send(message): Promise<SendResult> {
        sent.push(message)
        return { outcome: 'sent', messageRef: '1' }
      },
    }
    const other = createCore({ ...core, databaseUrl: world.databaseUrl })
    const stopSecond = await startWorker(other, { senders: new Map([[telegram.name, telegram]]), handle })
    await eventually(() => expect(sent.map(({ parts }) => parts)).toEqual([[{ type: 'text', text: 'hello' }]]), 30_000)
    expect(world.errors).toEqual([])
    await stopFirst()
    await stopSecond()
    await world.end()
  })
})

/** What stands on a terminal after all of this was written to it; as much of its language as is spoken here. */
function screenOf(written: string): string[] {
  const rows = ['']
  let [y, x] = [0, 0]
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is how a terminal is spoken to
  for (const [token, arguments_, command] of written.matchAll(/\u001b\[([?\d;]*)([A-Za-z])|[\s\S]/g)) {
    const n = Number(arguments_ || 1)
    if (command === 'A') y = Math.max(0, y - n)
    else if (command === 'B') y += n
    else if (command === 'C') x += n
    else if (command === 'D') x = Math.max(0, x - n)
    else if (command === 'G') x = n - 1
    else if (command === 'J') rows.splice(y, rows.length, (rows[y] ?? '').slice(0, x))
    else if (command === 'K') rows[y] = (rows[y] ?? '').slice(0, x)
    else if (command !== undefined) continue
    else if (token === '\n') [y, x] = [y + 1, 0]
    else if (token === '\r') x = 0
    else {
      rows[y] = (rows[y] ?? '').padEnd(x).slice(0, x) + token + (rows[y] ?? '').slice(x + 1)
      x += 1
    }
    while (rows.length <= y) rows.push('')
  }
  return rows
}
