import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { findAccountByKey } from '#core/accounts/api-keys.ts'
import { verifyPassword } from '#core/accounts/password-hash.ts'
import { checkLedger } from '#core/economy/check.ts'
import { query } from '#db/statement.ts'
import { manifestProblems } from '#tests/peers/slack/manifest-facts.ts'
import { createDatabase, type TestDatabase, undoMigrations, WHOLE_DIALECTS } from '#tests/support/database.ts'
import { Cli } from './cli-process.ts'

// Each command is a process of its own, and two small cores may have more to do.
vi.setConfig({ testTimeout: 60_000 })

const COMMITS = 'feat: sign in with a link\nfix: crash on an empty list\n'
const SHOUT = `jobId: shout
displayName: Shout
description: Says it louder.
inputSchema:
  type: object
  required: [words]
  properties:
    words: { type: string }
    times: { type: integer, default: 1 }
steps:
  - stepId: say
    toolId: text.template
    inputMappings:
      template: { template: "{{ input.words | upcase }} x{{ input.times | plus: 1 }}" }
      data: { value: {} }
outputs:
  said: { step: say, output: text }
`

describe.each(WHOLE_DIALECTS)('muster on %s', (dialect) => {
  let database: TestDatabase
  let cli: Cli

  beforeAll(async () => {
    database = await createDatabase(dialect)
    // As it is on a new machine: the commands bring an empty database up by themselves.
    await undoMigrations(database.url)
    cli = new Cli({ DATABASE_URL: database.url })
    await cli.run(['account', 'create', 'anna', '--admin', '--name', 'Anna'])
  })

  afterAll(async () => {
    cli.remove()
    await database.drop()
  })

  test('the manifest for Slack has a command for each job that everybody may run', async () => {
    const { document, exitCode } = await cli.json(['slack', 'manifest', '--name', 'Acme', '--mode', 'http'])
    expect(exitCode).toBe(0)
    expect(manifestProblems(document)).toEqual([])
    const commands = document.features.slash_commands.map((one: { command: string }) => one.command)
    expect(commands).toEqual(expect.arrayContaining(['/muster', '/release_notes']))
    expect(document.settings.interactivity.request_url).toMatch(/^http.*\/webhooks\/slack$/)
    const { stdout } = await cli.run(['slack', 'manifest'])
    expect(JSON.parse(stdout)).toMatchObject({ settings: { socket_mode_enabled: true } })
  })

  test('it says which version it is', async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'))
    expect(await cli.run(['--version'])).toMatchObject({ exitCode: 0, stdout: `${version}\n` })
    expect(await cli.json(['--version'])).toMatchObject({ exitCode: 0, document: { version } })
  })

  test('an account is made and listed', async () => {
    const { document, exitCode } = await cli.json(['account', 'create', 'Bela_2'])
    expect({ exitCode, document }).toEqual({
      exitCode: 0,
      document: { accountId: expect.stringMatching(/^acc_/), handle: 'bela_2' },
    })
    const listed = await cli.json(['account', 'list'])
    expect(listed.document.items).toMatchObject([
      { handle: 'anna', displayName: 'Anna', platformRole: 'admin' },
      { handle: 'bela_2', platformRole: 'user' },
    ])
    const again = await cli.json(['account', 'create', 'anna'])
    expect(again).toMatchObject({ exitCode: 1, document: { error: { code: 'conflict' } } })
  })

  test('a key is made, works, and is revoked', async () => {
    const { document } = await cli.json(['key', 'create', '--account', 'anna', '--scope', 'read', '--days', '2'])
    const holder = await findAccountByKey(database.db, document.key, Date.now())
    expect(holder).toMatchObject({ account: { handle: 'anna' }, scopes: ['read'], keyId: document.id })
    const listed = await cli.run(['key', 'list'])
    expect(listed.stdout).toContain(document.id)
    expect(listed.stdout).not.toContain(document.key)
    expect((await cli.json(['key', 'revoke', document.id])).exitCode).toBe(0)
    expect(await findAccountByKey(database.db, document.key, Date.now())).toBeUndefined()
  })

  test('a run is waited for and printed as JSON', async () => {
    const { document, exitCode } = await cli.json(['run', 'release-notes', '-', 'title=News'], COMMITS)
    expect(exitCode).toBe(0)
    expect(document).toMatchObject({
      jobId: 'release-notes',
      status: 'succeeded',
      initiator: { channel: 'api' },
      inputs: { commits: COMMITS, title: 'News' },
      outputs: { notes: '# News\n\n## Features\n\n- sign in with a link\n\n## Fixes\n\n- crash on an empty list\n' },
      costUsd: '0.002',
      error: null,
    })
    expect(document.steps.map(({ status }: { status: string }) => status)).toEqual(['succeeded', 'succeeded'])
    expect((await checkLedger({ db: database.db })).sound).toBe(true)
  })

  test('a tool is run by its name, from a file, and its output alone is on standard output', async () => {
    writeFileSync(join(cli.directory, 'notes.json'), '{"b":1}')
    const { stdout, stderr, exitCode } = await cli.run([
      'run',
      'docs.format',
      '--file',
      'text=notes.json',
      'language=json',
    ])
    expect(exitCode).toBe(0)
    expect(stdout).toContain('{ "b": 1 }')
    expect(stderr).toContain('docs-format succeeded · cost $0.001')
  })

  test('what cannot start exits 1 with every problem', async () => {
    const wrong = await cli.json(['run', 'release-notes', '--input', 'colour=red', '--file', 'commits=/no/such'])
    expect(wrong).toMatchObject({
      exitCode: 1,
      document: { error: { code: 'bad_input', problems: [{ path: 'colour' }, { path: 'commits' }] } },
    })
    const missing = await cli.json(['run', 'release-notes'])
    expect(missing).toMatchObject({ exitCode: 1, document: { error: { code: 'bad_input' } } })
    const foreign = await cli.json(['run', 'release-notes', 'x', '--as', 'team:Nobody'])
    expect(foreign).toMatchObject({ exitCode: 1, document: { error: { code: 'not_found' } } })
  })

  test('a run that fails exits 1 with the run', async () => {
    const { exitCode, document } = await cli.json(['run', 'docs.format', 'text={', 'language=json'])
    expect(exitCode).toBe(1)
    expect(document).toMatchObject({
      status: 'failed',
      steps: [{ status: 'failed', error: { code: expect.any(String) } }],
    })
  })

  test('a job file is checked, published and run', async () => {
    const broken = await cli.json(['job', 'validate', '-'], SHOUT.replace('text.template', 'text.shouting'))
    expect(broken).toMatchObject({ exitCode: 1, document: { valid: false, problems: [{ path: 'steps.0.toolId' }] } })
    const file = join(cli.directory, 'shout.yaml')
    writeFileSync(file, SHOUT)
    expect((await cli.json(['job', 'validate', file])).document).toEqual({ valid: true, jobId: 'shout', problems: [] })
    const published = await cli.json(['job', 'publish', file])
    expect(published.document).toMatchObject({ jobId: 'shout', version: 1, status: 'published', visibility: 'private' })
    // An input that is a number stays one.
    expect((await cli.run(['run', 'shout', 'good', 'day', 'times=2'])).stdout).toBe('GOOD DAY x3\n')
  })

  test('status counts what there is', async () => {
    const { document, exitCode } = await cli.json(['status'])
    expect(exitCode).toBe(0)
    expect(document).toMatchObject({
      pendingMigrations: [],
      admins: 1,
      teams: 0,
      liveRuns: 0,
      waitingWork: { incomingMessages: 0, outgoingMessages: 0 },
      undeliveredMessages: 0,
      ledger: { sound: true, sumUsd: '0.00', differences: 0 },
    })
    expect(document.database).not.toContain('muster:muster')
  })

  test('doctor finds nothing wrong', async () => {
    const { document, exitCode } = await cli.json(['doctor'])
    expect({ exitCode, failed: document.checks.filter(({ status }: { status: string }) => status === 'fail') }).toEqual(
      {
        exitCode: 0,
        failed: [],
      },
    )
    expect(document.checks).toContainEqual({ name: 'Migrations', status: 'ok', detail: 'none missing' })
  })

  test('migrate says that there is nothing to do, and takes the newest one back', async () => {
    const other = await createDatabase(dialect)
    const there = new Cli({ DATABASE_URL: other.url })
    try {
      expect((await there.json(['migrate'])).document).toEqual({ applied: [], reverted: [] })
      const [newest] = (await there.json(['migrate', '--down'])).document.reverted
      expect(newest).toMatch(/^\d{4}-/)
      expect((await there.json(['migrate'])).document.applied).toEqual([newest])
    } finally {
      there.remove()
      await other.drop()
    }
  })

  test('a password is read from standard input, and is what signs in from then on', async () => {
    const weak = await cli.json(['account', 'password', 'anna'], 'password1\n')
    expect([weak.exitCode, weak.document.error.code]).toEqual([1, 'bad_input'])
    const set = await cli.json(['account', 'password', '@Anna'], 'correct horse battery\n')
    expect([set.exitCode, set.document.handle]).toEqual([0, 'anna'])
    expect(JSON.stringify(set)).not.toContain('horse')
    const [hash] = await query(database.db, (q) => q.selectFrom('password').select('hash'))
    expect(await verifyPassword(hash?.hash, 'correct horse battery')).toBe(true)
    const nobody = await cli.json(['account', 'password', 'nobody'], 'correct horse battery')
    expect([nobody.exitCode, nobody.document.error.code]).toEqual([1, 'not_found'])
  })
})

