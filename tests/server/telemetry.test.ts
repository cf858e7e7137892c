import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { readConfig } from '#server/config.ts'
import { createLog } from '#server/log.ts'
import { openErrorReports } from '#server/telemetry/errors.ts'
import { createScrub } from '#server/telemetry/scrub.ts'
import { type App, startApp } from '#tests/e2e/support/app.ts'
import { signIn } from '#tests/e2e/support/client.ts'
import { type Collector, startCollector } from '#tests/support/collectors.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'

vi.setConfig({ testTimeout: 60_000 })

const PASSWORD = 'pass"word%2Fwith'
const TELEGRAM = `123456:${'Secret-of_Telegram'.repeat(2)}`
const config = (more: Record<string, string> = {}) =>
  readConfig({
    DATABASE_URL: `postgres://muster:${PASSWORD}@db.example/muster`,
    TELEGRAM_BOT_TOKEN: TELEGRAM,
    SLACK_BOT_TOKEN: ['xoxb', 'of', 'slack'].join('-'),
    SLACK_APP_TOKEN: ['xapp', 'of', 'slack'].join('-'),
    AUTH_SECRET: 'a secret with "quotes" that is long enough',
    MUSTER_KEK: Buffer.alloc(32, 'k').toString('base64'),
    METRICS_TOKEN: 'token-of-prometheus',
    GOOGLE_GENERATIVE_AI_API_KEY: 'AIza-key-of-google',
    ...more,
  })

describe('what a library puts into its words', () => {
  const scrub = createScrub(config())

  test.each([
    [
      'the token in an address',
      `GET https://api.telegram.org/bot${TELEGRAM}/getMe`,
      'GET https://api.telegram.org/bot[hidden]/getMe',
    ],
    [
      'a setting as JSON writes it',
      JSON.stringify({ said: 'a secret with "quotes" that is long enough!' }),
      '{"said":"[hidden]!"}',
    ],
    ['a setting in hexadecimal', Buffer.alloc(32, 'k').toString('hex'), '[hidden]'],
    ['the password of the database', 'password pass"word/with is wrong', 'password [hidden] is wrong'],
    ['a password in any address', 'redis://me:hunter22@cache/0', 'redis://me:[hidden]@cache/0'],
    ['the key of a model', 'https://models.example/v1?k=AIza-key-of-google', 'https://models.example/v1?k=[hidden]'],
    ['a key of ours', 'key mst_AbCdEf123456 is unknown', 'key mst_[hidden] is unknown'],
    ['a bearer token', 'authorization: Bearer abc.def-123', 'authorization: Bearer [hidden]'],
    ['a token in a query', 'GET /claim?code=K7-XYZ123&x=1', 'GET /claim?code=[hidden]&x=1'],
    ['the address of a callback', 'POST /callbacks/cb_0123456789', 'POST /callbacks/[hidden]'],
    [
      'nothing else',
      'Run run_01a2 has 3 steps; see https://muster.example/runs',
      'Run run_01a2 has 3 steps; see https://muster.example/runs',
    ],
  ])('%s', (_, said, told) => {
    expect(scrub(said)).toBe(told)
  })

  test('is found in any length of time that a line is worth', () => {
    const beganMs = performance.now()
    for (const piece of ['://a', 'Bearer ', '?code=', 'mst_', '1234567:']) scrub(piece.repeat(50_000))
    expect(performance.now() - beganMs).toBeLessThan(5_000)
  })
})

describe('a report to Sentry', () => {
  let collector: Collector
  afterEach(() => collector.stop())

  test('says what and where, and nothing of what was put in', async () => {
    collector = await startCollector()
    const close = await openErrorReports({ ...config(), sentryDsn: collector.dsn })
    const log = createLog({ ...config(), logLevel: 'fatal' })
    log.level = 'error'
    const cause = new Error(`GET /bot${TELEGRAM}/x failed`)
    const err = Object.assign(new TypeError(`Unexpected token in "WORDS OF A PERSON" by ${TELEGRAM}`, { cause }), {
      input: 'WORDS OF A PERSON',
      headers: { authorization: 'Bearer WORDS' },
    })
    log.error({ err, requestId: 'req-1', runId: 'run_1', body: 'WORDS', path: '/v1/WORDS' }, 'A request failed')
    await close()
    const [report] = collector.reports()
    expect(report?.body).toContain('"type":"TypeError"')
    expect(report?.body).toContain('"requestId":"req-1"')
    expect(report?.body).toContain('telemetry.test.ts')
    expect(report?.body).not.toMatch(/WORDS|Secret-of_Telegram/)
  })
})

describe.each(DIALECTS)('the program on %s', (dialect) => {
  let app: App | undefined
  let collector: Collector | undefined
  let blackHole: Server | undefined

  afterEach(async () => {
    await app?.end()
    await collector?.stop()
    blackHole?.close()
    app = collector = blackHole = undefined
  })

  async function runSomething(): Promise<string> {
    const admin = await signIn(app?.url ?? '', '/v1/auth/claim', { code: app?.claimCode, handle: 'ada' })
    const inputs = { template: 'WORDS OF A PERSON', data: {} }
    const { body } = await admin.call('POST', '/v1/tools/text.template/run', { json: { inputs }, once: 'one' })
    await eventually(async () => {
      expect((await admin.call('GET', `/v1/runs/${body.id}`)).body.status).toBe('succeeded')
    })
    return body.id
  }

  test('sends a trace of each run with its steps below it, by pattern and without words', async () => {
    collector = await startCollector()
    app = await startApp(dialect, { settings: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } })
    const runId = await runSomething()
    const metrics = await (await fetch(`${app.url}/metrics`)).text()
    expect(metrics).toContain('muster_step_duration_seconds_count{tool="text.template",outcome="succeeded"} 1')
    expect(metrics).toContain('muster_run_duration_seconds_count{status="succeeded"} 1')
    expect(metrics).toMatch(/^nodejs_eventloop_lag_p99_seconds /m)
    await app.end()
    app = undefined
    const spans = collector.spans()
    const run = spans.find(({ name, attributes }) => name === 'run' && attributes['muster.run_id'] === runId)
    const step = spans.find(({ name }) => name === 'step text.template')
    expect(run).toMatchObject({ attributes: { 'muster.status': 'succeeded', 'muster.job': 'text-template' } })
    expect(step).toMatchObject({ traceId: run?.traceId, parentSpanId: run?.spanId })
    expect(spans.map(({ name }) => name)).toContain('GET /v1/runs/:id')
    expect(JSON.stringify(collector.received)).not.toMatch(/WORDS|url\.full/)
  })

  test.each(['refuses', 'fails', 'never answers'])('does its work when Sentry and the collector %s', async (how) => {
    let url = 'http://127.0.0.1:1'
    if (how === 'fails') {
      collector = await startCollector({ status: 500 })
      url = collector.url
    }
    if (how === 'never answers') {
      const listening = createServer(() => {})
      blackHole = listening
      await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
      url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`
    }
    app = await startApp(dialect, {
      settings: { OTEL_EXPORTER_OTLP_ENDPOINT: url, SENTRY_DSN: `${url.replace('://', '://public@')}/7` },
    })
    await runSomething()
    const { errors } = app
    const beganMs = performance.now()
    await app.end()
    app = undefined
    expect(performance.now() - beganMs).toBeLessThan(10_000)
    expect(errors).toEqual([])
  })
})
