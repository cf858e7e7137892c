import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Cli } from '#tests/server/cli-process.ts'
import { createDatabase, DIALECTS, type TestDatabase } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { actorOf, call, createScene, ERAS, type Era, type Scene, slowJob } from './scene.ts'

vi.setConfig({ testTimeout: 90_000 })

const MAIN = join(import.meta.dirname, '..', '..', 'server', 'cli', 'main.ts')
const COMMITS = 'a1b2c3d feat: first'

/** Programs that start `muster mcp` and speak to it, as desktop clients do. */
class Programs {
  readonly #clients: Client[] = []
  readonly #directory = mkdtempSync(join(tmpdir(), 'muster-mcp-'))

  async start(env: Record<string, string>, { era = 'modern', args = [] }: { era?: Era; args?: string[] } = {}) {
    const client = new Client(
      { name: 'desktop', version: '1' },
      { versionNegotiation: { mode: era === 'modern' ? { pin: '2026-07-28' } : 'legacy' } },
    )
    const environment = { PATH: process.env.PATH ?? '', HOME: this.#directory, ...env }
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [MAIN, 'mcp', ...args],
      env: environment,
      cwd: this.#directory,
      stderr: 'pipe',
    })
    // What is no message on standard output would end up here.
    transport.onerror = (error) => this.noise.push(error)
    await client.connect(transport)
    this.#clients.push(client)
    return client
  }

  readonly noise: unknown[] = []

  async end(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()))
    rmSync(this.#directory, { recursive: true, force: true })
  }
}

describe.each(DIALECTS)('muster mcp on the database, %s', (dialect) => {
  let database: TestDatabase
  let programs: Programs
  beforeEach(async () => {
    database = await createDatabase(dialect)
    programs = new Programs()
  })
  afterEach(async () => {
    await programs.end()
    expect(programs.noise).toEqual([])
    await database.drop()
  })

  it.each(ERAS)('lists a job and sees its run to its end, with no server beside it, %s', async (era) => {
    const client = await programs.start({ DATABASE_URL: database.url }, { era })
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['release-notes', 'runs.get', 'tasks.create']))
    const { body } = await call(client, 'release-notes', { commits: COMMITS })
    expect(body).toMatchObject({ status: 'succeeded', costUsd: '0.002', paidBy: 'Personal' })
    const { contents } = await client.readResource({ uri: `muster://runs/${body.id}` })
    expect(JSON.parse((contents[0] as { text: string }).text)).toMatchObject({
      id: body.id,
      inputs: { commits: COMMITS },
    })
  })

  it('only reads where it is told to', async () => {
    const client = await programs.start({ DATABASE_URL: database.url }, { args: ['--read-only'] })
    const { tools } = await client.listTools()
    expect(tools.filter(({ annotations }) => !annotations?.readOnlyHint)).toEqual([])
    expect((await call(client, 'tasks.create', { title: 'x' })).text).toMatch(/^forbidden/)
  })

  it('answers everything a script asked before it closed the pipe, and writes nothing else to it', async () => {
    const cli = new Cli({ DATABASE_URL: database.url })
    const messages = [
      {
        id: 1,
        method: 'initialize',
        params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'script', version: '1' } },
      },
      { method: 'notifications/initialized' },
      { id: 2, method: 'tools/call', params: { name: 'release-notes', arguments: { commits: COMMITS } } },
    ]
    const input = messages.map((message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`).join('')
    const { exitCode, stdout } = await cli.run(['mcp'], input)
    cli.remove()
    expect(exitCode).toBe(0)
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(answers.map(({ id }) => id)).toEqual([1, 2])
    expect(answers[1].result.structuredContent).toMatchObject({ status: 'succeeded' })
  })

  it('stops the run when the call is cancelled', async () => {
    const cli = new Cli({ DATABASE_URL: database.url })
    const client = await programs.start({ DATABASE_URL: database.url })
    const job = JSON.stringify(slowJob('slow'))
    const published = await cli.run(['job', 'publish', '-'], job)
    expect(published.stderr).toBe('')
    const stop = new AbortController()
    const called = call(client, 'slow', { word: 'never', idempotencyKey: 'k' }, { signal: stop.signal }).catch(
      (error) => error,
    )
    const status = async () => (await call(client, 'runs.list', {})).body.items[0]?.status
    await eventually(async () => expect(await status()).toBe('waiting'))
    stop.abort()
    await called
    await eventually(async () => expect(await status()).toBe('cancelled'))
    cli.remove()
  })
})

describe('muster mcp through a server', () => {
  let scene: Scene
  let programs: Programs
  beforeEach(async () => {
    scene = await createScene('sqlite')
    programs = new Programs()
  })
  afterEach(async () => {
    await programs.end()
    expect(programs.noise).toEqual([])
    await scene.end()
  })
  const env = () => ({ PUBLIC_URL: scene.url, MUSTER_API_KEY: scene.ada.key })

  it.each(ERAS)('passes on lists, calls, progress and resources, %s', async (era) => {
    const client = await programs.start(env(), { era })
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('release-notes')
    await scene.job(actorOf(scene.ada), slowJob('slow', 500))
    const told: unknown[] = []
    const { body } = await call(client, 'slow', { word: 'far' }, { onprogress: (at: unknown) => void told.push(at) })
    expect(body).toMatchObject({ status: 'succeeded', outputs: { said: 'far' } })
    expect(told.length).toBeGreaterThan(0)
    const { contents } = await client.readResource({ uri: `muster://runs/${body.id}` })
    expect(contents).toHaveLength(1)
    await expect(client.readResource({ uri: 'muster://runs/run_x' })).rejects.toThrow('There is no such thing here')
    const bad = await call(client, 'release-notes', {})
    expect(bad).toMatchObject({ isError: true, text: expect.stringContaining('- commits: ') })
  })

  it('stops the run when the call is cancelled', async () => {
    const client = await programs.start(env(), { era: 'legacy' })
    await scene.job(actorOf(scene.ada), slowJob('slow'))
    const stop = new AbortController()
    const called = call(client, 'slow', { word: 'never' }, { signal: stop.signal }).catch((error) => error)
    const status = async () => (await scene.api.call(scene.ada, 'GET', '/v1/runs')).body.items[0]?.status
    await eventually(async () => expect(await status()).toBe('waiting'))
    stop.abort()
    await called
    await eventually(async () => expect(await status()).toBe('cancelled'))
  })

  it('says it when the key does not work, or the server is not there', async () => {
    const wrong = await programs.start({ ...env(), MUSTER_API_KEY: 'mst_wrong' }, { era: 'legacy' })
    await expect(wrong.listTools()).rejects.toThrow('This API key does not work')
    const away = await programs.start({ ...env(), PUBLIC_URL: 'http://127.0.0.1:9' }, { era: 'legacy' })
    await expect(away.listTools()).rejects.toThrow('http://127.0.0.1:9 does not answer')
  })

  it('is for the context it was started for', async () => {
    const acme = await scene.team(scene.ada, 'Acme')
    const context = `team/${acme.context.id}`
    const client = await programs.start(env(), { args: ['--as', context] })
    expect((await call(client, 'release-notes', { commits: COMMITS })).body.paidBy).toBe('Team Acme')
  })
})
