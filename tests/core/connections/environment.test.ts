import { afterEach, describe, expect, it } from 'vitest'
import { serve } from '#tests/core/outbound/listener.ts'
import { type Api, createApi, type Person } from '#tests/server/api.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { answerLike, type Fault } from './peers.ts'

const SECRETS = { anthropic: 'CANARY-anthropic-0123456789', google: 'CANARY-google-0123456789' }

describe.each(DIALECTS)('connections of the environment on %s', (dialect) => {
  let api: Api
  let ada: Person
  let bob: Person
  let fault: Fault | undefined
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    expect(api.errors).toEqual([])
    await api.end()
    for (const close of closing.splice(0)) await close()
  })

  async function begin(): Promise<void> {
    fault = undefined
    const servers = await Promise.all(
      (['anthropic', 'google'] as const).map(async (provider) => {
        const answer = answerLike(provider, SECRETS[provider], () => fault)
        return { provider, ...(await serve(answer)) }
      }),
    )
    closing.push(...servers.map(({ close }) => close))
    api = await createApi(dialect, {
      settings: {
        outboundAllow: servers.map(({ host }) => host),
        modelConnections: servers.map(({ provider, url }) => ({
          id: `env-${provider}`,
          provider,
          secret: SECRETS[provider],
          baseUrl: provider === 'google' ? `${url}/v1beta` : `${url}/v1`,
        })),
      },
    })
    ada = await api.person('ada', { admin: true })
    bob = await api.person('bob')
  }
  const list = async (who: Person) => (await api.call(who, 'GET', '/v1/connections')).body.items

  it('are listed behind the others for everybody who uses them, and nothing of a secret is', async () => {
    await begin()
    const json = { name: 'mine', provider: 'http', baseUrl: 'https://example.com', secret: 'a-secret-of-mine' }
    expect((await api.call(bob, 'POST', '/v1/connections', { json })).status).toBe(201)
    for (const [who, mayTest] of [
      [ada, true],
      [bob, false],
    ] as const) {
      const items = await list(who)
      expect(items.slice(-2)).toMatchObject(
        ['anthropic', 'google'].map((provider) => ({
          id: `env-${provider}`,
          name: `env-${provider}`,
          provider,
          owner: { type: 'instance', id: null },
          origin: 'environment',
          hint: null,
          lastTest: null,
          createdBy: null,
          createdAt: null,
          mayChange: false,
          mayTest,
        })),
      )
      expect(JSON.stringify(items)).not.toMatch(/CANARY|6789/)
      const one = await api.call(who, 'GET', '/v1/connections/env-google')
      expect(one.body).toMatchObject({ id: 'env-google', origin: 'environment' })
    }
    expect((await list(bob))[0]).toMatchObject({ name: 'mine', origin: 'stored', mayTest: true })
    expect((await api.call(undefined, 'GET', '/v1/connections')).status).toBe(401)
  })

  it('are tested by platform admins, and what is wrong is told without the secret', async () => {
    await begin()
    for (const provider of ['anthropic', 'google'] as const) {
      const path = `/v1/connections/env-${provider}/test`
      fault = undefined
      const well = await api.call(ada, 'POST', path, { json: {} })
      expect(well.body).toMatchObject({ ok: true, provider })
      fault = 'auth_failed'
      const badly = await api.call(ada, 'POST', path, { json: {} })
      expect(badly.body).toMatchObject({ ok: false, error: { code: 'auth_failed' } })
      expect(badly.text).not.toContain('CANARY')
      expect((await api.call(bob, 'POST', path, { json: {} })).status).toBe(403)
    }
    expect((await api.call(bob, 'POST', '/v1/connections/env-openai/test', { json: {} })).status).toBe(404)
    await eventually(async () => {
      const { items } = (await api.call(ada, 'GET', '/v1/admin/audit?type=connection.tested')).body
      expect(
        items.map((one: { subject: string; details: { outcome: string } }) => [one.subject, one.details.outcome]),
      ).toEqual(
        expect.arrayContaining([
          ['env-anthropic', 'ok'],
          ['env-anthropic', 'auth_failed'],
          ['env-google', 'ok'],
          ['env-google', 'auth_failed'],
        ]),
      )
      expect(JSON.stringify(items)).not.toContain('CANARY')
    })
  })

  it('are changed by nobody here, and no other takes their name', async () => {
    await begin()
    const rotate = { json: { secret: 'another-secret-0123' } }
    for (const [who, status] of [
      [ada, 409],
      [bob, 403],
    ] as const) {
      expect((await api.call(who, 'POST', '/v1/connections/env-google/rotate', rotate)).status).toBe(status)
      expect((await api.call(who, 'DELETE', '/v1/connections/env-google')).status).toBe(status)
    }
    const json = { name: 'env-google', provider: 'google', secret: 'another-secret-0123' }
    const taken = await api.call(bob, 'POST', '/v1/connections', { json })
    expect([taken.status, taken.body.detail]).toEqual([409, 'There is a connection env-google here already.'])
    // The name of one that was not given is free.
    const free = await api.call(bob, 'POST', '/v1/connections', { json: { ...json, name: 'env-openai' } })
    expect(free.status).toBe(201)
    expect((await list(bob)).map(({ name }: { name: string }) => name)).toEqual([
      'env-openai',
      'env-anthropic',
      'env-google',
    ])
  })
})
