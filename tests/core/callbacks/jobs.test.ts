import { afterEach, describe, expect, it } from 'vitest'
import { checkLedger } from '#core/economy/check.ts'
import { pollTemplate } from '#tests/peers/provider/peer.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createScene, type Scene } from './scene.ts'

const SECRET = `whsec_${Buffer.from('a secret of the provider for tests').toString('base64')}`

describe.each(DIALECTS)('a job at a provider on %s', (dialect) => {
  let scene: Scene
  afterEach(async () => {
    expect((await checkLedger(scene.api.core)).sound).toBe(true)
    expect(scene.api.errors).toEqual([])
    await scene.end()
  })

  const wallet = async () => (await scene.api.call(scene.ada, 'GET', '/v1/wallet')).body
  const money = async () => {
    const { balanceUsd, heldUsd } = await wallet()
    return [balanceUsd, heldUsd]
  }
  const eventsOf = async (id: string): Promise<string[]> =>
    (await scene.api.call(scene.ada, 'GET', `/v1/runs/${id}/events`)).body.items.map(
      (event: { type: string }) => event.type,
    )

  it('waits for the callback, and costs what the provider asks', async () => {
    scene = await createScene(dialect)
    const quote = await scene.api.call(scene.ada, 'POST', '/v1/tools/http.job/quote', {
      json: { inputs: { provider: 'peer' } },
    })
    expect(quote.body).toMatchObject({ estimateUsd: '0.05', maxUsd: '0.05' })
    const id = await scene.start({ prompt: 'a cat' })
    await scene.waiting(id)
    expect(await money()).toEqual(['1.00', '0.05'])
    const job = await scene.job()
    expect(job.params).toEqual({ prompt: 'a cat' })
    expect(job.callbackUrl).toMatch(/^http:\/\/muster\.example\/callbacks\/[\w-]{22}$/)
    expect(scene.peer.seen[0]).toMatchObject({
      'idempotency-key': `${id}:call:1`,
      authorization: 'Bearer peer-key-of-the-test',
      'webhook-id': `${id}:call:1`,
      'webhook-signature': expect.stringMatching(/^v1,/),
    })
    scene.peer.end(job, 'done', { url: 'https://example.com/cat.png' })
    expect(await scene.peer.callBack(job)).toBe(200)
    const run = await scene.ended(id)
    expect(run).toMatchObject({
      status: 'succeeded',
      costUsd: '0.05',
      outputs: { result: { url: 'https://example.com/cat.png' }, providerRunId: 'job-1' },
    })
    expect(await money()).toEqual(['0.95', '0.00'])
    expect(await eventsOf(id)).toEqual(expect.arrayContaining(['step.waiting', 'callback.received', 'step.succeeded']))
  })

  it('takes a callback that is faster than the answer to the submission', async () => {
    scene = await createScene(dialect)
    scene.peer.onSubmit(async (job, answer) => {
      scene.peer.end(job, 'done')
      expect(await scene.peer.callBack(job)).toBe(200)
      answer.ok()
    })
    const run = await scene.ended(await scene.start())
    expect(run).toMatchObject({ status: 'succeeded', costUsd: '0.05', outputs: { providerRunId: 'job-1' } })
    expect(scene.peer.jobs).toMatchObject([{ submissions: 1 }])
  })

  it('counts a job that called back although its submission seemed to fail', async () => {
    scene = await createScene(dialect)
    scene.peer.onSubmit(async (job, answer) => {
      scene.peer.end(job, 'done')
      expect(await scene.peer.callBack(job)).toBe(200)
      answer.hangUp()
    })
    const run = await scene.ended(await scene.start())
    expect(run).toMatchObject({ status: 'succeeded', costUsd: '0.05', outputs: { providerRunId: 'job-1' } })
    expect(scene.peer.jobs).toMatchObject([{ submissions: 1 }])
  })

  it('has one effect however often, in whatever order and at once it is called back', async () => {
    scene = await createScene(dialect)
    const id = await scene.start()
    await scene.waiting(id)
    const job = await scene.job()
    expect(await scene.peer.callBack(job)).toBe(200)
    expect((await scene.run(id)).status).toBe('waiting')
    scene.peer.end(job, 'done', 'first')
    const statuses = await Promise.all(Array.from({ length: 8 }, () => scene.peer.callBack(job)))
    expect(statuses).toEqual(Array(8).fill(200))
    const run = await scene.ended(id)
    expect(run).toMatchObject({ status: 'succeeded', costUsd: '0.05', outputs: { result: 'first' } })
    // The same again, what was true before, and another end.
    expect(await scene.peer.callBack(job)).toBe(200)
    expect(await scene.peer.callBack(job, { status: 'working' })).toBe(200)
    expect(await scene.peer.callBack(job, { output: 'second' })).toBe(409)
    expect(await scene.peer.callBack(job, { status: 'failed' })).toBe(409)
    expect((await scene.run(id)).outputs.result).toBe('first')
    expect((await eventsOf(id)).filter((type) => type === 'callback.received')).toHaveLength(1)
    expect(await money()).toEqual(['0.95', '0.00'])
  })

  it('lets one of two different ends that come at once win', async () => {
    scene = await createScene(dialect)
    const id = await scene.start()
    const job = await scene.job()
    await scene.waiting(id)
    const statuses = await Promise.all(
      ['a', 'b', 'c', 'd'].map((output) => scene.peer.callBack(job, { status: 'done', output })),
    )
    expect(statuses.toSorted()).toEqual([200, 409, 409, 409])
    const run = await scene.ended(id)
    expect(run.outputs.result).toBe(['a', 'b', 'c', 'd'][statuses.indexOf(200)])
  })

  it('does nothing for who only looks, guesses, or sends what is none', async () => {
    scene = await createScene(dialect)
    const id = await scene.start()
    await scene.waiting(id)
    const { callbackUrl } = await scene.job()
    const status = async (url: string, init: RequestInit) => (await scene.api.fetch(url, init)).status
    const done = JSON.stringify({ status: 'done', output: 1 })
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) expect(await status(callbackUrl, { method })).toBe(405)
    for (const token of ['x', 'A'.repeat(22), `${callbackUrl.slice(-22, -1)}!`, 'a%00b', '..%2f..']) {
      const url = `http://muster.example/callbacks/${token}`
      expect(await status(url, { method: 'POST', body: done })).toBe(404)
    }
    const broken = ['', 'no json', '{"status":"done"', '['.repeat(100_000), '"\\ud800"'.slice(0, 3)]
    for (const body of broken) expect(await status(callbackUrl, { method: 'POST', body })).toBe(400)
    expect(await status(callbackUrl, { method: 'POST', body: new Uint8Array([0xff, 0xfe]) })).toBe(400)
    const large = JSON.stringify({ status: 'done', output: 'x'.repeat(1024 * 1024) })
    expect(await status(callbackUrl, { method: 'POST', body: large })).toBe(413)
    for (const body of ['null', '[]', '"done"', '{"status":{"a":1}}', '{"__proto__":{"status":"done"}}']) {
      expect(await status(callbackUrl, { method: 'POST', body })).toBe(200)
    }
    expect((await scene.run(id)).status).toBe('waiting')
    expect(await status(callbackUrl, { method: 'POST', body: done })).toBe(200)
    expect((await scene.ended(id)).status).toBe('succeeded')
  })

  it('takes any text a provider may send, and keeps it', async () => {
    scene = await createScene(dialect)
    const id = await scene.start()
    const job = await scene.job()
    await scene.waiting(id)
    const output = { text: 'NUL \u0000, half \ud83d, <b>&amp;', list: [1, null, true] }
    expect(await scene.peer.callBack(job, { status: 'done', output })).toBe(200)
    expect((await scene.ended(id)).outputs.result).toEqual(output)
  })

  it('fails with what the provider says, and costs nothing then', async () => {
    scene = await createScene(dialect)
    const id = await scene.start()
    const job = await scene.job()
    await scene.waiting(id)
    await scene.peer.callBack(job, { status: 'failed', error: 'out of paint' })
    const run = await scene.ended(id)
    expect(run).toMatchObject({ status: 'failed', costUsd: '0.00' })
    expect(run.steps[0].error).toEqual({ code: 'provider_error', message: 'peer reported “failed”: out of paint.' })
    expect(await money()).toEqual(['1.00', '0.00'])
  })

  it('hands the job in again under the same key and address while the provider is down', async () => {
    scene = await createScene(dialect)
    scene.peer.onSubmit((job, answer) => {
      if (job.submissions === 1) answer.fail(503)
      else if (job.submissions === 2) answer.hangUp()
      else answer.ok()
    })
    const id = await scene.start()
    await eventually(async () => {
      await scene.later(2_000, id)
      expect(scene.peer.jobs[0]?.submissions).toBe(3)
    })
    expect(new Set(scene.peer.seen.map((headers) => headers['idempotency-key'])).size).toBe(1)
    expect(new Set(scene.peer.seen.map((headers) => headers['x-body'])).size).toBe(1)
    await scene.waiting(id)
    await scene.peer.callBack(await scene.job(), { status: 'done' })
    expect(await scene.ended(id)).toMatchObject({ status: 'succeeded', costUsd: '0.05' })
  })

  it('does not insist when the provider refuses', async () => {
    scene = await createScene(dialect)
    scene.peer.onSubmit((_, answer) => answer.fail(422))
    const run = await scene.ended(await scene.start())
    expect(run).toMatchObject({ status: 'failed', costUsd: '0.00', error: { code: 'http_4xx' } })
    const job = await scene.job()
    expect(job.submissions).toBe(1)
    expect(await scene.peer.callBack(job, { status: 'done' })).toBe(410)
  })

  it('stops waiting at the deadline, and refuses what comes after it', async () => {
    scene = await createScene(dialect, () => ({ deadlineMs: 1_500 }))
    const id = await scene.start()
    await scene.waiting(id)
    const run = await scene.ended(id)
    expect(run).toMatchObject({ status: 'failed', costUsd: '0.00', error: { code: 'timeout' } })
    expect(await scene.peer.callBack(await scene.job(), { status: 'done' })).toBe(410)
    expect((await scene.run(id)).status).toBe('failed')
    expect(await money()).toEqual(['1.00', '0.00'])
  })

  it('can be stopped while the provider works', async () => {
    scene = await createScene(dialect)
    const id = await scene.start()
    await scene.waiting(id)
    expect((await scene.api.call(scene.ada, 'POST', `/v1/runs/${id}/cancel`)).status).toBe(202)
    expect(await scene.ended(id)).toMatchObject({ status: 'cancelled', costUsd: '0.00' })
    expect(await scene.peer.callBack(await scene.job(), { status: 'done' })).toBe(410)
    expect(await money()).toEqual(['1.00', '0.00'])
  })

  it('asks by itself when no callback comes, less and less often', async () => {
    scene = await createScene(dialect, (peer) => ({ poll: pollTemplate(peer), deadlineMs: 86_400_000 }))
    const id = await scene.start()
    await scene.waiting(id)
    const job = await scene.job()
    expect(job.polls).toBe(0)
    const polled = (count: number) => eventually(() => expect(job.polls).toBe(count))
    await scene.later(5_000, id)
    await polled(1)
    await scene.later(5_000, id)
    await scene.later(4_000, id)
    expect(job.polls).toBe(1)
    await scene.later(2_000, id)
    await polled(2)
    scene.peer.end(job, 'done', 'polled')
    await scene.later(21_000, id)
    const run = await scene.ended(id)
    expect(run).toMatchObject({ status: 'succeeded', costUsd: '0.05', outputs: { result: 'polled' } })
    // The callback that was late all the time changes nothing, and is no mistake of the provider.
    expect(await scene.peer.callBack(job)).toBe(200)
    expect(await money()).toEqual(['0.95', '0.00'])
  })

  it('takes the end from the first answer when the provider is as fast as that', async () => {
    scene = await createScene(dialect)
    scene.peer.onSubmit((job, answer) => {
      scene.peer.end(job, 'done', 'at once')
      answer.ok({ output: 'at once' })
    })
    const run = await scene.ended(await scene.start())
    expect(run).toMatchObject({ status: 'succeeded', outputs: { result: 'at once', providerRunId: 'job-1' } })
    // A wait ends after it has begun.
    const told = (await eventsOf(run.id)).filter((type) => /^(step|callback)\./.test(type))
    expect(told).toEqual(['step.started', 'step.waiting', 'callback.received', 'step.succeeded'])
  })

  it('believes only signed callbacks when the provider has a secret', async () => {
    scene = await createScene(dialect, () => ({ secret: SECRET }))
    const id = await scene.start()
    await scene.waiting(id)
    const job = await scene.job()
    scene.peer.end(job, 'done')
    const other = `whsec_${Buffer.from('somebody else').toString('base64')}`
    expect(await scene.peer.callBack(job)).toBe(401)
    expect(await scene.peer.callBack(job, {}, other)).toBe(401)
    expect((await scene.run(id)).status).toBe('waiting')
    expect(await scene.peer.callBack(job, {}, SECRET)).toBe(200)
    expect((await scene.ended(id)).status).toBe('succeeded')
  })

  it('is not used without a price, and a wrong name is told', async () => {
    scene = await createScene(dialect, () => ({ price: null }))
    const run = (provider: string) =>
      scene.api.call(scene.ada, 'POST', '/v1/tools/http.job/run', { json: { inputs: { provider } } })
    expect((await run('peer')).body).toMatchObject({ status: 409, code: 'price_unknown' })
    expect((await run('nobody')).body).toMatchObject({ status: 409, code: 'price_unknown' })
    expect(scene.peer.jobs).toEqual([])
  })

  it('waits for many at once in one job, each paid once', async () => {
    scene = await createScene(dialect)
    const source = {
      jobId: 'many',
      displayName: 'Many',
      description: 'One picture for each word.',
      inputSchema: { type: 'object', properties: { words: { type: 'array', items: { type: 'string' } } } },
      steps: [
        {
          stepId: 'draw',
          toolId: 'http.job',
          forEach: { input: 'words' },
          inputMappings: { provider: { value: 'peer' }, params: { value: { a: 1 } } },
        },
      ],
      outputs: { pictures: { step: 'draw', output: 'items' } },
    }
    expect((await scene.api.call(scene.ada, 'POST', '/v1/jobs', { json: source })).status).toBe(201)
    const words = Array.from({ length: 12 }, (_, index) => `w${index}`)
    const started = await scene.api.call(scene.ada, 'POST', '/v1/jobs/many/run', { json: { inputs: { words } } })
    expect(started.body.maxUsd).toBe('0.60')
    await scene.job(11)
    await scene.waiting(started.body.id)
    for (const job of scene.peer.jobs.toReversed()) await scene.peer.callBack(job, { status: 'done', output: job.key })
    const run = await scene.ended(started.body.id)
    expect(run).toMatchObject({ status: 'succeeded', costUsd: '0.60' })
    expect(run.outputs.pictures.map(({ result }: { result: string }) => result)).toEqual(
      words.map((_, index) => `${run.id}:draw[${index}]:1`),
    )
    expect(await money()).toEqual(['0.40', '0.00'])
  })
})
