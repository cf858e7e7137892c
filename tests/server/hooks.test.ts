import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SignatureScheme } from '#db/schema.ts'
import { query } from '#db/statement.ts'
import { ShiftedClock } from '#tests/support/chat-world.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Api, createApi, type Person } from './api.ts'
import { deliver, SCHEMES, SENDERS, SIGNATURE, type Signed } from './hook-senders.ts'

const MAPPING = { template: { value: 'Hello {{ name }}' }, data: { body: 'data' } }

describe.each(DIALECTS)('webhooks that come in, on %s', (dialect) => {
  const clock = new ShiftedClock()
  const logged: object[] = []
  let api: Api
  let ada: Person
  beforeAll(async () => {
    api = await createApi(dialect, {
      clock,
      logged: (line) => logged.push(line),
      env: { REQUESTS_PER_MINUTE: '100000' },
    })
    ada = await api.person('ada')
  })
  afterAll(async () => {
    expect(api.errors).toEqual([])
    await api.end()
  })

  let names = 0
  const newId = (): string => `evt_${++names}`
  const bodyOf = (id: string): string => JSON.stringify({ id, data: { name: 'Ada' } })

  async function makeTrigger(scheme: SignatureScheme, more: object = {}): Promise<{ id: string; secret: string }> {
    const json = { name: scheme, jobId: 'text.template', mapping: MAPPING, scheme, ratePerMinute: 6_000, ...more }
    const { status, body } = await api.call(ada, 'POST', '/v1/triggers', { json })
    expect(status).toBe(201)
    return body
  }
  const sign = (
    scheme: SignatureScheme,
    secret: string,
    { id = newId(), body = bodyOf(id), atMs = clock.nowMs() } = {},
  ) => SENDERS[scheme]({ secret, body, id, atMs })
  const rows = (triggerId: string) =>
    query(api.core.db, (q) => q.selectFrom('trigger_delivery').selectAll().where('trigger_id', '=', triggerId))
  const settled = (triggerId: string, count: number) =>
    eventually(async () => {
      const found = await rows(triggerId)
      expect(found).toHaveLength(count)
      expect(found.filter(({ status }) => status === 'accepted')).toEqual([])
      return found
    })

  describe.each(SCHEMES)('%s', (scheme) => {
    it('starts one run for a delivery, however often and in whatever order it comes', async () => {
      const { id, secret } = await makeTrigger(scheme)
      const signed = sign(scheme, secret)
      const answers = await Promise.all(Array.from({ length: 10 }, () => deliver(api, id, signed)))
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(202))
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
      expect(answers[0]?.body).toEqual({ deliveryId: expect.stringMatching(/^dlv_/), status: 'accepted' })
      const [row] = await settled(id, 1)
      expect(row).toMatchObject({ status: 'started', run_id: expect.stringMatching(/^run_/) })
      const run = await eventually(async () => {
        const { body } = await api.call(ada, 'GET', `/v1/runs/${row?.run_id}`)
        expect(body.status).toBe('succeeded')
        return body
      })
      expect(run).toMatchObject({
        outputs: { text: 'Hello Ada' },
        initiator: { accountId: ada.accountId, channel: 'webhook' },
        context: { type: 'user', id: ada.accountId },
      })
      expect((await deliver(api, id, signed)).body).toEqual(answers[0]?.body)
      await settled(id, 1)
    })

    it('refuses whatever was changed, is missing or is not from now, and writes nothing', async () => {
      const { id, secret } = await makeTrigger(scheme)
      const good = sign(scheme, secret)
      const name = SIGNATURE[scheme]
      const without = Object.fromEntries(Object.entries(good.headers).filter(([header]) => header !== name))
      const bad: Record<string, Signed> = {
        'no signature': { ...good, headers: without },
        'an empty one': with_(good, name, ''),
        'another secret': sign(scheme, `whsec_${Buffer.alloc(32, 7).toString('base64')}`),
        'twice the header': with_(good, name, `${good.headers[name]}, ${good.headers[name]}x`),
        ...flippedSignatures(good, name),
      }
      if (scheme !== 'bearer') {
        bad['one bit of the body'] = { ...good, raw: flipped(good.raw, 20) }
        bad['its last bit'] = { ...good, raw: flipped(good.raw, good.raw.length - 1) }
        bad['a blank more'] = { ...good, raw: `${good.raw} ` }
        bad['no body'] = { ...good, raw: '' }
      }
      if (scheme === 'standard_webhooks' || scheme === 'stripe') {
        bad['301 s ago'] = sign(scheme, secret, { atMs: clock.nowMs() - 301_000 })
        bad['in 302 s'] = sign(scheme, secret, { atMs: clock.nowMs() + 302_000 })
      }
      if (scheme === 'standard_webhooks') {
        bad['another id'] = with_(good, 'webhook-id', 'evt_other')
        bad['no id'] = with_(good, 'webhook-id', '')
        bad['another time'] = with_(good, 'webhook-timestamp', String(Math.floor(clock.nowMs() / 1000) + 1))
        bad['no time'] = with_(good, 'webhook-timestamp', 'now')
      }
      if (scheme === 'stripe') {
        bad['two times'] = with_(good, name, `t=1,${good.headers[name]}`)
        bad['an old kind of signature'] = with_(good, name, String(good.headers[name]).replace('v1=', 'v0='))
      }
      if (scheme === 'github') bad.sha1 = with_(good, name, String(good.headers[name]).replace('sha256', 'sha1'))
      for (const [what, signed] of Object.entries(bad)) {
        const { status, body } = await deliver(api, id, signed)
        expect([what, status, body.code]).toEqual([what, 401, 'unauthorized'])
      }
      expect(await rows(id)).toEqual([])
      expect((await deliver(api, id, good)).status).toBe(202)
      await settled(id, 1)
    })

    it('takes what was signed 290 seconds ago', async () => {
      const { id, secret } = await makeTrigger(scheme)
      expect((await deliver(api, id, sign(scheme, secret, { atMs: clock.nowMs() - 290_000 }))).status).toBe(202)
      expect((await deliver(api, id, sign(scheme, secret, { atMs: clock.nowMs() + 290_000 }))).status).toBe(202)
      await settled(id, 2)
    })

    it('refuses the old secret after a rotation, at once or when its time is over', async () => {
      const { id, secret } = await makeTrigger(scheme)
      const path = `/v1/triggers/${id}/rotate`
      const first = await api.call(ada, 'POST', path, { json: {} })
      expect(first.body.secret).not.toBe(secret)
      expect((await deliver(api, id, sign(scheme, secret))).status).toBe(401)
      expect((await deliver(api, id, sign(scheme, first.body.secret))).status).toBe(202)
      const second = await api.call(ada, 'POST', path, { json: { overlapMs: 60_000 } })
      for (const one of [first, second])
        expect((await deliver(api, id, sign(scheme, one.body.secret))).status).toBe(202)
      clock.advance(61_000)
      expect((await deliver(api, id, sign(scheme, first.body.secret))).status).toBe(401)
      expect((await deliver(api, id, sign(scheme, second.body.secret))).status).toBe(202)
      await settled(id, 4)
    })
  })

  it('answers alike for what is paused, removed, or never was', async () => {
    const { id, secret } = await makeTrigger('github')
    const signed = sign('github', secret)
    await api.call(ada, 'POST', `/v1/triggers/${id}/pause`)
    const answers = [await deliver(api, id, signed), await deliver(api, 'trg_none', signed)]
    await api.call(ada, 'POST', `/v1/triggers/${id}/resume`)
    expect((await deliver(api, id, signed)).status).toBe(202)
    await settled(id, 1)
    await api.call(ada, 'DELETE', `/v1/triggers/${id}`)
    answers.push(await deliver(api, id, signed), await deliver(api, `${'x'.repeat(3_000)}`, signed))
    answers.push(await deliver(api, id, { ...signed, headers: {} }))
    const said = answers.map(({ status, body: { requestId: _, ...body } }) => ({ status, body }))
    expect(said).toEqual(Array(5).fill(said[0]))
    expect(said[0]?.status).toBe(401)
    expect(await rows(id)).toHaveLength(1)
    expect((await api.call(undefined, 'GET', `/hooks/${id}`)).status).toBe(405)
  })

  it('refuses a signed body that nobody can read, and keeps nothing of it', async () => {
    const { id, secret } = await makeTrigger('github')
    const send = (body: string, type?: string) => {
      const signed = sign('github', secret, { body })
      return deliver(api, id, type === undefined ? signed : with_(signed, 'content-type', type))
    }
    expect((await send('{"data":')).status).toBe(400)
    expect((await send(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).status).toBe(400)
    expect((await send(`${'{"a":'.repeat(70)}1${'}'.repeat(70)}`)).status).toBe(400)
    expect((await send('<xml/>', 'text/xml')).status).toBe(415)
    expect((await send('--x', 'multipart/form-data; boundary=x')).status).toBe(415)
    expect((await send('x'.repeat(1024 * 1024 + 1))).status).toBe(413)
    expect(await rows(id)).toEqual([])
    // Of a form as GitHub sends it where nobody chose JSON, the JSON in it counts.
    const form = new URLSearchParams({ payload: bodyOf('form') }).toString()
    expect((await send(form, 'application/x-www-form-urlencoded')).status).toBe(202)
    expect(await settled(id, 1)).toMatchObject([{ status: 'started' }])
  })

  it('takes whatever JSON can hold, and one right signature among several', async () => {
    const { id, secret } = await makeTrigger('standard_webhooks', { filter: {} })
    const bodies = [
      '{"data": {"name": "\\u0000 and \\ud800"}}',
      '{"__proto__": {"name": "x"}, "data": {"__proto__": {"name": "y"}, "name": "z"}}',
      '{"data": {"name": "{{ 7 | times: 7 }} {% raw %}"}}',
      '{"data": {"name": 1e400}}',
      '[]',
      'null',
      '"text"',
    ]
    for (const body of bodies)
      expect((await deliver(api, id, sign('standard_webhooks', secret, { body }))).status).toBe(202)
    const good = sign('standard_webhooks', secret)
    const several = `v1,AAAA ${good.headers['webhook-signature']} v2,BBBB`
    expect((await deliver(api, id, with_(good, 'webhook-signature', several))).status).toBe(202)
    const found = await settled(id, bodies.length + 1)
    expect(
      found.filter(({ status }) => status === 'refused').every(({ reason_code }) => reason_code === 'bad_input'),
    ).toBe(true)
    const started = found.flatMap(({ run_id }) => (run_id === null ? [] : [run_id]))
    expect(started.length).toBeGreaterThanOrEqual(4)
    const outputs = await Promise.all(
      started.map((runId) =>
        eventually(async () => {
          const { body } = await api.call(ada, 'GET', `/v1/runs/${runId}`)
          expect(body.finishedAt).not.toBeNull()
          return body.outputs?.text
        }),
      ),
    )
    expect(outputs).toContain('Hello {{ 7 | times: 7 }} {% raw %}')
  })

  it('does not wait for who sends no body', async () => {
    const body = new ReadableStream({ start: (stream) => stream.enqueue(Buffer.from('{')) })
    const request = new Request('http://muster.test/hooks/trg_none', {
      method: 'POST',
      body,
      duplex: 'half',
    } as RequestInit)
    expect((await api.app.request(request)).status).toBe(400)
  }, 30_000)

  it('turns away more than its rate a minute, and takes it again later', async () => {
    const { id, secret } = await makeTrigger('github', { ratePerMinute: 3 })
    const signed = Array.from({ length: 5 }, () => sign('github', secret))
    const answers = await Promise.all(signed.map((one) => deliver(api, id, one)))
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 202, 202, 429, 429])
    expect(answers.find(({ status }) => status === 429)?.headers.get('retry-after')).toMatch(/^\d+$/)
    await settled(id, 3)
    // The same again is no delivery more.
    const known = signed[answers.findIndex(({ status }) => status === 202)]
    expect(known && (await deliver(api, id, known)).status).toBe(202)
    expect((await api.call(ada, 'GET', `/v1/triggers/${id}`)).body.cappedAt).not.toBeNull()
    clock.advance(60_000)
    const refused = signed[answers.findIndex(({ status }) => status === 429)]
    expect(refused && (await deliver(api, id, refused)).status).toBe(202)
    await settled(id, 4)
  })

  it('shows its secret nowhere', async () => {
    const secret = `canary-${'x7'.repeat(20)}`
    const { id, secret: answered } = await makeTrigger('bearer', { secret })
    expect(answered).toBeUndefined()
    const leaking = JSON.stringify({ data: { name: `It is ${secret}` } })
    await deliver(api, id, sign('bearer', secret, { body: leaking }))
    const [row] = await settled(id, 1)
    const texts = [
      (await api.call(ada, 'GET', '/v1/triggers')).text,
      (await api.call(ada, 'GET', `/v1/triggers/${id}/deliveries/${row?.id}`)).text,
      (await api.call(ada, 'GET', '/v1/collab/events')).text,
      (await api.call(ada, 'POST', `/v1/triggers/${id}/test`, { json: {} })).text,
      JSON.stringify(logged),
      JSON.stringify(await rows(id), (_, value) => (typeof value === 'bigint' ? String(value) : value)),
    ]
    for (const table of [
      'event',
      'outbox',
      'run',
      'run_step',
      'idempotency',
      'webhook_trigger',
      'trigger_secret',
    ] as const) {
      const all = await query(api.core.db, (q) => q.selectFrom(table).selectAll())
      texts.push(JSON.stringify(all, (_, value) => (typeof value === 'bigint' ? String(value) : value)))
    }
    for (const text of texts) expect(text).not.toContain(secret)
    expect(texts[1]).toContain('It is ••••')
  })
})

const with_ = (signed: Signed, name: string, value: string): Signed => ({
  ...signed,
  headers: { ...signed.headers, [name]: value },
})

/** The text with one bit of one character turned, still ASCII. */
function flipped(text: string, at: number): string {
  return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1)
}

/** One bit of each of some places of the signature. */
function flippedSignatures(good: Signed, name: string): Record<string, Signed> {
  const value = good.headers[name] ?? ''
  const places = [value.length - 1, value.length - 2, value.length - 20, Math.floor(value.length / 2), 12]
  // Behind the signature of Stripe stands one of a kind that does not count.
  const end = value.includes(',v0=') ? value.indexOf(',v0=') : value.length
  const inside = places.map((place) => Math.min(place, end - 1))
  return Object.fromEntries(inside.map((at) => [`bit at ${at}`, with_(good, name, flipped(value, at))]))
}
