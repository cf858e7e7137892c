import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Api, createApi, type Person } from './api.ts'

const RESTING = {
  jobId: 'resting',
  displayName: 'A long rest',
  description: 'Waits.',
  inputSchema: { type: 'object', properties: {} },
  steps: [{ stepId: 'rest', displayName: 'Rest', wait: { ms: 3_600_000 } }],
  outputs: {},
}

describe.each(DIALECTS)('a run as people look at it, over HTTP on %s', (dialect) => {
  let api: Api
  let ada: Person
  let grace: Person
  let teamId: string
  beforeEach(async () => {
    api = await createApi(dialect)
    ada = await api.person('ada')
    grace = await api.person('grace')
    teamId = (await api.call(ada, 'POST', '/v1/teams', { json: { name: 'Acme' } })).body.id
    const viewer = { accountId: grace.accountId, role: 'viewer' }
    await api.call(ada, 'POST', `/v1/teams/${teamId}/members`, { json: viewer })
  })
  afterEach(async () => {
    expect(api.errors).toEqual([])
    await api.end()
  })

  const inTeam = () => ({ context: `team/${teamId}` })
  const start = async (): Promise<string> => {
    await api.call(ada, 'POST', '/v1/jobs', { json: RESTING, ...inTeam() })
    const { status, body } = await api.call(ada, 'POST', '/v1/jobs/resting/run', { json: { inputs: {} }, ...inTeam() })
    expect([status, body.title]).toEqual([202, 'A long rest'])
    return body.id
  }
  const read = (who: Person, id: string) => api.call(who, 'GET', `/v1/runs/${id}`)
  const once = (id: string, status: string) =>
    eventually(async () => {
      const { body } = await read(ada, id)
      expect(body.status).toBe(status)
      return body
    }, 30_000)

  it('says who started it, what it is called, what it waits for and until when', async () => {
    const id = await start()
    const run = await once(id, 'waiting')
    expect(run).toMatchObject({
      title: 'A long rest',
      initiator: { accountId: ada.accountId, handle: 'ada', channel: 'api' },
      parentRunId: null,
      actions: ['cancel'],
    })
    const [step] = run.steps
    expect(step).toMatchObject({ stepId: 'rest', displayName: 'Rest', childRunId: null, waitsFor: { kind: 'timer' } })
    const leftMs = Date.parse(step.waitsFor.until) - Date.parse(run.startedAt)
    expect(leftMs).toBeGreaterThan(3_000_000)
    const { body } = await api.call(grace, 'GET', '/v1/runs', inTeam())
    expect(body.items).toMatchObject([{ id, initiator: { handle: 'ada' } }])
  })

  it('offers what may be done now, and only to those who may', async () => {
    const id = await start()
    await once(id, 'waiting')
    expect((await read(grace, id)).body.actions).toEqual([])
    expect((await api.call(grace, 'POST', `/v1/runs/${id}/cancel`)).status).toBe(403)
    const asked = await api.call(ada, 'POST', `/v1/runs/${id}/cancel`)
    expect(asked.body).toMatchObject({ id, initiator: { handle: 'ada' } })
    const stopped = await once(id, 'cancelled')
    expect(stopped.actions).toEqual(['retry', 'run_again'])
    expect(stopped.steps[0].waitsFor).toBeNull()
    const log = await api.call(grace, 'GET', `/v1/runs/${id}/events`)
    const who = log.body.items.map((event: { type: string; handle: string | null }) => [event.type, event.handle])
    expect(who).toContainEqual(['run.created', 'ada'])
    expect(who).toContainEqual(['run.cancel_requested', 'ada'])
    expect(who).toContainEqual(['run.cancelled', null])
    expect((await read(await api.person('eve'), id)).status).toBe(404)
  })

  it('leads from a run to those within it and back, and a part is retried with the whole', async () => {
    const inputs = { commits: 'a1b2c3d feat: first' }
    const json = { inputs, variants: 2 }
    const { body } = await api.call(ada, 'POST', '/v1/jobs/release-notes/run', { json })
    const whole = await once(body.id, 'succeeded')
    expect(whole.actions).toEqual(['accept', 'run_again'])
    await api.call(ada, 'POST', `/v1/variants/${whole.variants[1]}/accept`)
    expect((await read(ada, whole.id)).body.actions).toEqual(['run_again'])
    const part = (await read(ada, whole.steps[0].childRunId)).body
    expect([part.parentRunId, part.actions]).toEqual([whole.id, []])
  })
})
