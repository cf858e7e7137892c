import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createOutbound } from '#core/outbound/client.ts'
import type { Resolve } from '#core/outbound/guarded-connect.ts'
import { type Outbound, OutboundError } from '#core/outbound/outbound.ts'
import { type Listener, listenPrivately, serve } from './listener.ts'

/** Hosts that lead to loopback, to the neighbours or to a cloud's secrets, written in every way there is. */
const LITERALS = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7f.0.0.1',
  '0x7f.1',
  '0177.0.0.1',
  '0177.0.0.01',
  '017700000001',
  '0x7f.0x0.0x0.0x1',
  '127.0.0.1.',
  '①②⑦.⓪.⓪.①',
  '127。0。0。1',
  '%31%32%37.0.0.1',
  '0.0.0.0',
  '0',
  '0.1.2.3',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '100.64.0.1',
  '169.254.169.254',
  '0xa9fea9fe',
  '2852039166',
  '0251.0376.0251.0376',
  '169.254.170.2',
  '100.100.100.200',
  '192.0.0.192',
  '192.0.2.1',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '[::]',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::127.0.0.1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::ffff:0:127.0.0.1]',
  '[::ffff:169.254.169.254]',
  '[::ffff:8.8.8.8]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b::169.254.169.254]',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::]',
  '[2002:a9fe:a9fe::]',
  '[2001:0:7f00:1::]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[fe80::1]',
  '[fec0::1]',
  '[ff02::1]',
  '[2001:db8::1]',
  '[100::1]',
]

/** What the names of the tests resolve to. */
const NAMES: Record<string, string[]> = {
  localhost: ['127.0.0.1', '::1'],
  'localhost.': ['127.0.0.1'],
  'private.example': ['127.0.0.1'],
  'private6.example': ['::1'],
  '127.0.0.1.nip.example': ['127.0.0.1'],
  'metadata.google.internal': ['169.254.169.254'],
  'mapped.example': ['::ffff:127.0.0.1'],
  'nat64.example': ['64:ff9b::7f00:1'],
  'mixed.example': ['93.184.215.14', '127.0.0.1'],
  'mixed-first.example': ['10.0.0.1', '93.184.215.14'],
  'mixed6.example': ['2606:4700::1111', 'fd00::1'],
  'xn--bcher-kva.example': ['127.0.0.1'],
  'empty.example': [],
}

const TRICKS = (port: number): string[] => [
  `http://example.com@127.0.0.1:${port}/`,
  `http://127.0.0.1:${port}@example.com/`,
  `http://user:pass@private.example:${port}/`,
  `http://example.com:80@127.0.0.1:${port}/`,
  `http://127.0.0.1:${port}#@example.com/`,
  `http://127.0.0.1:${port}\\@example.com/`,
  `http:\\\\127.0.0.1:${port}/`,
  `http:127.0.0.1:${port}/`,
  `http:///127.0.0.1:${port}/`,
  `http://bücher.example:${port}/`,
  `  http://127.0.0.1:${port}/`,
  `http://127.0.0.1:${port + 1}/`,
  `file:///etc/passwd`,
  `file://127.0.0.1:${port}/`,
  `gopher://127.0.0.1:${port}/_GET`,
  `data:text/plain,hello`,
  `unix:/var/run/docker.sock:/info`,
  `http+unix://%2Fvar%2Frun%2Fdocker.sock/info`,
  `ftp://127.0.0.1:${port}/`,
  `ws://127.0.0.1:${port}/`,
  `javascript:alert(1)`,
  `//127.0.0.1:${port}/`,
  '',
]

