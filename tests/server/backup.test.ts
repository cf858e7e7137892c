import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { checkLedger } from '#core/economy/check.ts'
import type { Dialect } from '#db/db.ts'
import { openDatabase } from '#db/open.ts'
import { client } from '#tests/e2e/support/client.ts'
import { startTelegramPeer, type TelegramPeer } from '#tests/peers/telegram/index.ts'
import { debianPostgres, startDebianPostgres } from '#tests/support/debian-postgres.ts'
import { eventually } from '#tests/support/eventually.ts'
import { Cli } from './cli-process.ts'
import { type CliServer, startCliServer } from './cli-server.ts'

vi.setConfig({ testTimeout: 240_000 })

const RUNS = 200
const WAITING = {
  jobId: 'slow',
  displayName: 'Slow',
  description: 'Waits, then says something.',
  inputSchema: { type: 'object', properties: { word: { type: 'string' } } },
  steps: [
    { stepId: 'pause', toolId: 'wait', inputMappings: { ms: { value: 8_000 } } },
    {
      stepId: 'say',
      toolId: 'text.template',
      dependencies: ['pause'],
      inputMappings: { template: { value: 'It is done' }, data: { value: {} } },
    },
  ],
  outputs: { said: { step: 'say', output: 'text' } },
}
const MARK = '(This may be a duplicate.)'

const postgresBin = debianPostgres()
// On the machine that judges they must be there; on another one this says what was not tried.
const isPostgresTried = postgresBin !== undefined || process.env.CI !== undefined

