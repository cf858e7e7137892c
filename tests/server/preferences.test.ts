import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Answer, type Api, createApi, type Person } from './api.ts'

describe.each(DIALECTS)('preferences over HTTP, on %s', (dialect) => {
  let api: Api
  let ada: Person
  let bob: Person
  let inTeam: { context: string }
  beforeAll(async () => {
    api = await createApi(dialect)
    ada = await api.person('ada')
    bob = await api.person('bob')
    const team = (await api.call(ada, 'POST', '/v1/teams', { json: { name: 'Acme' } })).body.id
    inTeam = { context: `team/${team}` }
    const json = { accountId: bob.accountId, role: 'member' }
    await api.call(ada, 'POST', `/v1/teams/${team}/members`, { json })
    const usual = { toolDefaults: { 'text.template': { template: 'Team {{ word }}', data: { word: 'Acme' } } } }
    await api.call(ada, 'PUT', `/v1/teams/${team}`, { json: usual })
  })
  afterAll(async () => {
    expect(api.errors).toEqual([])
    await api.end()
  })

  const read = async (who: Person, request = {}): Promise<Answer['body']> =>
    (await api.call(who, 'GET', '/v1/preferences', request)).body
  const write = (who: Person, json: object, request = {}): Promise<Answer> =>
    api.call(who, 'PUT', '/v1/preferences', { json, ...request })

  it('are there before anybody has set any, and are changed one by one', async () => {
    const { notifications, ...others } = await read(ada)
    expect(others).toEqual({ displayName: 'ada', timeZone: 'UTC', confirmAboveUsd: null, toolDefaults: {} })
    const changed = await write(ada, { timeZone: 'Europe/Berlin', confirmAboveUsd: '0.10' })
    expect([changed.status, changed.body]).toEqual([
      200,
      { displayName: 'ada', timeZone: 'Europe/Berlin', confirmAboveUsd: '0.10', toolDefaults: {}, notifications },
    ])
    await write(ada, { displayName: 'Ada L.', confirmAboveUsd: null })
    expect(await read(ada)).toMatchObject({ displayName: 'Ada L.', timeZone: 'Europe/Berlin', confirmAboveUsd: null })
    expect((await api.call(ada, 'GET', '/v1/me')).body).toMatchObject({
      displayName: 'Ada L.',
      timeZone: 'Europe/Berlin',
    })
    expect(await read(bob)).toMatchObject({ displayName: 'bob', timeZone: 'UTC' })
  })

  it('hold for the inputs of tools in their context, over those of the team, and only for oneself', async () => {
    const own = { toolDefaults: { 'text.template': { template: 'Own {{ word }}' } } }
    expect((await write(bob, own, inTeam)).body.toolDefaults).toEqual(own.toolDefaults)
    expect((await read(bob)).toolDefaults).toEqual({})
    expect((await read(ada, inTeam)).toolDefaults).toEqual({})
    const said = async (who: Person): Promise<string> => {
      const inputs = { json: { inputs: {} }, ...inTeam }
      const run = await api.call(who, 'POST', '/v1/tools/text.template/run', inputs)
      return eventually(async () => {
        const { outputs, status, error } = (await api.call(who, 'GET', `/v1/runs/${run.body.id}`)).body
        expect(status, error?.message).toBe('succeeded')
        return outputs.text
      })
    }
    const root = await api.person('root', { admin: true })
    const json = { amountUsd: '1', reason: 'x' }
    const path = `/v1/teams/${inTeam.context.slice('team/'.length)}/economy/credit`
    await api.call(root, 'POST', path, { json, once: 'fund' })
    expect(await said(bob)).toBe('Own Acme')
    expect(await said(ada)).toBe('Team Acme')
    await write(bob, { toolDefaults: { 'text.template': null } }, inTeam)
    expect(await said(bob)).toBe('Team Acme')
  })

  it.each([
    [{ timeZone: 'Mars/Base' }, 'timeZone'],
    [{ confirmAboveUsd: 'much' }, 'confirmAboveUsd'],
    [{ displayName: ' ' }, 'displayName'],
    [{ toolDefaults: { nothing: {} } }, 'toolDefaults.nothing'],
    [{ toolDefaults: { 'text.template': { colour: 'red' } } }, 'toolDefaults.text.template.colour'],
    [{ timeZone: 'UTC', surprise: 1 }, 'surprise'],
  ])('that cannot be are refused by name, and nothing is kept: %j', async (json, path) => {
    const before = await read(ada)
    const { status, body } = await write(ada, json)
    expect([status, body.errors?.[0]?.path]).toEqual([400, path])
    expect(await read(ada)).toEqual(before)
  })

  it('are changed once under a key', async () => {
    const first = await write(bob, { displayName: 'Bob' }, { once: 'k' })
    await write(bob, { displayName: 'Robert' })
    const again = await write(bob, { displayName: 'Bob' }, { once: 'k' })
    expect(again.body).toEqual(first.body)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect((await read(bob)).displayName).toBe('Robert')
    expect((await write(bob, { displayName: 'Else' }, { once: 'k' })).status).toBe(422)
  })
})
