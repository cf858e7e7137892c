import { expect } from 'vitest'
import { runKey } from '#core/runs/card-key.ts'
import type { Dialect } from '#db/db.ts'
import { definitionFor, type Peer, type PeerJob, startProvider } from '#tests/peers/provider/peer.ts'
import { type Api, createApi, type Person } from '#tests/server/api.ts'
import { ShiftedClock } from '#tests/support/chat-world.ts'
import { eventually } from '#tests/support/eventually.ts'

/** Somebody with money, a provider outside, and the program between them. */
export interface Scene {
  api: Api
  ada: Person
  peer: Peer
  clock: ShiftedClock
  /** Starts a job at the provider → the run's id. */
  start(params?: object): Promise<string>
  // biome-ignore lint/suspicious/noExplicitAny: a run as the API shows it
  run(id: string): Promise<any>
  // biome-ignore lint/suspicious/noExplicitAny: a run as the API shows it
  ended(id: string): Promise<any>
  /** When the step waits for the provider. */
  waiting(id: string): Promise<void>
  /** The job that the provider has by then. */
  job(index?: number): Promise<PeerJob>
  /** So much later; pg-boss has a clock of its own, so that the run is put into the queue again. */
  later(ms: number, id: string): Promise<void>
  end(): Promise<void>
}

export async function createScene(dialect: Dialect, provider: (peer: Peer) => object = () => ({})): Promise<Scene> {
  const peer = await startProvider()
  const clock = new ShiftedClock()
  const settings = { outboundAllow: [peer.host], publicUrl: 'http://muster.example' }
  const api = await createApi(dialect, { settings, clock })
  peer.sendThrough((url, init) => api.fetch(url, init))
  const ada = await api.person('ada')
  const stored = await api.call(ada, 'POST', '/v1/providers', { json: definitionFor(peer, provider(peer)) })
  expect(stored.status).toBe(201)
  const run = async (id: string) => (await api.call(ada, 'GET', `/v1/runs/${id}`)).body
  return {
    api,
    ada,
    peer,
    clock,
    run,
    async start(params = {}) {
      const json = { inputs: { provider: 'peer', params } }
      const { status, body } = await api.call(ada, 'POST', '/v1/tools/http.job/run', { json })
      expect([status, body.detail]).toEqual([202, undefined])
      return body.id
    },
    ended: (id) =>
      eventually(async () => {
        const found = await run(id)
        expect(found.finishedAt).not.toBeNull()
        return found
      }),
    waiting: (id) =>
      eventually(async () => {
        expect((await run(id)).status).toBe('waiting')
      }),
    job: (index = 0) =>
      eventually(() => {
        const found = peer.jobs[index]
        if (!found) throw new Error('The provider has no job yet')
        return found
      }),
    async later(ms, id) {
      clock.advance(ms)
      const { db, queue } = api.core
      const item = { kind: 'run', key: runKey(id), runAtMs: clock.nowMs(), fairGroup: 'test' } as const
      await db.write((tx) => queue.enqueue(tx, item))
    },
    async end() {
      await api.end()
      await peer.close()
    },
  }
}
