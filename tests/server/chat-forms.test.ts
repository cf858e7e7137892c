import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiKey } from '#core/accounts/api-keys.ts'
import type { FormPart, Part } from '#core/chat/message.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Answer, type Api, createApi, type Person, type Request } from './api.ts'

const POSTER = {
  jobId: 'poster',
  displayName: 'Poster',
  description: 'Makes a poster',
  inputSchema: {
    type: 'object',
    required: ['headline', 'copies'],
    properties: {
      headline: { type: 'string', minLength: 3 },
      copies: { type: 'integer', minimum: 1, maximum: 9 },
      colour: { type: 'string', enum: ['red', 'blue'] },
      framed: { type: 'boolean', default: false },
      tags: { type: 'array', items: { type: 'string' } },
      notes: { type: 'string', format: 'file' },
    },
  },
  steps: [
    {
      stepId: 'make',
      toolId: 'text.template',
      inputMappings: { template: { value: 'done' }, data: { value: {} } },
    },
  ],
  outputs: { text: { step: 'make', output: 'text' } },
}

interface Shown {
  id: string
  parts: Part[]
  text: string
}

describe.each(DIALECTS)('forms over HTTP, on %s', (dialect) => {
  let api: Api
  let ada: Person
  let bob: Person
  beforeAll(async () => {
    api = await createApi(dialect)
    ada = await api.person('ada', { admin: true })
    bob = await api.person('bob')
    await api.call(ada, 'POST', '/v1/jobs', { json: POSTER })
  })
  afterAll(() => api.end())

  const post = (who: Person | string | undefined, json: object, request: Request = {}): Promise<Answer> =>
    api.call(who, 'POST', '/v1/chat/messages', { json, ...request })
  const put = (who: Person | string | undefined, formId: string, json: object): Promise<Answer> =>
    api.call(who, 'PUT', `/v1/chat/forms/${formId}`, { json })
  const formIn = (messages: readonly Shown[]): FormPart | undefined =>
    messages.flatMap(({ parts }) => parts).find((part) => part.type === 'form')
  const history = async (who: Person): Promise<Shown[]> =>
    (await api.call(who, 'GET', '/v1/chat/messages?limit=200')).body.items
  const runs = async (): Promise<Record<string, unknown>[]> => {
    const rows = await query(api.core.db, (q) => q.selectFrom('run').select('inputs_json').orderBy('id'))
    return rows.map(({ inputs_json }) => JSON.parse(inputs_json))
  }
  const begin = async (line = '/run poster'): Promise<FormPart> => {
    const { body } = await post(ada, { text: line })
    const form = formIn(body.replies)
    if (!form) throw new Error(`No form among ${JSON.stringify(body.replies)}`)
    return form
  }
  const upload = async (who: Person, name: string, content: string): Promise<string> => {
    const data = new FormData()
    data.append('file', new File([content], name, { type: 'text/plain' }))
    const request = new Request('http://test/', { method: 'POST', body: data })
    const raw = new Uint8Array(await request.arrayBuffer())
    const type = request.headers.get('content-type') ?? ''
    return (await api.call(who, 'POST', '/v1/artifacts', { raw, type })).body.id
  }

  it('are among the answers when something is missing, with who pays and what it costs', async () => {
    const form = await begin('/run poster headline="Open day"')
    expect(form).toMatchObject({ title: 'Poster', note: expect.stringContaining('Personal · ≈ $0.0005') })
    expect(form.fields.map(({ name, kind, required, value }) => [name, kind, required, value])).toEqual([
      ['headline', 'text', true, 'Open day'],
      ['copies', 'integer', true, undefined],
      ['colour', 'choice', false, undefined],
      ['framed', 'boolean', false, undefined],
      ['tags', 'json', false, undefined],
      ['notes', 'file', false, undefined],
    ])
  })

  it('keep what is filled in, wrong things too, and start what they are for once they are whole', async () => {
    const { formId, submitLabel } = await begin()
    const kept = await put(ada, formId, { values: { headline: 'Hi', copies: '3', framed: true } })
    expect([kept.status, kept.body.form.fields.slice(0, 2)]).toEqual([
      200,
      [
        expect.objectContaining({ name: 'headline', value: 'Hi', problem: expect.any(String) }),
        expect.objectContaining({ name: 'copies', value: '3' }),
      ],
    ])
    const before = await runs()
    const refused = await post(ada, { form: { formId, values: { tags: 'no list' } } })
    expect([refused.status, refused.body.code]).toEqual([422, 'form_incomplete'])
    expect(refused.body.errors).toEqual([
      { path: 'headline', message: expect.any(String) },
      { path: 'tags', message: expect.stringContaining('a list as JSON') },
    ])
    expect(await runs()).toEqual(before)
    // What was refused has been kept as well.
    const standing = await api.call(ada, 'GET', `/v1/chat/forms/${formId}`)
    expect(standing.body.form.fields[4]).toMatchObject({ name: 'tags', value: 'no list' })
    const notes = await upload(ada, 'notes.txt', 'the whole text')
    const values = { headline: 'Open day', tags: ['a', 'b'] }
    const sent = await post(ada, { form: { formId, values, files: { notes } } })
    expect(sent.status).toBe(200)
    expect(sent.body.message).toMatchObject({ from: 'user', text: submitLabel })
    expect(sent.body.replies.map(({ text }: Shown) => text).join('\n')).toContain('Poster')
    const expected = { headline: 'Open day', copies: 3, framed: true, tags: ['a', 'b'], notes: 'the whole text' }
    expect((await runs()).at(-1)).toEqual(expected)
    await eventually(async () => expect(formIn(await history(ada))).toBeUndefined())
  })

  it('are sent once for a key, also when they are over by then', async () => {
    const { formId } = await begin()
    const form = { formId, values: { headline: 'Once', copies: 1 } }
    const before = (await runs()).length
    const [first, second] = await Promise.all([
      post(ada, { form }, { once: 'f-1' }),
      post(ada, { form }, { once: 'f-1' }),
    ])
    const third = await post(ada, { form }, { once: 'f-1' })
    expect([first.status, second.status, third.status]).toEqual([200, 200, 200])
    expect(third.headers.get('idempotency-replayed')).toBe('true')
    expect(new Set([first, second, third].map(({ body }) => body.message.id)).size).toBe(1)
    expect((await runs()).length).toBe(before + 1)
    const other = await post(ada, { form: { ...form, values: { headline: 'Twice', copies: 1 } } }, { once: 'f-1' })
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused'])
    const again = await post(ada, { form }, { once: 'f-2' })
    expect([again.status, again.body.detail]).toEqual([404, expect.stringContaining('This form is over')])
    expect((await runs()).length).toBe(before + 1)
  })

  it('start one run when two tabs send them at once', async () => {
    const { formId } = await begin()
    const form = { formId, values: { headline: 'Both', copies: 1 } }
    const before = (await runs()).length
    const answers = await Promise.all(['t-1', 't-2'].map((once) => post(ada, { form }, { once })))
    for (const { status } of answers) expect([200, 404]).toContain(status)
    await eventually(async () => expect((await runs()).length).toBe(before + 1))
  })

  it('are over when they are dropped', async () => {
    const { formId } = await begin()
    await post(ada, { text: '/cancel' })
    const statuses = [
      await api.call(ada, 'GET', `/v1/chat/forms/${formId}`),
      await put(ada, formId, { values: { headline: 'Late' } }),
      await post(ada, { form: { formId, values: {} } }),
    ].map(({ status }) => status)
    expect(statuses).toEqual([404, 404, 404])
  })

  it('are their own person’s, and take only that person’s files', async () => {
    const { formId } = await begin()
    const strangers = await upload(bob, 'bobs.txt', 'secret')
    const read = await createApiKey(api.core, ada.accountId, { name: 'r', scopes: ['read'], expiresAtMs: null })
    const asked = {
      nobody: [await put(undefined, formId, {}), await api.call(undefined, 'GET', `/v1/chat/forms/${formId}`)],
      bob: [
        await put(bob, formId, { values: { headline: 'Mine' } }),
        await api.call(bob, 'GET', `/v1/chat/forms/${formId}`),
        await post(bob, { form: { formId, values: {} } }),
      ],
      reader: [await put(read.key, formId, {}), await api.call(read.key, 'GET', `/v1/chat/forms/${formId}`)],
      file: [
        await put(ada, formId, { files: { notes: strangers } }),
        await post(ada, { form: { formId, values: {}, files: { notes: strangers } } }),
      ],
    }
    const statuses = Object.entries(asked).map(([who, answers]) => [who, answers.map(({ status }) => status)])
    expect(Object.fromEntries(statuses)).toEqual({
      nobody: [401, 401],
      bob: [404, 404, 404],
      reader: [403, 403],
      file: [404, 404],
    })
    expect((await api.call(ada, 'GET', `/v1/chat/forms/${formId}`)).body.form.fields[0].value).toBeUndefined()
  })

  it('refuse what they do not know', async () => {
    const { formId } = await begin()
    const refused = [
      await post(ada, { form: { formId, values: [] } }),
      await post(ada, { form: { formId, surprise: 1 } }),
      await post(ada, { form: { formId: 'form_none' }, button: 'tok' }),
      await post(ada, { form: { formId }, files: ['art_1'] }),
      await put(ada, formId, { values: { headline: 'x' }, surprise: 1 }),
    ]
    expect(refused.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400])
    expect((await put(ada, '%00', {})).status).toBe(404)
  })

  it('are answered by words as well', async () => {
    await begin('/run poster headline="By words"')
    const { body } = await post(ada, { text: '4' })
    const form = formIn(body.replies)
    expect(form?.fields.find(({ name }) => name === 'copies')?.value).toBe('4')
    const sent = await post(ada, { form: { formId: form?.formId, values: {} } })
    expect(sent.status).toBe(200)
    expect((await runs()).at(-1)).toMatchObject({ headline: 'By words', copies: 4 })
  })

  it('leave no error behind', () => {
    expect(api.errors).toEqual([])
  })
})