describe.each<Dialect>(['sqlite', 'postgres'])('a backup on %s', (dialect) => {
  let server: { url: string; stop(): Promise<void> } | undefined
  let directory: string
  let url: string
  let cli: Cli
  let running: CliServer | undefined
  let telegram: TelegramPeer | undefined
  let databases = 0

  beforeAll(async () => {
    if (dialect !== 'postgres' || !isPostgresTried) return
    expect(postgresBin, 'PostgreSQL is installed: apt-get install postgresql').toBeDefined()
    server = await startDebianPostgres(postgresBin ?? '')
  })
  afterAll(() => server?.stop())
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'muster-backup-'))
    url = dialect === 'sqlite' ? `sqlite:${join(directory, 'muster.db')}` : await newDatabase()
    cli = cliFor(url)
  })
  afterEach(async () => {
    await running?.kill()
    running = undefined
    cli.remove()
    await telegram?.stop()
    telegram = undefined
    rmSync(directory, { recursive: true, force: true })
  })

  async function newDatabase(): Promise<string> {
    if (!server) return 'postgres://nobody@127.0.0.1:1/none'
    const name = `backup_${++databases}`
    await onPostgres(server.url, `CREATE DATABASE ${name}`)
    return server.url.replace(/postgres$/, name)
  }

  const cliFor = (databaseUrl: string, more: Record<string, string> = {}): Cli =>
    new Cli({
      PATH: `${postgresBin ?? ''}:${process.env.PATH}`,
      DATABASE_URL: databaseUrl,
      AUTH_SECRET: 'a secret of the tests that is long enough',
      MUSTER_KEK: Buffer.alloc(32, 'a key of the tests').toString('base64'),
      ...more,
    })

  const tried = dialect === 'postgres' && !isPostgresTried ? test.skip : test

  tried(
    'taken under load is one moment; restored, everything goes on, is paid once, and says what may be twice',
    async () => {
      telegram = await startTelegramPeer({ privacyMode: false })
      cli.remove()
      cli = cliFor(url, {
        ACCESS: 'open',
        WELCOME_CREDIT_USD: '50.00',
        CONFIRM_ABOVE_USD: '40.00',
        TELEGRAM_BOT_TOKEN: telegram.token,
        TELEGRAM_API_ROOT: telegram.url,
      })
      running = await startCliServer(cli)
      await cli.run(['account', 'create', 'ana', '--admin'])
      const { document } = await cli.json(['key', 'create', '--account', 'ana'])
      const ana = client(running.url, { key: document.key })
      const published = await ana.call('POST', '/v1/jobs?visibility=public', { json: WAITING })
      expect(published.status, JSON.stringify(published.body)).toBe(201)
      const ann = telegram.user({ firstName: 'Ann' })
      const chat = telegram.privateChat(ann)
      telegram.sendText(chat, ann, '/start')
      await telegram.waitForMessage(chat, { contains: 'Hello' }, 20_000)

      const submitted = Array.from({ length: RUNS }, (_, index) =>
        ana.call('POST', '/v1/jobs/slow/run', { json: { inputs: {} }, once: `run-${index}` }),
      )
      telegram.sendText(chat, ann, '/run slow')
      const ids = (await Promise.all(submitted)).map(({ body }) => String(body.id))
      await telegram.waitForMessage(chat, { contains: 'Slow' }, 20_000)
      const file = join(directory, 'backup.tar')
      const taken = await cli.json(['backup', file])
      expect(taken.exitCode, taken.stderr).toBe(0)
      expect(taken.document.counts.runs).toBe(RUNS + 1)
      expect(taken.document.counts.liveRuns).toBeGreaterThan(RUNS / 2)

      // Everything ends, and the person is told; then all of it is lost.
      await telegram.waitForMessage(chat, { contains: 'It is done' }, 60_000)
      await eventually(async () => expect((await cli.json(['status'])).document.liveRuns).toBe(0), 60_000)
      const before = telegram.messages(chat).length
      const refused = await cli.json(['restore', file, '--force'])
      expect(refused.document.error.code).toBe('in_use')
      await running.kill()
      running = undefined
      const restored = await eventually(async () => {
        const tried = await cli.json(['restore', file, '--force'])
        expect(tried.exitCode, JSON.stringify(tried)).toBe(0)
        return tried.document
      })
      expect(restored.ledgerSound).toBe(true)
      expect(restored.counts).toEqual(taken.document.counts)
      await expectKept(restored.aside)

      running = await startCliServer(cli)
      const again = client(running.url, { key: document.key })
      await eventually(async () => {
        const { liveRuns, ledger, waitingWork } = (await cli.json(['status'])).document
        expect({ liveRuns, sound: ledger.sound, ...waitingWork }).toEqual({
          liveRuns: 0,
          sound: true,
          incomingMessages: 0,
          outgoingMessages: 0,
        })
      }, 90_000)
      const statuses = await Promise.all(ids.map(async (id) => (await again.call('GET', `/v1/runs/${id}`)).body.status))
      expect(new Set(statuses)).toEqual(new Set(['succeeded']))
      const said = telegram.messages(chat).slice(before)
      expect(said.map(({ text }) => text).filter((text) => !text.includes(MARK))).toEqual([])
      expect(said.some(({ text }) => text.includes('It is done'))).toBe(true)
      const db = await openDatabase(url)
      try {
        expect(await checkLedger({ db })).toMatchObject({ sound: true, sumMicros: 0n })
      } finally {
        await db.close()
      }
    },
  )

  async function expectKept(aside: string): Promise<void> {
    if (dialect === 'sqlite') {
      const kept = (await cliFor(`sqlite:${aside}`).json(['status'])).document
      expect(kept).toMatchObject({ liveRuns: 0, accounts: 2, ledger: { sound: true } })
      return
    }
    const [, schema] = aside.split(' ')
    const { rows } = await onPostgres(url, `SELECT count(*) AS n FROM ${schema}.run WHERE finished_at_ms IS NULL`)
    expect(Number(rows[0].n)).toBe(0)
  }

  tried('can be taken apart by any tar, and holds no key', async () => {
    await cli.run(['account', 'create', 'ana', '--admin'])
    const file = join(directory, 'backup.tar')
    const { stdout } = await cli.run(['backup', file])
    expect(stdout).toMatch(/Not in it +AUTH_SECRET, a setting/)
    expect(execFileSync('tar', ['tf', file], { encoding: 'utf8' }).split('\n')).toEqual([
      'manifest.json',
      dialect === 'sqlite' ? 'muster.db' : 'muster.dump',
      '',
    ])
    const manifest = JSON.parse(execFileSync('tar', ['xOf', file, 'manifest.json'], { encoding: 'utf8' }))
    expect(manifest).toMatchObject({ format: 'muster-backup-1', dialect, counts: { accounts: 1 } })
    expect(JSON.stringify(manifest)).not.toContain(Buffer.alloc(32, 'a key of the tests').toString('base64'))
    expect(statSync(file).mode & 0o077).toBe(0)
    // Nothing half made stays behind, and what is there is not written over.
    expect(readdirSync(directory).filter((name) => name.includes('part') || name.startsWith('.'))).toEqual([])
    expect((await cli.json(['backup', file])).document.error.code).toBe('exists')
  })

  tried('that is damaged, of a newer version or of another database is refused, and nothing is touched', async () => {
    await cli.run(['account', 'create', 'ana', '--admin'])
    const file = join(directory, 'backup.tar')
    await cli.run(['backup', file])
    await cli.run(['account', 'create', 'ben'])
    const accounts = async () => (await cli.json(['status'])).document.accounts

    const bad = join(directory, 'bad.tar')
    copyFileSync(file, bad)
    writeSync(openSync(bad, 'r+'), 'X', Math.floor(statSync(bad).size * 0.7))
    expect((await cli.json(['restore', bad, '--force'])).document.error.code).toBe('damaged')

    const newer = join(directory, 'newer.tar')
    copyFileSync(file, newer)
    replaceIn(newer, '0012-board', '9912-board')
    expect((await cli.json(['restore', newer, '--force'])).document.error.code).toBe('newer')

    const other = join(directory, 'other.tar')
    execFileSync('tar', ['cf', other, '-C', '/etc', 'hostname'])
    expect((await cli.json(['restore', other, '--force'])).document.error.code).toBe('not_a_backup')
    expect((await cli.json(['restore', join(directory, 'none'), '--force'])).document.error.code).toBe('not_found')
    expect((await cli.json(['restore', file])).document.error.code).toBe('exists')
    expect(await accounts()).toBe(2)
  })

  tried('goes into an empty database, and says when its keys are not there', async () => {
    await cli.run(['account', 'create', 'ana', '--admin'])
    const file = join(directory, 'backup.tar')
    await cli.run(['backup', file])
    const empty = dialect === 'sqlite' ? `sqlite:${join(directory, 'new', 'muster.db')}` : await newDatabase()
    const elsewhere = cliFor(empty, { MUSTER_KEK: Buffer.alloc(32, 'another one').toString('base64') })
    const { stdout, exitCode } = await elsewhere.run(['restore', file])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/The key of its credentials is another one here: put MUSTER_KEK \(\w+\) back/)
    expect((await elsewhere.json(['status'])).document).toMatchObject({ accounts: 1, ledger: { sound: true } })
    elsewhere.remove()
  })
})

