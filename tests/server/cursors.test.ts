import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DIALECTS } from '#tests/support/database.ts'
import { type Api, createApi, type Person } from './api.ts'
import { createScene, type Scene, withRun, withSchedule, withTask } from './rights-scene.ts'

/** What no page has ever given, among it what comes near to it. */
const NONSENSE = ['nonsense', '', '-1', '1e3', '0x10', '1.5', '1.1.1', 'run_', 'run_x', 'sch_1', '9'.repeat(17), '5-x']

describe.each(DIALECTS)('where a list goes on, on %s', (dialect) => {
  let api: Api
  let person: Person
  let scene: Scene
  let lists: string[]

  beforeAll(async () => {
    api = await createApi(dialect)
    const [owner, admin, member, viewer, spare] = await Promise.all(
      ['owner', 'admin', 'member', 'viewer', 'spare'].map((handle) => api.person(handle)),
    )
    if (!owner || !admin || !member || !viewer || !spare) throw new Error('Somebody is missing')
    person = owner
    const platform = await api.person('platform', { admin: true })
    scene = await createScene(api, { owner, admin, member, viewer, stranger: spare, platform }, spare)
    const runId = await withRun(scene)
    const ids: [RegExp, string][] = [
      [/^\/v1\/teams\/:id/, `/v1/teams/${scene.teamId}`],
      [/^\/v1\/runs\/:id/, `/v1/runs/${runId}`],
      [/^\/v1\/schedules\/:id/, `/v1/schedules/${await withSchedule(scene)}`],
      [/^\/v1\/((collab\/)?tasks)\/:id/, `/v1/$1/${await withTask(scene)}`],
      [/^\/v1\/jobs\/:\w+/, '/v1/jobs/hello'],
      [/:accountId/, owner.accountId],
      [/^\/v1\/artifacts$/, `/v1/artifacts?runId=${runId}`],
    ]
    const gets = api.routes.filter(
      ({ method, path }) => method === 'GET' && /^\/v1\/(?!chat\/stream|collab\/events\/tail)/.test(path),
    )
    const paths = gets.map(({ path }) => ids.reduce((filled, [part, id]) => filled.replace(part, id), path))
    lists = []
    for (const path of new Set(paths)) {
      const { status, body } = await api.call(person, 'GET', path, scene.inTeam)
      if (status === 200 && body !== undefined && 'nextCursor' in body) lists.push(path)
    }
  })
  afterAll(() => api.end())

  it('is refused by every list when it is nothing that the list gave, with the name of the parameter', async () => {
    expect(lists.length).toBeGreaterThan(18)
    const taken: string[] = []
    for (const path of lists) {
      for (const cursor of NONSENSE) {
        const url = `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`
        const { status, body } = await api.call(person, 'GET', url, scene.inTeam)
        const names = status === 400 && /\bcursor\b/.test(body.detail) && body.errors[0].path === 'cursor'
        if (!names) taken.push(`${url} → ${status}`)
      }
    }
    expect(taken).toEqual([])
  })

  it('is the nextCursor of the page before', async () => {
    const second = await withRun(scene)
    const page = await api.call(person, 'GET', '/v1/runs?limit=1', scene.inTeam)
    expect(page.body.items[0].id).toBe(second)
    const rest = await api.call(person, 'GET', `/v1/runs?limit=1&cursor=${page.body.nextCursor}`, scene.inTeam)
    expect(rest.status).toBe(200)
    expect(rest.body.items[0].id < second).toBe(true)
    expect(rest.body.nextCursor).toBeNull()
  })
})
