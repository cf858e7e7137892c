import type { ChildProcess } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { checkLedger } from '#core/economy/check.ts'
import { createDatabase, DIALECTS, type TestDatabase, undoMigrations } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { Cli, exitOf } from './cli-process.ts'

vi.setConfig({ testTimeout: 60_000 })

const SLOW = `jobId: slow
displayName: Slow
description: Waits, then answers.
inputSchema: { type: object, properties: { word: { type: string } } }
steps:
  - stepId: pause
    wait: { ms: 30000 }
  - stepId: say
    toolId: text.template
    inputMappings: { template: { input: word, default: done }, data: { value: {} } }
outputs: { said: { step: say, output: text } }
`

interface Server {
  child: ChildProcess
  url: string
  claim: { code: string; url: string } | null
}

/** A server started from the command line, once it says where it is. */
async function startServer(cli: Cli, ...args: string[]): Promise<Server> {
  const child = cli.start(['start', '--json', ...args])
  let document = ''
  for await (const line of createInterface({ input: child.stdout as Readable })) {
    document += line
    if (line === '}') break
  }
  return { child, ...JSON.parse(document) }
}

async function stop({ child }: Server, signal: NodeJS.Signals = 'SIGTERM') {
  const beganMs = performance.now()
  const exited = exitOf(child)
  child.kill(signal)
  return { exitCode: await exited, tookMs: performance.now() - beganMs }
}

describe.each(DIALECTS)('muster start on %s', (dialect) => {
  let database: TestDatabase
  let cli: Cli
  let server: Server | undefined

  beforeAll(async () => {
    database = await createDatabase(dialect)
    await undoMigrations(database.url)
    cli = new Cli({ DATABASE_URL: database.url })
  })
  afterEach(() => server?.child.kill('SIGKILL'))
  afterAll(async () => {
    cli.remove()
    await database.drop()
  })

  test('migrates, offers the claim, serves, and stops when told to', async () => {
    server = await startServer(cli)
    expect(server.claim).toMatchObject({
      code: expect.stringMatching(/\S{8,}/),
      url: expect.stringContaining('/claim?'),
    })
    expect(await (await fetch(`${server.url}/readyz`)).json()).toEqual({ status: 'ok' })
    const { exitCode, tookMs } = await stop(server)
    expect(exitCode).toBe(0)
    expect(tookMs).toBeLessThan(10_000)
  })

  test('a server notices what the command line wrote, and both work side by side', async () => {
    await cli.run(['account', 'create', 'anna', '--admin'])
    server = await startServer(cli)
    expect(server.claim).toBeNull()
    const { document } = await cli.json(['key', 'create', '--account', 'anna'])
    const headers = { authorization: `Bearer ${document.key}` }
    expect(await (await fetch(`${server.url}/v1/me`, { headers })).json()).toMatchObject({ handle: 'anna' })
    const runs = await Promise.all(
      [1, 2, 3].map((number) => cli.json(['run', 'release-notes', `feat: number ${number}`])),
    )
    expect(runs.map((run) => run.document.status)).toEqual(['succeeded', 'succeeded', 'succeeded'])
    expect(await checkLedger({ db: database.db })).toMatchObject({ sound: true })
    const stopped = await stop(server, 'SIGINT')
    expect(stopped).toMatchObject({ exitCode: 0 })
  })

  test('Ctrl-C stops a run, and what was not done is not paid', async () => {
    const file = join(cli.directory, 'slow.yaml')
    writeFileSync(file, SLOW)
    await cli.run(['job', 'publish', file])
    const child = cli.start(['run', 'slow', '--json'])
    const exited = exitOf(child)
    await eventually(async () => expect((await cli.json(['status'])).document.liveRuns).toBe(1))
    let printed = ''
    child.stdout?.on('data', (chunk) => {
      printed += chunk
    })
    child.kill('SIGINT')
    expect(await exited).toBe(1)
    expect(JSON.parse(printed)).toMatchObject({ jobId: 'slow', status: 'cancelled', costUsd: '0.00' })
  })

  test('chat answers what is piped in, runs what it starts, and saves its files', async () => {
    const whole = await cli.run(['chat'], '/release_notes\nfeat: one\n\nfix: two\n')
    expect(whole.exitCode).toBe(0)
    expect(whole.stdout).toContain('- one')
    expect(whole.stdout).toContain('- two')
    expect(whole.stdout).toMatch(/\[\d+\] Save release-notes\.md/)
    expect(whole.stderr).not.toContain('--lines')
    const { stderr } = await cli.run(['chat'], '/whoami\n/balance\n')
    expect(stderr).toContain('with --lines each line is one')
    const { document } = await cli.json(['chat', '--lines'], '/whoami\n/balance\n')
    const texts = document.messages.map(({ text }: { text: string }) => text)
    expect(texts).toEqual([expect.stringContaining('@anna'), expect.stringContaining('$')])
  })
})

describe('muster on a new machine', () => {
  test('chat makes whoever sits there the admin, and says so', async () => {
    const cli = new Cli({ DATABASE_URL: 'sqlite:./data/muster.db' })
    const { stdout, stderr, exitCode } = await cli.run(['chat'], '/whoami')
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/you are now @[a-z0-9_-]+, the admin/)
    expect(stdout).toMatch(/Platform: +admin/)
    cli.remove()
  })

  test('a port that is taken is named, with what to do', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    const cli = new Cli({ DATABASE_URL: 'sqlite:./data/muster.db', PORT: String(port) })
    mkdirSync(join(cli.directory, 'data'))
    const { exitCode, document } = await cli.json(['start'])
    expect({ exitCode, code: document.error.code }).toEqual({ exitCode: 1, code: 'port_in_use' })
    expect(document.error.message).toContain(String(port))
    other.close()
    cli.remove()
  })
})