describe('nothing private is ever reached', () => {
  let listener: Listener
  let outbound: Outbound
  beforeAll(async () => {
    listener = await listenPrivately()
    outbound = createOutbound({ allow: [], resolve, ports: { http: listener.port, https: listener.port } })
  })
  afterAll(async () => {
    await outbound.close()
    await listener.close()
  })

  const resolve: Resolve = async (hostname) =>
    (NAMES[hostname] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

  async function refusalOf(url: string, by: Outbound = outbound): Promise<OutboundError> {
    const outcome = await by
      .request({ method: 'GET', url, timeoutMs: 2_000, maxResponseBytes: 1_000 })
      .catch((error: unknown) => error)
    expect(outcome).toBeInstanceOf(OutboundError)
    return outcome as OutboundError
  }

  describe.each(['http', 'https'])('over %s', (scheme) => {
    it.each([...LITERALS, ...Object.keys(NAMES)])('not by %s', async (host) => {
      expect((await refusalOf(`${scheme}://${host}:${listener.port}/`)).kind).toBe('refused')
      expect(listener.connections()).toBe(0)
    })

    it('not by a redirect of a public server, at any hop', async () => {
      const targets = [
        `${scheme}://127.0.0.1:${listener.port}/`,
        `${scheme}://[::ffff:7f00:1]:${listener.port}/`,
        `${scheme}://private.example:${listener.port}/`,
        `//2130706433:${listener.port}/`,
        `file:///etc/passwd`,
      ]
      for (const [index, target] of targets.entries()) {
        const server = await serve((request, response) => {
          const isLast = request.url === '/2'
          response.writeHead(index % 2 === 0 ? 302 : 307, { Location: isLast ? target : `/${isLast ? '' : '2'}` }).end()
        })
        const through = createOutbound({
          allow: [server.host],
          resolve,
          ports: { http: listener.port, https: listener.port },
        })
        expect((await refusalOf(`${server.url}/1`, through)).kind).toBe('refused')
        await through.close()
        await server.close()
      }
      expect(listener.connections()).toBe(0)
    })
  })

  it('not by any trick of writing', async () => {
    for (const url of TRICKS(listener.port)) expect([url, (await refusalOf(url)).kind]).toEqual([url, 'refused'])
    expect(listener.connections()).toBe(0)
  })

  it('not by a name that is public when it is looked at and private a moment later', async () => {
    let looks = 0
    // Nobody answers at this public address here: what matters is that the second answer is not gone to.
    const flipping: Resolve = async () => [{ address: looks++ % 2 === 0 ? '93.184.215.14' : '127.0.0.1', family: 4 }]
    const ports = { http: listener.port, https: listener.port }
    const through = createOutbound({ allow: [], resolve: flipping, ports })
    const request = { method: 'GET', timeoutMs: 400, maxResponseBytes: 1_000 }
    for (const scheme of ['http', 'https', 'http', 'https']) {
      const url = `${scheme}://flip.example:${listener.port}/`
      await expect(through.request({ ...request, url })).rejects.toThrow(OutboundError)
    }
    expect(listener.connections()).toBe(0)
    await through.close()
  })

  it('does not find out whether something listens: open and closed ports are refused alike', async () => {
    const open = await refusalOf(`http://127.0.0.1:${listener.port}/`)
    await listenPrivately().then((other) => other.close())
    const closed = await refusalOf('http://127.0.0.1:1/')
    expect([open.kind, closed.kind]).toEqual(['refused', 'refused'])
  })

  it('has real listeners behind it: what is allowed gets through', async () => {
    const before = listener.connections()
    for (const allow of [`127.0.0.1:${listener.port}`, '127.0.0.1']) {
      const open = createOutbound({ allow: [allow] })
      const error = await refusalOf(`http://127.0.0.1:${listener.port}/`, open)
      expect(error.kind).toBe('network')
      await open.close()
    }
    expect(listener.connections()).toBe(before + 2)
    const elsewhere = createOutbound({ allow: [`127.0.0.1:${listener.port + 1}`, 'other.example'] })
    expect((await refusalOf(`http://127.0.0.1:${listener.port}/`, elsewhere)).kind).toBe('refused')
    await elsewhere.close()
    expect(listener.connections()).toBe(before + 2)
  })
})
