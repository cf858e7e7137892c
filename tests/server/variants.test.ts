import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkLedger } from '#core/economy/check.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Api, createApi, type Person, type Request } from './api.ts'

const inputs = { commits: 'a1b2c3d feat: first\nb2c3d4e fix: second' }

describe.each(DIALECTS)('variants and retries over HTTP on %s', (dialect) => {
  let api: Api
  let ada: Person
  beforeEach(async () => {
    api = await createApi(dialect)
    ada = await api.person('ada')
  })
  afterEach(async () => {
    expect(api.errors).toEqual([])
    expect((await checkLedger(api.core)).sound).toBe(true)
    await api.end()
  })

  const call = (method: string, path: string, request?: Request) => api.call(ada, method, path, request)
  const ended = (id: string) =>
    eventually(async () => {
      const { body } = await call('GET', `/v1/runs/${id}`)
      expect(body.finishedAt).not.toBeNull()
      return body
    })
  const run = async (more: object = {}, once?: string) =>
    call('POST', '/v1/jobs/release-notes/run', { json: { inputs, ...more }, ...(once ? { once } : {}) })

  it('makes several under one hold, edits one with its ETag, accepts it and downloads it', async () => {
    const started = await run({ variants: 3 }, 'three')
    expect([started.status, started.body.maxUsd, started.body.variants]).toEqual([202, '0.006', []])
    const done = await ended(started.body.id)
    expect(done).toMatchObject({ status: 'succeeded', jobId: 'release-notes', costUsd: '0.006' })
    expect(done.variants).toHaveLength(3)
    expect((await run({ variants: 3 }, 'three')).body).toEqual(started.body)
    const [first, second] = done.variants
    const read = await call('GET', `/v1/variants/${second}`)
    const etag = read.headers.get('etag') ?? ''
    expect(read.body).toMatchObject({ id: second, runId: done.id, number: 2, revision: 1, accepted: null })
    expect(read.body.outputs.notes).toContain('first')

    const edit = async (headers: Record<string, string>, outputs: object) => {
      const response = await call('PUT', `/v1/variants/${second}`, { json: { outputs }, headers })
      return [response.status, response.body.code ?? response.body.revision, response.headers.get('etag')]
    }
    expect((await edit({}, { notes: 'x' })).slice(0, 2)).toEqual([428, 'precondition_required'])
    expect((await edit({ 'If-Match': '"0-0"' }, { notes: 'x' })).slice(0, 3)).toEqual([
      412,
      'precondition_failed',
      etag,
    ])
    const [status, revision, newer] = await edit({ 'If-Match': etag }, { notes: '# Mine' })
    expect([status, revision]).toEqual([200, 2])
    expect((await edit({ 'If-Match': etag }, { notes: 'late' })).slice(0, 3)).toEqual([
      412,
      'precondition_failed',
      newer,
    ])
    expect((await call('PUT', `/v1/variants/${second}`, { json: { outputs: {}, more: 1 } })).status).toBe(400)

    const accepted = await call('POST', `/v1/variants/${second}/accept`)
    expect([accepted.status, accepted.body.accepted.accountId]).toEqual([200, ada.accountId])
    expect((await call('POST', `/v1/variants/${second}/accept`)).status).toBe(200)
    const other = await call('POST', `/v1/variants/${first}/accept`)
    expect([other.status, other.body.facts.variantId]).toEqual([409, second])

    const exported = await call('POST', `/v1/variants/${second}/export`, { json: { format: 'markdown' }, once: 'e' })
    expect(exported.status).toBe(201)
    expect(exported.body).toMatchObject({ name: 'release-notes-2.md', mediaType: 'text/markdown' })
    const file = await call('GET', exported.headers.get('location') ?? '')
    expect([file.status, file.text]).toEqual([200, '# Mine\n'])
    const again = await call('POST', `/v1/variants/${second}/export`, { json: { format: 'markdown' }, once: 'e' })
    expect([again.headers.get('idempotency-replayed'), again.body]).toEqual(['true', exported.body])
    expect((await call('POST', `/v1/variants/${second}/export`, { json: { format: 'pdf' } })).status).toBe(400)
    const files = await call('GET', `/v1/artifacts?runId=${done.id}`)
    expect(files.body.items.map(({ id }: { id: string }) => id)).toEqual([exported.body.id])
    expect((await call('GET', '/v1/artifacts')).status).toBe(400)
    const bob = await api.person('bob')
    expect((await api.call(bob, 'GET', `/v1/artifacts?runId=${done.id}`)).status).toBe(404)
  })

  it('starts a run again, and exports and retries many with an answer for each', async () => {
    const { id } = await ended((await run()).body.id)
    const again = await call('POST', `/v1/runs/${id}/retry`, {
      json: { from: 'start', definition: 'newest' },
      once: 'r',
    })
    expect([again.status, again.headers.get('location')]).toEqual([202, `/v1/runs/${again.body.id}`])
    expect(again.body.id).not.toBe(id)
    await ended(again.body.id)
    const replay = await call('POST', `/v1/runs/${id}/retry`, {
      json: { from: 'start', definition: 'newest' },
      once: 'r',
    })
    expect([replay.body.id, replay.headers.get('idempotency-replayed')]).toEqual([again.body.id, 'true'])
    expect((await call('GET', `/v1/runs/${id}`)).body.variants).toHaveLength(2)
    expect((await call('POST', `/v1/runs/${id}/retry`, { json: { from: 'middle' } })).status).toBe(400)
    const batch = (action: string, ids: string[], once = action) =>
      call('POST', '/v1/runs/batch', {
        json: { action, ids, ...(action === 'export' ? { format: 'json' } : {}) },
        once,
      })
    const exported = await batch('export', [id, again.body.id, 'run_nope'])
    expect(exported.body.results.map(({ ok }: { ok: boolean }) => ok)).toEqual([true, true, false])
    expect(exported.body.results[0].files[0]).toMatchObject({ name: 'release-notes.json' })
    expect((await batch('export', [id, again.body.id, 'run_nope'])).body).toEqual(exported.body)
    const retried = await batch('retry', [id])
    expect(retried.body.results).toMatchObject([{ id, ok: false, error: { code: 'conflict' } }])
  })
})
