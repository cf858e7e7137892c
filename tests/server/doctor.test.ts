import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { putSetting } from '#db/settings.ts'
import { client } from '#tests/e2e/support/client.ts'
import { createDatabase, DIALECTS, type TestDatabase } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { Cli, exitOf } from './cli-process.ts'
import { type CliServer, startCliServer } from './cli-server.ts'

vi.setConfig({ testTimeout: 120_000 })

const KEY = Buffer.alloc(32, 'one key').toString('base64')
const OTHER = Buffer.alloc(32, 'another').toString('base64')
const SECRET = { AUTH_SECRET: 'a secret of the tests that is long enough' }

describe.each(DIALECTS)('what an operator sees on %s', (dialect) => {
  let database: TestDatabase
  let server: CliServer | undefined
  const clis: Cli[] = []

  beforeEach(async () => {
    database = await createDatabase(dialect)
  })
  afterEach(async () => {
    await server?.kill()
    server = undefined
    for (const cli of clis.splice(0)) cli.remove()
    await database.drop()
  })

  const cliWith = (more: Record<string, string>): Cli => {
    const cli = new Cli({ DATABASE_URL: database.url, ...SECRET, ...more })
    clis.push(cli)
    return cli
  }
  const checkOf = async (cli: Cli, name: string) => {
    const { document } = await cli.json(['doctor'])
    return document.checks.find((check: { name: string }) => check.name === name)
  }

  test('doctor knows when the key is another one, and when the newest backup is old', async () => {
    const cli = cliWith({ MUSTER_KEK: KEY, OUTBOUND_ALLOW: '127.0.0.1' })
    server = await startCliServer(cli)
    await cli.run(['account', 'create', 'ana', '--admin'])
    const { document } = await cli.json(['key', 'create', '--account', 'ana'])
    const ana = client(server.url, { key: document.key })
    const connection = { name: 'crm', provider: 'http', secret: 'a-secret-of-the-crm', baseUrl: 'http://127.0.0.1:1' }
    expect((await ana.call('POST', '/v1/connections', { json: connection, once: 'one' })).status).toBe(201)

    expect(await checkOf(cli, 'Credentials')).toMatchObject({ status: 'ok' })
    expect(await checkOf(cli, 'Disk')).toMatchObject({ detail: expect.stringMatching(/^\d+ MB free in /) })
    const wrong = cliWith({ MUSTER_KEK: OTHER })
    expect(await checkOf(wrong, 'Credentials')).toMatchObject({
      status: 'fail',
      detail: '1 cannot be read: they are under another key',
    })
    const none = cliWith({})
    expect(await checkOf(none, 'Credentials')).toMatchObject({
      status: 'fail',
      detail: '1 cannot be read: there is no key here',
    })

    expect(await checkOf(cli, 'Backup')).toMatchObject({ status: 'warn', detail: 'none was made with muster backup' })
    const note = async (ageMs: number): Promise<void> => {
      const valueJson = JSON.stringify({ atMs: Date.now() - ageMs, file: '/backups/x.tar' })
      await database.db.write(async function noteBackup(tx) {
        await putSetting.run(tx, { key: 'backup.last', valueJson })
      })
    }
    await note(8 * 24 * 3_600_000)
    expect(await checkOf(cli, 'Backup')).toMatchObject({
      status: 'warn',
      detail: '/backups/x.tar, 8 days ago: that is long',
    })
    await note(3_600_000)
    expect(await checkOf(cli, 'Backup')).toMatchObject({ status: 'ok' })
  })

  test('an address with a path is refused, because nothing is served below one', async () => {
    const check = await checkOf(cliWith({ MUSTER_KEK: KEY, PUBLIC_URL: 'https://example.com/muster' }), 'Address')
    expect(check).toMatchObject({ status: 'fail' })
  })

  test('a server that is told to stop says so to its balancer before it closes', async () => {
    const cli = cliWith({ MUSTER_KEK: KEY, DRAIN_MS: '4000' })
    server = await startCliServer(cli)
    const { url, child } = server
    await eventually(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200))
    const ended = exitOf(child)
    child.kill('SIGTERM')
    await eventually(async () => expect((await fetch(`${url}/readyz`)).status).toBe(503))
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect(await ended).toBe(0)
  })
})
