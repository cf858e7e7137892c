import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { executor } from '#db/db.ts'
import { startTelegramPeer, type TelegramPeer } from '#tests/peers/telegram/index.ts'
import { type Collector, startCollector } from '#tests/support/collectors.ts'
import { createDatabase, DIALECTS, type TestDatabase } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { Cli } from './cli-process.ts'
import { type CliServer, startCliServer } from './cli-server.ts'

vi.setConfig({ testTimeout: 120_000 })

const canary = (name: string): string => `CANARY_${name}_0123456789abcdef`
const KEY = Buffer.from('CANARY of the master key, 32 by.')
const TRACE = /CANARY/
const KEY_TRACE = KEY.toString('base64').slice(0, 24)

describe.each(DIALECTS)('what comes out of a program full of secrets, on %s', (dialect) => {
  let database: TestDatabase
  let telegram: TelegramPeer
  let collector: Collector
  let cli: Cli
  let server: CliServer

  beforeEach(async () => {
    database = await createDatabase(dialect)
    telegram = await startTelegramPeer({ token: `1234567:${canary('telegram_token_long_enough')}`, passesOver: true })
    collector = await startCollector({ key: canary('dsn') })
    cli = new Cli({
      DATABASE_URL: database.url,
      LOG_LEVEL: 'trace',
      OUTBOUND_ALLOW: '127.0.0.1',
      ACCESS: 'open',
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: telegram.url,
      // A Slack that knows nobody, and says so in words of its own.
      SLACK_BOT_TOKEN: `xoxb-${canary('slack_bot')}`,
      SLACK_APP_TOKEN: `xapp-${canary('slack_app')}`,
      SLACK_SIGNING_SECRET: canary('slack_signing'),
      SLACK_API_URL: `${collector.url}/slack/`,
      AUTH_SECRET: canary('auth_secret_that_is_long_enough'),
      MUSTER_KEK: KEY.toString('base64'),
      MUSTER_API_KEY: `mst_${canary('own_key')}`,
      METRICS_TOKEN: canary('metrics'),
      SENTRY_DSN: collector.dsn,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    })
    server = await startCliServer(cli)
  })
  afterEach(async () => {
    await server.kill()
    cli.remove()
    await telegram.stop()
    await collector.stop()
    await database.drop()
  })

  const ask = async (method: string, path: string, init: RequestInit = {}) => {
    const response = await fetch(`${server.url}${path}`, { method, ...init })
    return { status: response.status, text: await response.text() }
  }

  test('has none of them: logs, metrics, health, errors, reports and spans', async () => {
    await cli.run(['account', 'create', 'ana', '--admin'])
    const { document } = await cli.json(['key', 'create', '--account', 'ana'])
    const headers = {
      Authorization: `Bearer ${document.key}`,
      'Content-Type': 'application/json',
      Cookie: `muster=${canary('cookie')}; other=${canary('other_cookie')}`,
      'X-Secret': canary('header'),
    }
    const post = (path: string, json: unknown, once: string) =>
      ask('POST', path, { headers: { ...headers, 'Idempotency-Key': once }, body: JSON.stringify(json) })

    // What is stored encrypted, what goes out with it, and what comes back.
    const connection = { name: 'crm', provider: 'http', secret: canary('connection'), baseUrl: collector.url }
    expect((await post('/v1/connections', connection, 'one')).status).toBe(201)
    await post('/v1/connections/crm/test', {}, 'two')
    const endpoint = { method: 'GET', url: `${collector.url}/x`, headers: { 'X-Api-Key': canary('endpoint') } }
    await post('/v1/endpoints', { name: 'ep', ...endpoint }, 'three')
    const url = `http://10.0.0.1/${canary('url')}?token=${canary('query')}`
    await post('/v1/tools/http.request/run', { inputs: { method: 'GET', url } }, 'four')
    const template = `{{ nothing | no_such_filter }} ${canary('input')}`
    await post('/v1/tools/text.template/run', { inputs: { template, data: { x: canary('data') } } }, 'five')

    // What is refused, in every way there is.
    const refused = [
      await ask('GET', '/v1/me', { headers: { Authorization: `Bearer mst_${canary('wrong_key')}` } }),
      await ask('GET', '/v1/me', { headers: { Authorization: `Basic ${btoa(canary('basic'))}` } }),
      await ask('POST', '/v1/jobs', { headers, body: `{"name": ${canary('malformed')}` }),
      await ask('POST', '/v1/auth/link', { headers, body: JSON.stringify({ code: canary('code') }) }),
      await post('/v1/connections', { ...connection, baseUrl: 'nonsense', unknown: canary('unknown') }, 'six'),
      await ask('POST', `/callbacks/${canary('callback')}`, { headers, body: '{}' }),
      await ask('POST', '/webhooks/telegram', { headers: { 'X-Telegram-Bot-Api-Secret-Token': canary('hook') } }),
      await ask('POST', '/webhooks/slack', { headers, body: `token=${canary('slack_body')}` }),
    ]
    expect(refused.every(({ status }) => status >= 400)).toBe(true)
    await ask('GET', `/made-up/${canary('path')}?code=${canary('code_in_query')}`)

    // What people say.
    const ann = telegram.user({ firstName: 'Ann' })
    const chat = telegram.privateChat(ann)
    telegram.sendText(chat, ann, `/connect http name=x secret=${canary('chat')}`)
    telegram.sendText(chat, ann, `My password is ${canary('said')}`)
    await eventually(() => expect(telegram.messages(chat).filter(({ fromBot }) => fromBot).length).toBeGreaterThan(1))

    // What nobody foresaw.
    await database.db.write(async function takeAway(tx) {
      await tx[executor].executeText('ALTER TABLE run_step RENAME TO run_step_away', [])
      await tx[executor].executeText('ALTER TABLE budget_request RENAME TO budget_request_away', [])
    })
    const broken = await ask('GET', `/v1/budget-requests?context=${canary('context')}`, { headers })
    await post('/v1/tools/text.template/run', { inputs: { template: canary('broken'), data: {} } }, 'seven')
    await eventually(() => expect(collector.reports().length).toBeGreaterThan(0))
    const metrics = await ask('GET', '/metrics')
    const health = await ask('GET', '/health')
    await server.stop()

    const outside = [
      ['logs', server.logged()],
      ['metrics', metrics.text],
      ['health', health.text],
      ['errors', [broken, ...refused].map(({ text }) => text).join('\n')],
      [
        'reports',
        collector
          .reports()
          .map(({ body }) => body.replaceAll(collector.dsn, ''))
          .join('\n'),
      ],
      [
        'spans',
        collector.received
          .filter(({ url }) => url === '/v1/traces')
          .map(({ body }) => body)
          .join('\n'),
      ],
    ] as const
    for (const [name, text] of outside) {
      expect(text, `${name} are looked at`).not.toBe('')
      expect(linesWith(text, TRACE), name).toEqual([])
      expect(text, name).not.toContain(KEY_TRACE)
    }
    // And they say what they are for.
    expect(server.logged()).toContain('"route":"/v1/connections"')
    expect(server.logged()).toMatch(/"level":50.*"requestId":"[^"]+"/)
    expect(collector.reports().some(({ body }) => body.includes('"requestId"'))).toBe(true)
    expect(collector.spans().map(({ name }) => name)).toContain('POST /v1/connections')
  })
})

/** Enough of each to find where it came from. */
function linesWith(text: string, pattern: RegExp): string[] {
  return text
    .split('\n')
    .filter((line) => pattern.test(line))
    .map((line) => {
      const at = line.search(pattern)
      return line.slice(Math.max(0, at - 200), at + 80)
    })
}
