import { afterEach, describe, expect, it } from 'vitest'
import { createScene, type Scene } from '#tests/core/callbacks/scene.ts'
import { definitionFor, pollTemplate } from '#tests/peers/provider/peer.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'

describe.each(DIALECTS)('a job at a provider with a connection on %s', (dialect) => {
  let scene: Scene
  afterEach(async () => {
    expect(scene.api.errors).toEqual([])
    await scene.end()
  })

  it('goes there with the key as it is by then, and without one that is gone', async () => {
    scene = await createScene(dialect)
    const { api, ada, peer } = scene
    const ask = (method: string, path: string, json: object) => api.call(ada, method, path, { json })
    const studio = { name: 'studio', provider: 'http', secret: 'the-first-key-of-it', baseUrl: peer.url }
    expect((await ask('POST', '/v1/connections', studio)).status).toBe(201)
    const poll = pollTemplate(peer)
    const own = definitionFor(peer, { connection: 'studio', poll, deadlineMs: 86_400_000 })
    const elsewhere = await ask('PUT', '/v1/providers/peer', {
      ...own,
      poll: { ...poll, url: 'https://other.example/{{ providerRunId }}' },
    })
    expect([elsewhere.status, elsewhere.body.errors[0].path]).toEqual([400, 'poll.url'])
    expect((await ask('PUT', '/v1/providers/peer', own)).status).toBe(200)
    const id = await scene.start()
    await scene.waiting(id)
    const job = await scene.job()
    // In place of what the provider's own header says.
    expect(peer.seen[0]?.authorization).toBe('Bearer the-first-key-of-it')
    await ask('POST', '/v1/connections/studio/rotate', { secret: 'the-second-key-of-it' })
    await scene.later(5_000, id)
    await eventually(() => expect(job.askedBy).toEqual(['Bearer the-second-key-of-it']))
    await api.call(ada, 'DELETE', '/v1/connections/studio')
    await scene.later(11_000, id)
    // Nothing is asked without it, and the job still ends as the provider says.
    peer.end(job, 'done', 'made')
    expect(await peer.callBack(job)).toBe(200)
    expect(await scene.ended(id)).toMatchObject({ status: 'succeeded' })
    expect(job.askedBy).toHaveLength(1)
    const after = await scene.ended(await scene.start())
    expect(after.error).toMatchObject({ code: 'bad_input', message: expect.stringContaining('no connection studio') })
    expect(peer.jobs).toHaveLength(1)
  })
})
