import { createServer, type Server } from 'node:net'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkMail } from '#server/cli/doctor/mail.ts'
import { type Config, readConfig } from '#server/config.ts'
import { type Role, type Running, startServer } from '#server/main.ts'
import { openPost, type Post } from '#tests/bots/email/post.ts'
import { freePort } from '#tests/e2e/support/free-port.ts'
import { needsMailStack, openMailStack } from '#tests/peers/mail-stack/stack.ts'
import { createDatabase, DIALECTS, type TestDatabase } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'

/** A mail server that says nothing of use: who called it is all that counts. */
interface Silent {
  url: string
  calls: number
  close(): Promise<void>
}

async function openSilent(): Promise<Silent> {
  const silent = { url: '', calls: 0, close: () => Promise.resolve() }
  const server: Server = createServer((socket) => {
    silent.calls++
    socket.on('error', () => {})
    socket.end('* BYE not today\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  silent.url = `imap://bot:pw@127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  silent.close = () => new Promise((resolve) => server.close(() => resolve()))
  return silent
}

describe.each(DIALECTS)('which process reads the mailbox, on %s', { timeout: 60_000 }, (dialect) => {
  let database: TestDatabase
  let post: Post
  let silent: Silent
  const running: Running[] = []

  beforeEach(async () => {
    database = await createDatabase(dialect)
    post = await openPost()
    silent = await openSilent()
  })
  afterEach(async () => {
    for (const one of running.splice(0)) await one.stop()
    await silent.close()
    await post.close()
    await database.drop()
  })

  const configOn = (port: number): Config =>
    readConfig({
      DATABASE_URL: database.url,
      PORT: String(port),
      AUTH_SECRET: 'a secret of the tests that is long enough',
      MUSTER_KEK: Buffer.alloc(32, 'a key of the tests').toString('base64'),
      EMAIL_SMTP_URL: post.url,
      EMAIL_FROM: 'Muster <bot@muster.test>',
      EMAIL_IMAP_URL: silent.url,
      EMAIL_RELAY_SECRET: 'the relay and we know it',
    })
  async function start(role: Role): Promise<Running> {
    const one = await startServer(configOn(await freePort()), pino({ level: 'silent' }), { role })
    running.push(one)
    return one
  }

  it('is one that works: one that only answers takes what a relay brings, and never its turn', async () => {
    const web = await start('web')
    expect(web.channels).toContain('email')
    // It listens to the relay.
    const unsigned = await fetch(`${web.url}/webhooks/email`, { method: 'POST', body: 'x' })
    expect(unsigned.status).toBe(401)
    const health = (await (await fetch(`${web.url}/health`)).json()) as { parts: Record<string, object> }
    expect(health.parts['channel.email']).toMatchObject({ status: 'ok' })
    await start('worker')
    await eventually(() => expect(silent.calls).toBeGreaterThan(0))
    // The worker is gone, and nobody takes over.
    await running.pop()?.stop()
    const { calls } = silent
    const again = await fetch(`${web.url}/webhooks/email`, { method: 'POST', body: 'x' })
    expect(again.status).toBe(401)
    expect(silent.calls).toBe(calls)
  })

  it('says that it cannot, where it is its turn, and nothing where it is another’s', async () => {
    const first = await start('all')
    const partOf = async ({ url }: Running): Promise<unknown> => {
      const { parts } = (await (await fetch(`${url}/health`)).json()) as { parts: Record<string, unknown> }
      return parts['channel.email']
    }
    await eventually(async () =>
      expect(await partOf(first)).toMatchObject({
        status: 'fail',
        detail: expect.stringMatching(/mailbox|connected/i),
      }),
    )
    expect((await fetch(`${first.url}/readyz`)).status).toBe(503)
    const second = await start('all')
    expect(await partOf(second)).toMatchObject({ status: 'ok' })
    expect((await fetch(`${second.url}/readyz`)).status).toBe(200)
  })
})

describe('what doctor says of mail', { timeout: 60_000 }, () => {
  const SECRETS = /hunter2|the relay and we know it/
  const checksOf = async (settings: Record<string, string>) => {
    const checks = await checkMail(readConfig({ EMAIL_FROM: 'Muster <bot@muster.test>', ...settings }))
    expect(JSON.stringify(checks)).not.toMatch(SECRETS)
    return Object.fromEntries(checks.map(({ name, status, detail }) => [name, `${status}: ${detail}`]))
  }

  it('nothing where none is set up', async () => {
    expect(await checkMail(readConfig({}))).toEqual([])
  })

  it('whether mail goes out, and that none comes in', async () => {
    const post = await openPost()
    const said = await checksOf({ EMAIL_SMTP_URL: post.url })
    expect(said['Mail out']).toMatch(/^ok: .* takes mail of bot@muster\.test$/)
    expect(said['Mail in']).toMatch(/^ok: none is read/)
    expect(post.mails).toEqual([])
    await post.close()
  })

  it('what is not there, and what is easily guessed, without a password', async () => {
    const silent = await openSilent()
    const gone = await openSilent()
    await gone.close()
    const said = await checksOf({
      EMAIL_SMTP_URL: gone.url.replace('imap://bot:pw', 'smtp://bot:hunter2'),
      EMAIL_IMAP_URL: silent.url.replace('pw', 'hunter2'),
      EMAIL_RELAY_SECRET: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      EMAIL_TRUSTED_SEALERS: 'forwarder.example.org,mail.internal',
      PUBLIC_URL: 'https://muster.example.org',
    })
    await silent.close()
    expect(said).toEqual({
      'Mail out': expect.stringMatching(/^fail: cannot be reached/),
      'Mail in': expect.stringMatching(/^fail: The mailbox cannot be reached/),
      'Mail relay': 'warn: its secret is easily guessed',
      'Mail sealers': 'warn: mail.internal cannot have keys that anybody finds',
    })
  })

  // Where the two must be, their absence is a failure and not a reason to look away.
  it.runIf(needsMailStack())('that a real mailbox opens', async () => {
    const stack = await openMailStack()
    const said = await checksOf({
      EMAIL_SMTP_URL: stack.smtpUrl,
      EMAIL_IMAP_URL: stack.imapUrl('doctor@test.local'),
      EMAIL_RELAY_SECRET: 'the relay and we know it',
    })
    stack.close()
    expect(said['Mail out']).toMatch(/^ok/)
    expect(said['Mail in']).toMatch(/^ok: the mailbox on .* opens, with 0 mails in it$/)
    expect(said['Mail relay']).toMatch(/^ok: posts to /)
  })
})
