import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { tellModel } from '#core/runs/telling.ts'
import { executor } from '#db/db.ts'
import { countRuns } from '#server/metrics/listen.ts'
import { Tally } from '#server/metrics/tally.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Api, createApi, type Person } from './api.ts'

const TOKEN = 'a-token-only-prometheus-knows'

describe.each(DIALECTS)('/metrics on %s', (dialect) => {
  let api: Api
  let admin: Person

  beforeEach(async () => {
    api = await createApi(dialect, { env: { METRICS_TOKEN: TOKEN } })
    admin = await api.person('root', { admin: true })
  })
  afterEach(() => api.end())

  const read = async (who: Person | string = TOKEN): Promise<string> => {
    const { status, text } = await api.call(who, 'GET', '/metrics')
    expect(status).toBe(200)
    return text
  }
  const seriesOf = (text: string, series: string): number | undefined => {
    const line = text.split('\n').find((one) => one.startsWith(`${series} `))
    return line === undefined ? undefined : Number(line.slice(series.length + 1))
  }

  test('is for the token and for platform admins, and for nobody else', async () => {
    const ana = await api.person('ana')
    expect((await api.call(undefined, 'GET', '/metrics')).status).toBe(401)
    expect((await api.call('wrong-token-of-someone', 'GET', '/metrics')).status).toBe(401)
    expect((await api.call(`${TOKEN}x`, 'GET', '/metrics')).status).toBe(401)
    expect((await api.call(ana, 'GET', '/metrics')).status).toBe(401)
    expect((await api.call(admin.readKey, 'GET', '/metrics')).status).toBe(401)
    await read(admin)
    await read()
  })

  test('counts requests by pattern, whatever paths and methods are made up', async () => {
    for (let batch = 0; batch < 100; batch++) {
      await Promise.all(
        Array.from({ length: 100 }, (_, index) => {
          const made = `${batch}-${index}`
          const paths = [`/v1/runs/${made}`, `/made-up/${made}`, `/v1/${made}`, `/hooks/${made}`, `/callbacks/${made}`]
          return api.call(undefined, 'GET', paths[index % paths.length] ?? '/')
        }),
      )
    }
    const text = await read()
    const routes = new Set([...text.matchAll(/route="([^"]*)"/g)].map(([, route]) => route))
    expect(routes.size).toBeLessThan(12)
    expect(text).not.toMatch(/made-up|\d+-\d+/)
    expect(text.split('\n').length).toBeLessThan(600)
  })

  test('has what was done, by tool and status, and how the queue and the ledger stand', async () => {
    const inputs = { template: 'Hi {{ name }}', data: { name: 'you' } }
    const { body } = await api.call(admin, 'POST', '/v1/tools/text.template/run', { json: { inputs }, once: 'one' })
    await eventually(async () => {
      const run = await api.call(admin, 'GET', `/v1/runs/${body.id}`)
      expect(run.body.status).toBe('succeeded')
    })
    const text = await read()
    expect(
      seriesOf(text, 'muster_http_request_duration_seconds_count{method="GET",route="/v1/runs/:id",status="200"}'),
    ).toBeGreaterThan(0)
    expect(seriesOf(text, 'muster_database_up')).toBe(1)
    expect(seriesOf(text, 'muster_ledger_sum_dollars')).toBe(0)
    expect(seriesOf(text, 'muster_held_dollars')).toBe(0)
    expect(seriesOf(text, 'muster_schedule_lag_seconds')).toBe(0)
    expect(seriesOf(text, 'muster_leases{type="process"}')).toBeGreaterThanOrEqual(0)
  })

  test('counts what models were asked by provider and model, whatever models are called', async () => {
    const tally = new Tally()
    const uncount = countRuns(api.core, tally)
    const inputs = { prompt: 'Say hello.', maxTokens: 100 }
    const { body } = await api.call(admin, 'POST', '/v1/tools/llm.generate/run', { json: { inputs }, once: 'ask' })
    const run = await eventually(async () => {
      const now = await api.call(admin, 'GET', `/v1/runs/${body.id}`)
      expect(now.body.status).toBe('succeeded')
      return now.body
    })
    const usage = run.outputs.usage as { inputTokens: number; outputTokens: number }
    const told = { provider: 'openai_compatible', outcome: 'timeout', costMicros: 1_000n, startedAtMs: 0, endedAtMs: 9 }
    const tokens = { inputTokens: 10, cachedInputTokens: 4, outputTokens: 2 }
    for (let n = 0; n < 1_000; n++) tellModel({ ...told, ...tokens, model: `made-up-${n}` })
    uncount()
    tellModel({ ...told, ...tokens, model: 'after' })
    const text = await (await tally.open()).read()
    const mock = 'provider="mock",model="mock-1"'
    expect(seriesOf(text, `muster_model_call_duration_seconds_count{${mock},outcome="ended"}`)).toBe(1)
    expect(seriesOf(text, `muster_model_tokens_total{${mock},kind="input"}`)).toBe(usage.inputTokens)
    expect(seriesOf(text, `muster_model_tokens_total{${mock},kind="output"}`)).toBe(usage.outputTokens)
    expect(seriesOf(text, `muster_model_cost_dollars_total{${mock}}`)).toBe(Number(run.costUsd))
    const other = 'provider="openai_compatible",model="other"'
    expect(seriesOf(text, `muster_model_call_duration_seconds_count{${other},outcome="timeout"}`)).toBe(1_000)
    expect(seriesOf(text, `muster_model_tokens_total{${other},kind="cached"}`)).toBe(4_000)
    expect(seriesOf(text, `muster_model_tokens_total{${other},kind="input"}`)).toBe(6_000)
    expect(seriesOf(text, `muster_model_cost_dollars_total{${other}}`)).toBeCloseTo(1)
    expect(text).not.toContain('made-up')
  })

  test('says that the database is away, and still has what the process knows', async () => {
    await api.core.db.write(async function noMore(tx) {
      await tx[executor].executeText('ALTER TABLE work_item RENAME TO work_item_away', [])
    })
    const text = await read()
    expect(seriesOf(text, 'muster_database_up')).toBe(0)
    expect(text).toContain('muster_http_request_duration_seconds')
    await api.core.db.write(async function again(tx) {
      await tx[executor].executeText('ALTER TABLE work_item_away RENAME TO work_item', [])
    })
    api.errors.length = 0
  })
})
