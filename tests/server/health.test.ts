import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Channel } from '#bots/channel.ts'
import { createTelegramChannel } from '#bots/telegram/bot.ts'
import { createWebChannel } from '#bots/web/chat.ts'
import { createHandle } from '#commands/dispatch.ts'
import { createApiKey } from '#core/accounts/api-keys.ts'
import { createAccountByOperator } from '#core/accounts/create.ts'
import type { Senders } from '#core/chat/sender.ts'
import { startWork } from '#core/work.ts'
import { executor } from '#db/db.ts'
import { createApp } from '#server/app.ts'
import { readConfig } from '#server/config.ts'
import { startTelegramPeer, type TelegramPeer } from '#tests/peers/telegram/index.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'

const log = pino({ level: 'silent' })

describe.each(DIALECTS)('health on %s', (dialect) => {
  let world: World
  let server: Server | undefined
  let isWorking = false

  beforeEach(async () => {
    world = await createWorld(dialect)
  })
  afterEach(async () => {
    server?.close()
    server = undefined
    if (isWorking) await world.core.queue.stop(1_000)
    isWorking = false
    await world.end()
  })

  async function work(): Promise<void> {
    isWorking = true
    const senders: Senders = new Map([['web', createWebChannel(world.core)]])
    await startWork(world.core, { handle: createHandle(world.core, senders), senders })
  }

  /** On a real socket: whoever asks comes from somewhere. */
  async function listen(more: { channels?: Channel[]; stopping?: AbortSignal } = {}): Promise<string> {
    const config = readConfig({ DATABASE_URL: world.databaseUrl })
    const app = createApp({ core: world.core, config, log, channels: [], ...more })
    const started = createServer(getRequestListener(app.fetch))
    server = started
    await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(started.address() as AddressInfo).port}`
  }

  const ask = async (url: string, headers: Record<string, string> = {}) => {
    const response = await fetch(url, { headers })
    // biome-ignore lint/suspicious/noExplicitAny: what comes back is looked at field by field
    return { status: response.status, body: (await response.json()) as any }
  }

  test('with a worker every part is well, down to the way through the queue', async () => {
    await work()
    const url = await listen()
    expect(await ask(`${url}/healthz`)).toEqual({ status: 200, body: { status: 'ok' } })
    expect(await ask(`${url}/readyz`)).toEqual({ status: 200, body: { status: 'ok' } })
    const { body } = await ask(`${url}/health`)
    expect(Object.keys(body.parts)).toEqual(['database', 'migrations', 'queue', 'clock', 'disk'])
    expect(body.parts.queue).toMatchObject({ ok: true, detail: expect.stringMatching(/^A worker did/) })
  })

  test('without a worker it says so, and is ready as soon as one is there', async () => {
    const url = await listen()
    expect(await ask(`${url}/readyz`)).toEqual({ status: 503, body: { status: 'unavailable' } })
    const { body } = await ask(`${url}/health`)
    expect(body.parts.queue).toEqual({
      ok: false,
      status: 'fail',
      detail: 'What was put in can be stored, but no worker took it within 3 s.',
    })
    expect(body.parts.database.ok).toBe(true)
    await work()
    await eventually(async () => expect((await ask(`${url}/readyz`)).status).toBe(200))
  })

  test('a probe every moment costs next to nothing', async () => {
    await work()
    const url = await listen()
    let commits = 0
    world.core.db.onChange(() => {
      commits++
    })
    for (let round = 0; round < 20; round++) {
      const asked = await Promise.all(Array.from({ length: 10 }, () => ask(`${url}/readyz`)))
      expect(asked.every(({ status }) => status === 200)).toBe(true)
    }
    // One item put in, claimed and done, and what the worker sweeps meanwhile.
    expect(commits).toBeLessThan(20)
  })

  test('a migration that is missing is named to who runs the instance', async () => {
    await work()
    const url = await listen()
    await world.core.db.write(async function forgetMigration(tx) {
      await tx[executor].executeText("DELETE FROM migration WHERE name = '0012-board'", [])
    })
    expect((await ask(`${url}/readyz`)).status).toBe(503)
    expect((await ask(`${url}/health`)).body.parts.migrations.detail).toBe('Missing: 0012-board.')
  })

  test('strangers, and those whom a proxy brings, learn no more than that something is wrong', async () => {
    const url = await listen()
    const { id } = await createAccountByOperator(world.core, { handle: 'root', admin: true })
    const { id: other } = await createAccountByOperator(world.core, { handle: 'ana', admin: false })
    const keyOf = async (accountId: string, scopes: string[]) =>
      (await createApiKey(world.core, accountId, { name: 'test', scopes, expiresAtMs: null })).key
    const shown = async (headers: Record<string, string>) =>
      'detail' in (await ask(`${url}/health`, headers)).body.parts.queue
    const proxied = { 'x-forwarded-for': '203.0.113.9' }
    expect(await shown({})).toBe(true)
    expect(await shown(proxied)).toBe(false)
    expect(await shown({ ...proxied, authorization: 'Bearer mst_wrong' })).toBe(false)
    expect(await shown({ ...proxied, authorization: `Bearer ${await keyOf(other, [])}` })).toBe(false)
    expect(await shown({ ...proxied, authorization: `Bearer ${await keyOf(id, ['read'])}` })).toBe(false)
    expect(await shown({ ...proxied, authorization: `Bearer ${await keyOf(id, [])}` })).toBe(true)
  })

  test('while it stops it is not ready, however well everything is', async () => {
    await work()
    const stopping = new AbortController()
    const url = await listen({ stopping: stopping.signal })
    expect((await ask(`${url}/readyz`)).status).toBe(200)
    stopping.abort()
    expect(await ask(`${url}/readyz`)).toEqual({ status: 503, body: { status: 'unavailable' } })
    expect((await ask(`${url}/healthz`)).status).toBe(200)
  })

  describe('a channel', () => {
    let peer: TelegramPeer
    let channel: Channel
    beforeEach(async () => {
      peer = await startTelegramPeer()
      await work()
    })
    afterEach(async () => {
      await channel.stop()
      await peer.stop()
    })
    const start = async (token: string) => {
      channel = createTelegramChannel({
        token,
        mode: 'polling',
        publicUrl: 'http://127.0.0.1',
        apiRoot: peer.url,
        log,
        clock: world.core.clock,
      })
      await channel.start(async () => {})
    }

    test('whose token is wrong keeps the process from being ready, and says why', async () => {
      await start(`1:${'x'.repeat(35)}`)
      await eventually(() => expect(channel.trouble?.()?.reason).toMatch(/does not know this bot token/))
      const url = await listen({ channels: [channel] })
      const { status, body } = await ask(`${url}/health`)
      expect(status).toBe(503)
      expect(body.parts['channel.telegram'].detail).toMatch(/does not know this bot token/)
      expect(JSON.stringify(body)).not.toContain('xxxx')
    })

    test('that was connected and has lost its platform is told of, and the rest goes on', async () => {
      await start(peer.token)
      await eventually(() => expect(channel.trouble?.()).toBeUndefined())
      await peer.goDown()
      await eventually(() => expect(channel.trouble?.()).toMatchObject({ wasConnected: true }))
      const url = await listen({ channels: [channel] })
      const { status, body } = await ask(`${url}/health`)
      expect({ status, told: body.status }).toEqual({ status: 200, told: 'degraded' })
      expect((await ask(`${url}/readyz`)).status).toBe(200)
    })
  })
})
