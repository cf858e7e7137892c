import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkLedger } from '#core/economy/check.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { actorOf, call, createScene, ERAS, type Scene, sayJob, slowJob } from './scene.ts'

describe.each(DIALECTS)('jobs as tools on %s', (dialect) => {
  let scene: Scene
  beforeEach(async () => {
    scene = await createScene(dialect)
  })
  afterEach(async () => {
    expect((await checkLedger(scene.api.core)).sound).toBe(true)
    expect(scene.api.errors).toEqual([])
    await scene.end()
  })

  const runs = async (query = '') => (await scene.api.call(scene.ada, 'GET', `/v1/runs${query}`)).body.items
  const wallet = async () => (await scene.api.call(scene.ada, 'GET', '/v1/wallet')).body

  it.each(ERAS)('lists a job with its own inputs and calls it to its end, %s', async (era) => {
    const client = await scene.connect(scene.ada, { era })
    const { tools } = await client.listTools()
    const tool = tools.find(({ name }) => name === 'release-notes')
    const job = (await scene.api.call(scene.ada, 'GET', '/v1/jobs/release-notes')).body
    expect(tool?.inputSchema).toMatchObject(job.definition.inputSchema)
    expect(tool?.title).toBe(job.displayName)
    expect(tool?.description).toContain(job.description)
    expect(tool?.annotations).toMatchObject({ readOnlyHint: false, destructiveHint: false })
    const { isError, text, body } = await call(client, 'release-notes', { commits: 'a1b2c3d feat: first' })
    expect(isError).toBe(false)
    expect(body).toMatchObject({ status: 'succeeded', costUsd: '0.002', paidBy: 'Personal', next: null })
    expect(body.outputs.notes).toContain('first')
    expect(text).toContain('It cost $0.002, paid by Personal.')
    expect(text).toContain('first')
    const [run] = await runs()
    expect(run).toMatchObject({
      id: body.id,
      initiator: { channel: 'mcp' },
      inputs: { commits: 'a1b2c3d feat: first' },
    })
    expect(await wallet()).toMatchObject({ balanceUsd: '0.998', heldUsd: '0.00' })
  })

  it('says what is wrong with the arguments, and where', async () => {
    const client = await scene.connect(scene.ada)
    const { isError, text } = await call(client, 'release-notes', { title: 7, waitSeconds: 'soon' })
    expect(isError).toBe(true)
    expect(text).toMatch(/^bad_request: .*waitSeconds/)
    const second = await call(client, 'release-notes', { title: 7, other: true })
    expect(second.isError).toBe(true)
    expect(second.text).toMatch(/- commits: .*\n- title: /s)
    expect(await runs()).toEqual([])
  })

  it('makes one run of ten calls at once with one key', async () => {
    const client = await scene.connect(scene.ada)
    const args = { commits: 'a1b2c3d feat: first', idempotencyKey: 'ten' }
    const answers = await Promise.all(Array.from({ length: 10 }, () => call(client, 'release-notes', args)))
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(answers.map(({ body }) => body.status)).toEqual(Array(10).fill('succeeded'))
    expect(await runs()).toHaveLength(1)
    expect((await wallet()).balanceUsd).toBe('0.998')
    const other = await call(client, 'release-notes', { ...args, commits: 'b1b2c3d feat: other' })
    expect(other.text).toMatch(/^idempotency_key_reused/)
  })

  it('answers with the run when it takes longer, and runs.get follows it to its end', async () => {
    await scene.job(actorOf(scene.ada), slowJob('slow', 1_500))
    const client = await scene.connect(scene.ada)
    const { isError, text, body } = await call(client, 'slow', { word: 'late', waitSeconds: 0 })
    expect(isError).toBe(false)
    expect(body.outputs).toBeNull()
    expect(body.next).toContain(body.id)
    expect(text).toContain('runs.get')
    const followed = await call(client, 'runs.get', { runId: body.id, waitSeconds: 30 })
    expect(followed.body).toMatchObject({ status: 'succeeded', outputs: { said: 'late' } })
  })

  it.each(ERAS)('tells how far it is to who asked for it, %s', async (era) => {
    await scene.job(actorOf(scene.ada), slowJob('slow', 500))
    const client = await scene.connect(scene.ada, { era })
    const told: { progress: number; total?: number; message?: string }[] = []
    const { body } = await call(client, 'slow', { word: 'done' }, { onprogress: (at: never) => void told.push(at) })
    expect(body.status).toBe('succeeded')
    expect(told.length).toBeGreaterThan(0)
    expect(told[0]).toMatchObject({ progress: 0, total: 2 })
    expect(told.map(({ progress }) => progress)).toEqual(told.map(({ progress }) => progress).toSorted())
  })

  it('stops the run when the call is cancelled, and gives the rest of the money back', async () => {
    await scene.job(actorOf(scene.ada), slowJob('slow'))
    const client = await scene.connect(scene.ada)
    const stop = new AbortController()
    const called = call(client, 'slow', { word: 'never' }, { signal: stop.signal }).catch((error) => error)
    await eventually(async () => expect((await runs())[0]?.status).toBe('waiting'))
    stop.abort()
    await called
    await eventually(async () => expect((await runs())[0]?.status).toBe('cancelled'))
    expect(await wallet()).toMatchObject({ balanceUsd: '1.00', heldUsd: '0.00' })
  })

  it('stops nothing of anybody’s when the server itself stops', async () => {
    await scene.job(actorOf(scene.ada), slowJob('slow', 2_000))
    const client = await scene.connect(scene.ada)
    const called = call(client, 'slow', { word: 'on' }).catch((error) => error)
    await eventually(async () => expect((await runs())[0]?.status).toBe('waiting'))
    await scene.stopServer()
    expect(await called).toBeInstanceOf(Error)
    await eventually(async () => expect((await runs())[0]?.status).toBe('succeeded'))
  })

  it('leaves the run of who gave a key alone when the connection breaks: they come back', async () => {
    await scene.job(actorOf(scene.ada), slowJob('slow', 3_000))
    const client = await scene.connect(scene.ada)
    const args = { word: 'back', idempotencyKey: 'come-back' }
    const stop = new AbortController()
    const called = call(client, 'slow', args, { signal: stop.signal }).catch((error) => error)
    await eventually(async () => expect((await runs())[0]?.status).toBe('waiting'))
    stop.abort()
    await called
    const again = await call(client, 'slow', args)
    expect(again.body).toMatchObject({ status: 'succeeded', outputs: { said: 'back' } })
    expect(await runs()).toHaveLength(1)
  })

  it('answers at once when only a person can go on, and goes on with their decision', async () => {
    await scene.job(actorOf(scene.ada), sayJob('ask', { review: { kind: 'decide' } }))
    const client = await scene.connect(scene.ada)
    const { body } = await call(client, 'ask', { word: 'may I' })
    expect(body).toMatchObject({ status: 'waiting', outputs: null })
    expect(body.next).toContain('reviews.list')
    const [review] = (await call(client, 'reviews.list', { status: 'open' })).body.items
    expect(review.runId).toBe(body.id)
    const decision = { reviewId: review.id, decision: 'approve' }
    const unseen = await call(client, 'reviews.decide', decision)
    expect(unseen.text).toMatch(/- payloadHash: /)
    const wrong = await call(client, 'reviews.decide', { ...decision, payloadHash: 'of something else' })
    expect(wrong.text).toMatch(/^conflict: /)
    const decided = await call(client, 'reviews.decide', { ...decision, payloadHash: review.payloadHash })
    expect(decided.body).toMatchObject({ status: 'approved', decisions: [{ channel: 'mcp' }] })
    const ended = await call(client, 'runs.get', { runId: body.id, waitSeconds: 20 })
    expect(ended.body).toMatchObject({ status: 'succeeded', outputs: { said: 'may I' } })
  })

  it('lets nobody decide about their own run where the job says so', async () => {
    const bob = await scene.api.person('bob')
    const team = await scene.team(scene.ada, 'Acme', [bob])
    await scene.job(team, sayJob('ask', { review: { kind: 'decide', selfApproval: false } }))
    const context = `team/${team.context.id}`
    const ada = await scene.connect(scene.ada, { context })
    const { body } = await call(ada, 'ask', { word: 'may I' })
    expect(body).toMatchObject({ status: 'waiting', paidBy: 'Team Acme' })
    const [review] = (await call(ada, 'reviews.list', { status: 'open' })).body.items
    const decision = { reviewId: review.id, decision: 'approve', payloadHash: review.payloadHash }
    expect((await call(ada, 'reviews.decide', decision)).text).toMatch(/^forbidden: /)
    const others = await call(await scene.connect(bob), 'reviews.decide', decision)
    expect(others.body.status).toBe('approved')
  })

  it('names the quote when a person is to be asked first, and starts once they agreed', async () => {
    await scene.api.call(scene.ada, 'PUT', '/v1/preferences', { json: { confirmAboveUsd: '0.001' } })
    const client = await scene.connect(scene.ada)
    const quote = await call(client, 'jobs.quote', { jobId: 'release-notes' })
    expect(quote.body).toMatchObject({ maxUsd: '0.002', confirmAboveUsd: '0.001', paidBy: 'Personal' })
    const args = { commits: 'a1b2c3d feat: first' }
    const refused = await call(client, 'release-notes', args)
    expect(refused.isError).toBe(true)
    expect(refused.text).toMatch(/^confirmation_needed: .*\$0\.002.*above \$0\.001/)
    expect(await runs()).toEqual([])
    const less = await call(client, 'release-notes', { ...args, confirmUpToUsd: '0.0015' })
    expect(less.text).toMatch(/^confirmation_needed: .*\$0\.0015 was agreed to/)
    const agreed = await call(client, 'release-notes', { ...args, confirmUpToUsd: '0.002' })
    expect(agreed.body.status).toBe('succeeded')
    const again = await call(client, 'runs.retry', { runId: agreed.body.id, from: 'start' })
    expect(again.text).toMatch(/^confirmation_needed/)
    expect(await runs()).toHaveLength(1)
  })
})