test('without the programs of PostgreSQL it says which, and what to install', async () => {
  const { inject } = await import('vitest')
  const cli = new Cli({ DATABASE_URL: inject('postgresUrl'), PATH: '/nowhere' })
  const { document } = await cli.json(['restore', '/nowhere/at-all'])
  expect(document.error.code).toBe('not_found')
  const target = new URL(inject('postgresUrl'))
  target.pathname = `/${inject('postgresTemplate')}`
  const there = new Cli({ DATABASE_URL: target.href, PATH: '/nowhere' })
  const refused = await there.json(['backup', join(there.directory, 'x.tar')])
  expect(refused.document.error).toMatchObject({
    code: 'tool_missing',
    message: expect.stringMatching(/pg_dump is not installed.*apt install postgresql-client/),
  })
  expect(existsSync(join(there.directory, 'x.tar'))).toBe(false)
  cli.remove()
  there.remove()
})

function replaceIn(path: string, from: string, to: string): void {
  const at = execFileSync('grep', ['-abo', from, path], { encoding: 'utf8' })
  const file = openSync(path, 'r+')
  writeSync(file, to, Number.parseInt(at, 10))
}

async function onPostgres(url: string, sql: string): Promise<pg.QueryResult> {
  const connection = new pg.Client({ connectionString: url })
  await connection.connect()
  return connection.query(sql).finally(() => connection.end())
}
