import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Answer, type Api, createApi, type Person } from './api.ts'

describe.each(DIALECTS)('administration over HTTP, on %s', (dialect) => {
  let api: Api
  let root: Person
  let ada: Person
  let teamId: string
  let runId: string
  beforeAll(async () => {
    api = await createApi(dialect)
    root = await api.person('root', { admin: true })
    ada = await api.person('ada')
    teamId = (await api.call(ada, 'POST', '/v1/teams', { json: { name: '=HYPERLINK("https://evil.example")' } })).body
      .id
    const json = { inputs: { template: 'x', data: {} } }
    runId = (await api.call(ada, 'POST', '/v1/tools/text.template/run', { json })).body.id
    await eventually(async () => {
      expect((await api.call(ada, 'GET', `/v1/runs/${runId}`)).body.status).toBe('succeeded')
    })
  })
  afterAll(async () => {
    expect(api.errors).toEqual([])
    await api.end()
  })

  const ask = (query: string): Promise<Answer> => api.call(root, 'GET', `/v1/admin/${query}`)

  it('sees everybody’s runs, and those of one context', async () => {
    expect((await ask('runs?status=succeeded')).body.items).toMatchObject([{ id: runId, initiator: { handle: 'ada' } }])
    expect((await ask(`runs?context=user/${ada.accountId}`)).body.items).toHaveLength(1)
    expect((await ask(`runs?context=team/${teamId}`)).body.items).toEqual([])
    expect((await ask('runs?context=elsewhere')).status).toBe(400)
  })

  it('has the instance in numbers that fit what there is', async () => {
    const { body } = await ask('metrics')
    expect(body).toMatchObject({ accounts: 2, teams: 1, lastDay: { runs: { succeeded: 1 } }, liveRuns: {} })
    const wallet = (await api.call(ada, 'GET', '/v1/wallet')).body
    const own = (await api.call(root, 'GET', '/v1/wallet')).body
    const cents = (usd: string): number => Math.round(Number(usd) * 1e6)
    expect(cents(body.wallets.balanceUsd)).toBe(cents(wallet.balanceUsd) + cents(own.balanceUsd))
  })

  it('pages through the audit, newest first, and loses and repeats nothing while more happens', async () => {
    const seen: number[] = []
    let cursor = ''
    for (;;) {
      const { body } = await ask(`audit?limit=3${cursor}`)
      seen.push(...body.items.map(({ seq }: { seq: number }) => seq))
      // Whatever is done meanwhile stands before the first page.
      if (seen.length === 3) await api.call(ada, 'POST', '/v1/teams', { json: { name: 'Later' } })
      if (body.nextCursor === null) break
      cursor = `&cursor=${body.nextCursor}`
    }
    expect(seen).toEqual([...new Set(seen)].toSorted((a, b) => b - a))
    const all = (await ask('audit?limit=1000')).body.items.map(({ seq }: { seq: number }) => seq)
    expect(all.filter((seq: number) => seq <= Math.max(...seen))).toEqual(seen)
  })

  it('finds by type, by who did it and in which context', async () => {
    const types = async (query: string): Promise<string[]> =>
      (await ask(`audit?limit=1000&${query}`)).body.items.map(({ type }: { type: string }) => type)
    expect(new Set(await types('type=run.*'))).not.toContain('team.created')
    expect(await types(`type=team.created&actor=${ada.accountId}`)).toContain('team.created')
    expect(await types(`type=team.created&actor=${root.accountId}`)).toEqual([])
    expect(await types(`context=team/${teamId}`)).toContain('team.created')
    expect(await types('to=2001-01-01')).toEqual([])
  })

  it('exports the same: lines of JSON, or CSV in which nothing becomes a formula', async () => {
    const lines = (await ask('audit/export')).text.trimEnd().split('\n')
    const page = (await ask('audit?limit=1000')).body.items
    expect(lines.map((line) => JSON.parse(line))).toEqual(page.toReversed())
    const { text, headers } = await ask(`audit/export?format=csv&context=team/${teamId}`)
    expect(headers.get('content-disposition')).toBe('attachment; filename="audit.csv"')
    expect(text.split('\r\n')[0]).toBe('seq,ts,type,actor,context,subject,details')
    expect(text).toContain('HYPERLINK')
    expect(text).not.toMatch(/(^|,)"?[=+@-]/m)
  })

  it('says what a team has spent this month, and who', async () => {
    const inTeam = { context: `team/${teamId}` }
    expect((await api.call(ada, 'GET', '/v1/usage', inTeam)).body).toMatchObject({
      context: { type: 'team', id: teamId },
      spentUsd: '0.00',
      runs: 0,
      members: [{ handle: 'ada', spentUsd: '0.00' }],
    })
    expect((await api.call(ada, 'GET', '/v1/usage')).body).toMatchObject({ runs: 1, members: [] })
  })

  it('moves several tasks at once, each with its own result, once under one key', async () => {
    const inTeam = { context: `team/${teamId}` }
    const task = async (title: string): Promise<string> =>
      (await api.call(ada, 'POST', '/v1/tasks', { json: { title }, ...inTeam })).body.id
    const ids = [await task('One'), 'tsk_unknown', await task('Two')]
    const json = { action: 'transition', ids, to: 'claimed' }
    const move = () => api.call(ada, 'POST', '/v1/collab/tasks/batch', { json, once: 'move', ...inTeam })
    const results = [
      { id: ids[0], ok: true },
      { id: 'tsk_unknown', ok: false, error: { code: 'not_found' } },
      { id: ids[2], ok: true },
    ]
    expect((await move()).body.results).toMatchObject(results)
    expect((await move()).body.results).toMatchObject(results)
    const edit = { action: 'edit', ids, fields: { priority: 90 } }
    await api.call(ada, 'POST', '/v1/tasks/batch', { json: edit, ...inTeam })
    const { body } = await api.call(ada, 'GET', '/v1/tasks?status=claimed&priority=90', inTeam)
    expect(body.items).toHaveLength(2)
  })
})
