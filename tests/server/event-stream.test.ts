import { connect, type Socket } from 'node:net'
import { type ServerType, serve } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appendEvents } from '#core/events/append.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Api, createApi, type Person } from './api.ts'

/** Far above the second that is promised to them, for a machine that has other things to do. */
const SOON_MS = 8_000

interface Frame {
  id?: string
  event?: string
  data?: string
}

describe.each(DIALECTS)('the stream of events, over HTTP, on %s', (dialect) => {
  let api: Api
  let ada: Person
  let teamId: string
  let server: ServerType
  let port: number
  const sockets = new Set<Socket>()

  beforeAll(async () => {
    api = await createApi(dialect)
    ada = await api.person('ada')
    teamId = (await api.call(ada, 'POST', '/v1/teams', { json: { name: 'Acme' } })).body.id
    port = await new Promise((resolve) => {
      server = serve({ fetch: api.app.fetch, hostname: '127.0.0.1', port: 0 }, (address) => resolve(address.port))
    })
  })
  afterAll(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    if ('closeAllConnections' in server) server.closeAllConnections()
    expect(api.errors).toEqual([])
    await api.end()
  })

  /** A client that reads byte by byte as it likes: what a browser would hide shows here. */
  function listen(who: Person, query = '', headers: Record<string, string> = {}) {
    const socket = connect(port, '127.0.0.1')
    sockets.add(socket)
    const pieces: Buffer[] = []
    let lastBytes = ''
    const ended = new Promise<'ended'>((resolve) => {
      socket.on('close', () => resolve('ended'))
      socket.on('data', (bytes) => {
        pieces.push(bytes)
        lastBytes = (lastBytes + bytes.subarray(-100).toString('latin1')).slice(-100)
        if (lastBytes.endsWith('\r\n0\r\n\r\n')) resolve('ended')
      })
    })
    const text = (): string => Buffer.concat(pieces).toString()
    socket.on('error', () => {})
    const lines = Object.entries({
      Host: 'x',
      Authorization: `Bearer ${who.key}`,
      'X-Execution-Context': `team/${teamId}`,
      ...headers,
    }).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(`GET /v1/collab/events/tail${query} HTTP/1.1\r\n${lines.join('')}\r\n`)
    return {
      socket,
      ended,
      text,
      frames: (): Frame[] =>
        text()
          .slice(text().indexOf('\r\n\r\n') + 4)
          .replaceAll(/\r\n[0-9a-f]+\r\n|^[0-9a-f]+\r\n|\r\n$/g, '')
          .split('\n\n')
          .map((frame) => Object.fromEntries(frame.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)))),
    }
  }

  const open = async (...args: Parameters<typeof listen>) => {
    const stream = listen(...args)
    await eventually(() => expect(stream.text()).toContain('retry: '))
    return stream
  }
  const posted = async (subject: string, type = 'test.said'): Promise<number> => {
    const json = { type, subject }
    return (await api.call(ada, 'POST', '/v1/collab/events', { json, context: `team/${teamId}` })).body.seq
  }
  const subjects = (frames: Frame[]): string[] =>
    frames.flatMap(({ data }) => (data === undefined ? [] : [JSON.parse(data).subject as string]))

  it('gives what comes, with its number as id, and goes on behind the one that was seen last', async () => {
    const stream = await open(ada, '?type=test.*')
    expect(stream.text()).toMatch(/x-accel-buffering: no/i)
    const first = await posted('first')
    await eventually(() => expect(subjects(stream.frames())).toEqual(['first']))
    expect(stream.frames().find(({ data }) => data)?.id).toBe(String(first))
    stream.socket.destroy()
    await posted('second')
    await posted('other', 'unheard')
    const again = await open(ada, '?type=test.*', { 'Last-Event-ID': String(first) })
    await posted('third')
    await eventually(() => expect(subjects(again.frames())).toEqual(['second', 'third']))
    const since = await open(ada, `?type=test.*&since=${first - 1}`)
    await eventually(() => expect(subjects(since.frames())).toEqual(['first', 'second', 'third']))
    for (const { socket } of [again, since]) socket.destroy()
  })

  it('ends at once for whoever is taken out of the team, and is refused from then on', async () => {
    const bob = await api.person('bob')
    const members = `/v1/teams/${teamId}/members`
    await api.call(ada, 'POST', members, { json: { accountId: bob.accountId, role: 'viewer' } })
    const stream = await open(bob)
    await posted('seen')
    await eventually(() => expect(subjects(stream.frames())).toContain('seen'))
    const removed = await api.call(ada, 'DELETE', `${members}/${bob.accountId}`)
    expect(removed.status).toBe(204)
    await posted('unseen')
    const late = new Promise((resolve) => setTimeout(resolve, SOON_MS, 'still open').unref())
    expect(await Promise.race([stream.ended, late])).toBe('ended')
    expect(stream.text()).not.toContain('unseen')
    const refused = listen(bob)
    await eventually(() => expect(refused.text()).toContain('HTTP/1.1 404'))
  })

  it('lets go of a reader that does not read, tells it from where to go on, and others notice nothing', async () => {
    const { nowMs } = api.core.clock
    const slow = await open(ada, '?type=test.big')
    const quick = await open(ada, '?type=test.big')
    slow.socket.pause()
    const filling = 'x'.repeat(12_000)
    const most = 2_000
    for (let n = 0; n < most; n += 100) {
      await api.core.db.write(async function happen(tx) {
        const events = Array.from({ length: 100 }, (_, k) => ({
          type: 'test.big',
          actor: 'system',
          context: `team:${teamId}`,
          subject: `big ${n + k}.`,
          details: { filling },
        }))
        await appendEvents(tx, nowMs(), events)
      })
    }
    const numbersIn = (...texts: string[]): number[] =>
      [...texts.join('').matchAll(/"subject":"big (\d+)\./g)].map(([, n]) => Number(n))
    const all = Array.from({ length: most }, (_, n) => n)
    await eventually(() => expect(quick.socket.bytesRead).toBeGreaterThan(most * filling.length), 30_000)
    // It reads again only when it has been let go of.
    await new Promise((resolve) => setTimeout(resolve, 4_000))
    slow.socket.resume()
    expect(await slow.ended).toBe('ended')
    const resumeFrom = Number(/event: overflow\ndata: \{"resumeFrom":(\d+)\}/.exec(slow.text())?.[1])
    const rest = await open(ada, '?type=test.big', { 'Last-Event-ID': String(resumeFrom) })
    const missing = most - numbersIn(slow.text()).length
    expect(missing).toBeGreaterThan(0)
    await eventually(() => expect(rest.socket.bytesRead).toBeGreaterThan(missing * filling.length), 30_000)
    await eventually(() => expect(numbersIn(slow.text(), rest.text())).toEqual(all))
    await eventually(() => expect(numbersIn(quick.text())).toEqual(all))
    for (const { socket } of [quick, rest]) socket.destroy()
  }, 60_000)
})
