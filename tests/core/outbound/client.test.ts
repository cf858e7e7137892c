import type { RequestListener } from 'node:http'
import { createConnection } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { buildConnector } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { createOutbound } from '#core/outbound/client.ts'
import { guardedConnect } from '#core/outbound/guarded-connect.ts'
import { type Outbound, OutboundError, type OutboundRequest } from '#core/outbound/outbound.ts'
import { serve } from './listener.ts'

const MIB = 1024 * 1024

describe('the guarded client', () => {
  const ends: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  async function start(answer: RequestListener): Promise<{ url: string; host: string; outbound: Outbound }> {
    const server = await serve(answer)
    const outbound = createOutbound({ allow: [server.host] })
    ends.push(
      () => server.close(),
      () => outbound.close(),
    )
    return { ...server, outbound }
  }
  const get = (url: string, more: Partial<OutboundRequest> = {}): OutboundRequest => ({
    method: 'GET',
    url,
    timeoutMs: 5_000,
    maxResponseBytes: MIB,
    ...more,
  })
  const errorOf = async (work: Promise<unknown>): Promise<OutboundError> => {
    const outcome = await work.catch((error: unknown) => error)
    expect(outcome).toBeInstanceOf(OutboundError)
    return outcome as OutboundError
  }

  it('sends a request as it was asked for and gives any status as an answer', async () => {
    const seen: string[] = []
    const { url, outbound } = await start((request, response) => {
      let body = ''
      request.on('data', (chunk) => (body += chunk))
      request.on('end', () => {
        seen.push(`${request.method} ${request.url} ${request.headers['x-mine']} ${body}`)
        response.writeHead(418, { 'X-Tea': 'yes' }).end('short')
      })
    })
    const headers = { 'X-Mine': 'grün'.slice(0, 2), 'Content-Type': 'text/plain' }
    const answer = await outbound.request(get(`${url}/a?b=c`, { method: 'POST', headers, body: 'hello' }))
    expect(seen).toEqual(['POST /a?b=c gr hello'])
    expect(answer).toMatchObject({ status: 418, isCut: false, headers: { 'x-tea': 'yes' } })
    expect(Buffer.from(answer.body).toString()).toBe('short')
  })

  it('does not let a caller set what belongs to the connection or opens a cloud', async () => {
    const { url, host, outbound } = await start((request, response) => {
      response.end(JSON.stringify(request.headers))
    })
    const headers = {
      Host: 'inside.example',
      CONNECTION: 'upgrade',
      'Transfer-Encoding': 'chunked',
      'Content-Length': '5',
      'Metadata-Flavor': 'Google',
      Metadata: 'true',
      'X-aws-ec2-metadata-token': 'x',
      'Proxy-Authorization': 'x',
      'X-Fine': 'yes',
    }
    const answer = await outbound.request(get(url, { headers }))
    const got = JSON.parse(Buffer.from(answer.body).toString()) as Record<string, string>
    expect(got.host).toBe(host)
    expect(got['x-fine']).toBe('yes')
    expect(Object.keys(got).filter((name) => /metadata|proxy|transfer|content-length|^x-aws/.test(name))).toEqual([])
  })

  it('refuses headers that would become several', async () => {
    const { url, outbound } = await start((_, response) => response.end())
    for (const headers of [
      { 'X-A': 'a\r\nHost: b' },
      { 'X-A': 'a\nb' },
      { 'X A': 'b' },
      { 'X-A\r\nB': 'c' },
      { '': 'x' },
    ]) {
      expect((await errorOf(outbound.request(get(url, { headers })))).kind).toBe('refused')
    }
    expect((await errorOf(outbound.request(get(url, { method: 'GET X' })))).kind).toBe('refused')
  })

  it('follows three redirects, not four', async () => {
    const { url, outbound } = await start((request, response) => {
      const left = Number(request.url?.slice(1))
      if (left === 0) response.end('there')
      else response.writeHead(302, { Location: `/${left - 1}` }).end()
    })
    expect((await outbound.request(get(`${url}/3`))).status).toBe(200)
    expect((await errorOf(outbound.request(get(`${url}/4`)))).kind).toBe('network')
  })

  it('takes credentials along to the same origin only, and a body only where the request is repeated', async () => {
    const other: unknown[] = []
    const elsewhere = await serve((request, response) => {
      other.push([request.method, request.headers.authorization, request.headers.cookie, request.headers['x-api-key']])
      response.end('else')
    })
    ends.push(() => elsewhere.close())
    const own: unknown[] = []
    const server = await serve((request, response) => {
      own.push([request.method, request.url, request.headers.authorization])
      if (request.url === '/same') response.writeHead(307, { Location: '/next' }).end()
      else if (request.url === '/post') response.writeHead(302, { Location: '/next' }).end()
      else if (request.url === '/away') response.writeHead(307, { Location: elsewhere.url }).end()
      else response.end('own')
    })
    const outbound = createOutbound({ allow: [server.host, elsewhere.host] })
    ends.push(
      () => server.close(),
      () => outbound.close(),
    )
    const headers = { Authorization: 'Bearer x', Cookie: 'a=b', 'X-Api-Key': 'k' }
    for (const path of ['/same', '/post', '/away']) {
      await outbound.request(get(server.url + path, { method: 'POST', headers, body: 'x' }))
    }
    expect(own).toEqual([
      ['POST', '/same', 'Bearer x'],
      ['POST', '/next', 'Bearer x'],
      ['POST', '/post', 'Bearer x'],
      ['GET', '/next', 'Bearer x'],
      ['POST', '/away', 'Bearer x'],
    ])
    expect(other).toEqual([['POST', undefined, undefined, undefined]])
  })

  it('cuts an endless answer by size and does not keep it', async () => {
    let sentBytes = 0
    const chunk = Buffer.alloc(MIB, 'x')
    const { url, outbound } = await start((_, response) => {
      response.writeHead(200, { 'Content-Length': String(10 * 1024 * MIB) })
      const more = (): void => {
        while (!response.destroyed && response.write(chunk)) sentBytes += MIB
      }
      response.on('drain', more)
      more()
    })
    globalThis.gc?.()
    const before = process.memoryUsage()
    const answer = await outbound.request(get(url, { maxResponseBytes: 2 * MIB }))
    const after = process.memoryUsage()
    expect(answer).toMatchObject({ isCut: true })
    expect(answer.body.byteLength).toBe(2 * MIB)
    expect(sentBytes).toBeLessThan(64 * MIB)
    expect(after.external + after.arrayBuffers - before.external - before.arrayBuffers).toBeLessThan(40 * MIB)
  })

  it('cuts what was packed small and unpacks large', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * MIB))
    const { url, outbound } = await start((_, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(bomb)
    })
    const before = process.memoryUsage().arrayBuffers
    const answer = await outbound.request(get(url))
    expect(answer.isCut).toBe(true)
    expect(answer.body.byteLength).toBe(MIB)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(30 * MIB)
  })

  it('unpacks what it asked for, and refuses what it did not', async () => {
    const { url, outbound } = await start((request, response) => {
      if (request.url === '/good') response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('packed'))
      else if (request.url === '/broken') response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('not packed')
      else response.writeHead(200, { 'Content-Encoding': 'gzip, gzip' }).end(gzipSync(gzipSync('twice')))
    })
    expect(Buffer.from((await outbound.request(get(`${url}/good`))).body).toString()).toBe('packed')
    expect((await errorOf(outbound.request(get(`${url}/broken`)))).kind).toBe('network')
    expect((await errorOf(outbound.request(get(`${url}/twice`)))).kind).toBe('unknown')
  })

  it.each(['before the headers', 'in the body', 'one byte at a time'])(
    'ends in time when the other side hangs %s',
    async (where) => {
      const { url, outbound } = await start((_, response) => {
        if (where === 'before the headers') return
        response.writeHead(200).write('x')
        if (where === 'one byte at a time') {
          const drip = setInterval(() => response.write('x'), 50)
          response.on('close', () => clearInterval(drip))
        }
      })
      expect((await errorOf(outbound.request(get(url, { timeoutMs: 400 })))).kind).toBe('timeout')
    },
  )

  it('says what kind of failure it was', async () => {
    const { url, outbound } = await start((request, response) => {
      if (request.url === '/reset') request.socket.destroy()
      else response.writeHead(200, { 'Content-Length': '10' }).write('x', () => request.socket.destroy())
    })
    expect((await errorOf(outbound.request(get(`${url}/reset`)))).kind).toBe('network')
    expect((await errorOf(outbound.request(get(`${url}/half`)))).kind).toBe('network')
    const gone = createOutbound({ allow: ['127.0.0.1'] })
    expect((await errorOf(gone.request(get('http://127.0.0.1:1/')))).kind).toBe('network')
    const stopped = AbortSignal.abort()
    expect((await errorOf(outbound.request(get(url, { signal: stopped })))).kind).toBe('aborted')
    await gone.close()
  })

  it('looks once more at where a connection really went, before a byte is sent', async () => {
    const received: Buffer[] = []
    const server = await serve((_, response) => response.end())
    ends.push(() => server.close())
    const port = new URL(server.url).port
    // Whatever it is told, this one connects to the private side: as if the lookup had been lied to.
    const lying = (): buildConnector.connector => (_, callback) => {
      const socket = createConnection(Number(port), '127.0.0.1', () => callback(null, socket))
      socket.on('data', (data) => received.push(data))
    }
    const connect = guardedConnect(lying, { allowed: [], resolve: async () => [] })
    const error = await new Promise<Error | null>((done) => {
      connect({ hostname: 'public.example', protocol: 'http:', port: '80' }, (...[failed]) => done(failed))
    })
    expect(error).toMatchObject({ kind: 'refused' })
  })
})