describe('a line that cannot be understood', () => {
  const cli = new Cli({ DATABASE_URL: 'sqlite:./data/never.db' })
  afterAll(() => cli.remove())

  test.each([[['bogus']], [['start', '--role', 'boss']], [['run']]])('%j exits 2 and says why', async (args) => {
    const { exitCode, stdout, stderr } = await cli.run(args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(/^error: /)
  })

  test('with --json it is one document all the same', async () => {
    const { exitCode, document } = await cli.json(['key', 'create'])
    expect({ exitCode, code: document.error.code }).toEqual({ exitCode: 2, code: 'usage' })
  })
})

describe('wrong settings', () => {
  test('are all named, never shown, and nothing is made', async () => {
    const cli = new Cli({ DATABASE_URL: 'mysql://geheim@db/app', ACCESS: 'geheim' })
    const { exitCode, document, stderr } = await cli.json(['status'])
    expect(exitCode).toBe(1)
    expect(document.error).toMatchObject({ code: 'bad_settings' })
    expect(document.error.message).toMatch(/DATABASE_URL: [\s\S]*ACCESS: /)
    expect(document.error.message + stderr).not.toContain('geheim')
    cli.remove()
  })
})

describe('doctor and the channels', () => {
  const TOKEN = `123456:${'t'.repeat(35)}`
  let server: Server
  let answer: unknown
  let cli: Cli

  beforeEach(async () => {
    server = createServer((_, response) => response.end(JSON.stringify(answer)))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const apiRoot = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    cli = new Cli({ DATABASE_URL: 'sqlite:./data/none.db', TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_API_ROOT: apiRoot })
  })
  afterEach(() => {
    server.close()
    cli.remove()
  })

  test('a bot that answers is told by its name', async () => {
    answer = { ok: true, result: { id: 1, is_bot: true, username: 'muster_bot' } }
    const { document, exitCode } = await cli.json(['doctor'])
    expect(exitCode).toBe(0)
    expect(document.checks).toContainEqual({ name: 'Telegram', status: 'ok', detail: '@muster_bot, polling' })
  })

  test('a refused token fails the check and is not shown; neither is one that nobody answers to', async () => {
    answer = { ok: false, error_code: 401, description: 'Unauthorized' }
    const refused = await cli.run(['doctor'])
    expect(refused.exitCode).toBe(1)
    expect(refused.stdout).toMatch(/fail {2}Telegram +refused: Unauthorized\n +→ Put the token/)
    server.close()
    server.closeAllConnections()
    const silent = await cli.run(['doctor'])
    expect(silent.exitCode).toBe(1)
    expect(silent.stdout).toMatch(/fail {2}Telegram +cannot be reached/)
    expect(refused.stdout + refused.stderr + silent.stdout + silent.stderr).not.toContain(TOKEN)
  })
})
