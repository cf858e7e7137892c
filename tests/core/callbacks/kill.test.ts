import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createApiKey } from '#core/accounts/api-keys.ts'
import { createAccountByOperator } from '#core/accounts/create.ts'
import { personal } from '#core/context.ts'
import { checkLedger } from '#core/economy/check.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { createProvider } from '#core/providers/save.ts'
import { OWN_ROOT, ServerProcess } from '#tests/crash/server.ts'
import { freePort } from '#tests/e2e/support/free-port.ts'
import { definitionFor, type Peer, startProvider } from '#tests/peers/provider/peer.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'

const START_MAX_MS = 60_000

describe.each(DIALECTS)('a program that is killed while a provider works, on %s', { timeout: 120_000 }, (dialect) => {
  let world: World
  let peer: Peer
  let directory: string
  let environment: Record<string, string>
  let key: string
  let server: ServerProcess

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'muster-kill-'))
    peer = await startProvider()
    world = await createWorld(dialect)
    await seedShipped(world.core)
    const { id } = await createAccountByOperator(world.core, { handle: 'ada', admin: true })
    key = (await createApiKey(world.core, id, { name: 'test', scopes: [], expiresAtMs: null })).key
    const ada = { accountId: id, handle: 'ada', platformRole: 'admin', channel: 'api', context: personal(id) } as const
    await createProvider(world.core, ada, definitionFor(peer))
    const port = String(await freePort())
    environment = {
      DATABASE_URL: world.databaseUrl,
      PORT: port,
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      OUTBOUND_ALLOW: peer.host,
      // What this test stored is encrypted with it.
      MUSTER_KEK: world.core.settings.keyring.current().bytes.toString('base64'),
      // On Postgres what a dead process held is waited for.
      LEASE_MS: '3000',
      LOG_LEVEL: 'error',
    }
    await start()
  }, 120_000)
  afterEach(async () => {
    await server.kill()
    expect((await checkLedger(world.core)).sound).toBe(true)
    await world.end()
    await peer.close()
    rmSync(directory, { recursive: true, force: true })
  })

  async function start(): Promise<void> {
    server = new ServerProcess(environment, { directory, role: 'all', root: OWN_ROOT })
    await server.ready()
  }
  // biome-ignore lint/suspicious/noExplicitAny: what comes back is looked at field by field
  async function call(path: string, json?: object): Promise<any> {
    const response = await fetch(`${environment.PUBLIC_URL}${path}`, {
      method: json ? 'POST' : 'GET',
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      ...(json ? { body: JSON.stringify(json) } : {}),
    })
    return response.json()
  }
  const submit = async (): Promise<string> =>
    (await call('/v1/tools/http.job/run', { inputs: { provider: 'peer', params: {} } })).id
  const ended = (id: string) =>
    eventually(async () => {
      const run = await call(`/v1/runs/${id}`)
      expect(run.finishedAt).not.toBeNull()
      return run
    }, START_MAX_MS)

  it('hands the job in again under the same key and address, and is charged once', async () => {
    // The first answer never arrives: by then the program is dead.
    peer.onSubmit((job, answer) => {
      if (job.submissions > 1) answer.ok()
    })
    const id = await submit()
    await eventually(() => expect(peer.jobs).toMatchObject([{ submissions: 1 }]))
    await server.kill()
    const [job] = peer.jobs
    if (!job) throw new Error('There is a job')
    peer.end(job, 'done', 'late')
    await expect(peer.callBack(job)).rejects.toThrow()
    await start()
    await eventually(() => expect(peer.jobs).toMatchObject([{ submissions: 2 }]), START_MAX_MS)
    const bodies = new Set(peer.seen.map((headers) => headers['x-body']))
    const keys = new Set(peer.seen.map((headers) => headers['idempotency-key']))
    expect([bodies.size, keys.size, peer.jobs.length]).toEqual([1, 1, 1])
    expect(await peer.callBack(job)).toBe(200)
    expect(await ended(id)).toMatchObject({ status: 'succeeded', costUsd: '0.05', outputs: { result: 'late' } })
  })

  it('still knows what it waits for, and does not hand it in again', async () => {
    const id = await submit()
    await eventually(async () => expect((await call(`/v1/runs/${id}`)).status).toBe('waiting'))
    await server.kill()
    await start()
    const [job] = peer.jobs
    if (!job) throw new Error('There is a job')
    expect(await peer.callBack(job, { status: 'done', output: 'kept' })).toBe(200)
    expect(await ended(id)).toMatchObject({ status: 'succeeded', costUsd: '0.05', outputs: { result: 'kept' } })
    expect(job.submissions).toBe(1)
  })

  it('keeps a callback that it has answered, even one that came before everything else', async () => {
    let arrived = (): void => {}
    const answered = new Promise<void>((resolve) => {
      arrived = resolve
    })
    peer.onSubmit(async (job) => {
      peer.end(job, 'done', 'early')
      expect(await peer.callBack(job)).toBe(200)
      // And no answer to the submission, ever.
      arrived()
    })
    const id = await submit()
    await answered
    await server.kill()
    await start()
    expect(await ended(id)).toMatchObject({ status: 'succeeded', costUsd: '0.05', outputs: { result: 'early' } })
    expect(peer.jobs).toMatchObject([{ submissions: 1 }])
  })
})
