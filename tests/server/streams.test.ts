import { setTimeout as pause } from 'node:timers/promises'
import { type ServerType, serve } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiKey, listApiKeys, revokeApiKey } from '#core/accounts/api-keys.ts'
import { createSession, endSession } from '#core/accounts/sessions.ts'
import type { Models } from '#core/models/model.ts'
import { closeAccount } from '#db/accounts.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Api, createApi, type Person } from './api.ts'

/** A few seconds, on a machine that has other things to do. */
const SOON_MS = 8_000

/** Writes word by word, as models do. */
const slowModels: Models = {
  async ask({ onText }) {
    const words = ['Once ', 'upon ', 'a <b>time</b> ', 'there ', 'was ', 'the end.']
    for (const word of words) {
      onText?.(word)
      await pause(250)
    }
    const usage = { inputTokens: 9, outputTokens: 9, cachedInputTokens: 0, isEstimated: false }
    return { text: words.join(''), toolCalls: [], usage, finish: 'stop', isMock: false }
  },
}

describe.each(DIALECTS)('a stream, over HTTP, on %s', (dialect) => {
  let api: Api
  let server: ServerType
  let url: string

  beforeAll(async () => {
    api = await createApi(dialect, { models: slowModels })
    url = await new Promise((resolve) => {
      server = serve({ fetch: api.app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) =>
        resolve(`http://127.0.0.1:${port}`),
      )
    })
  })
  afterAll(async () => {
    server.close()
    if ('closeAllConnections' in server) server.closeAllConnections()
    await api.end()
  })

  interface Stream {
    status: number
    /** What has come so far. */
    text: () => string
    /** The server has ended it. */
    ended: Promise<'ended'>
    cut(): void
  }

  async function listen(headers: Record<string, string>): Promise<Stream> {
    const cut = new AbortController()
    const answer = await fetch(`${url}/v1/chat/stream`, { headers, signal: cut.signal })
    let text = ''
    const read = async (): Promise<'ended'> => {
      for await (const piece of answer.body ?? []) text += new TextDecoder().decode(piece)
      return 'ended'
    }
    const ended = read()
    ended.catch(() => {})
    return { status: answer.status, text: () => text, ended, cut: () => cut.abort() }
  }

  const byKey = (key: string) => ({ Authorization: `Bearer ${key}` })
  const inTime = ({ ended }: Stream) => Promise.race([ended, pause(SOON_MS, 'still open')])

  async function says(person: Person, word: string): Promise<void> {
    const said = await api.call(person, 'POST', '/v1/chat/messages', { json: { text: word } })
    expect(said.status).toBe(200)
  }

  interface Case {
    headers: Record<string, string>
    end(): Promise<void>
  }
  const CASES: [string, (person: Person) => Promise<Case>][] = [
    [
      'its API key is revoked',
      async ({ accountId }) => {
        const { id, key } = await createApiKey(api.core, accountId, { name: 'own', scopes: [], expiresAtMs: null })
        return { headers: byKey(key), end: () => revokeApiKey(api.core, accountId, id) }
      },
    ],
    [
      'its API key expires',
      async ({ accountId }) => {
        const expiresAtMs = api.core.clock.nowMs() + 1_500
        const { key } = await createApiKey(api.core, accountId, { name: 'short', scopes: [], expiresAtMs })
        return { headers: byKey(key), end: async () => {} }
      },
    ],
    [
      'its session ends',
      async ({ accountId }) => {
        const { token } = await createSession(api.core, accountId, { by: 'test' })
        return { headers: { Cookie: `muster=${token}` }, end: () => endSession(api.core, token) }
      },
    ],
    [
      'its account is closed',
      async ({ accountId, key }) => ({
        headers: byKey(key),
        async end() {
          const nowMs = api.core.clock.nowMs()
          await api.core.db.write(async function close(tx) {
            await closeAccount.run(tx, { id: accountId, handle: `closed-${accountId.slice(-16)}`, nowMs })
          })
        },
      }),
    ],
  ]

  it('shows what a run writes while it writes, to nobody else, and the result as a message', async () => {
    const [writer, other] = [await api.person(`writer-${dialect}`), await api.person(`other-${dialect}`)]
    const [own, others] = [await listen(byKey(writer.key)), await listen(byKey(other.key))]
    await says(writer, '/run llm.generate tell me a story')
    await eventually(() => expect(own.text()).toContain('the end.'))
    await eventually(() => expect(own.text()).toContain('"text":null'))
    const looks = [...own.text().matchAll(/event: live\ndata: (.*)/g)].map(([, json = '']) => JSON.parse(json))
    expect(looks.length).toBeGreaterThan(2)
    expect(looks[0].text).toMatch(/^Once /)
    expect(looks.at(-1).text).toBeNull()
    // Nothing of it has a position: whoever comes back resumes behind the last message.
    expect(own.text()).not.toMatch(/event: live\ndata: .*\nid:/)
    expect(others.text()).not.toContain('Once')
    own.cut()
    others.cut()
    await eventually(async () => {
      const { body } = await api.call(writer, 'GET', '/v1/chat/messages')
      const results = body.items.filter(({ text }: { text: string }) => text.includes('Once upon'))
      expect(results).toHaveLength(1)
    })
  })

  it.each(CASES)(
    'ends within seconds when %s, and is refused from then on',
    async (what, prepare) => {
      const person = await api.person(`p${what.replaceAll(/[^a-z]/gi, '').toLowerCase()}`)
      const { headers, end } = await prepare(person)
      const stream = await listen(headers)
      expect(stream.status).toBe(200)
      await end()
      expect(await inTime(stream)).toBe('ended')
      expect((await listen(headers)).status).toBe(401)
    },
    20_000,
  )

  it('stays open, and tells what is said, while its key is good and others are revoked', async () => {
    const person = await api.person('stays')
    const stream = await listen(byKey(person.key))
    const others = (await listApiKeys(api.core.db, person.accountId)).filter(({ scopes }) => scopes.length > 0)
    for (const { id } of others) await revokeApiKey(api.core, person.accountId, id)
    await pause(5_000)
    await says(person, '/whoami')
    await expect.poll(() => stream.text(), { timeout: SOON_MS }).toContain('/whoami')
    stream.cut()
    await expect(stream.ended).rejects.toThrow()
  }, 20_000)

  it('leaves no error behind', () => {
    expect(api.errors).toEqual([])
  })
})
