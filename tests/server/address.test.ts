import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { addressOf, counted } from '#server/auth/address.ts'
import type { Env } from '#server/env.ts'

describe('whose address a request is counted for', () => {
  const seen = async (forwarded: string | undefined, trustedProxies: number): Promise<string> => {
    const app = new Hono<Env>()
    app.get('/', (c) => c.text(addressOf(c, trustedProxies)))
    const headers: Record<string, string> = forwarded === undefined ? {} : { 'X-Forwarded-For': forwarded }
    return (await app.request('/', { headers })).text()
  }

  it.each([
    ['nobody trusted', '192.0.2.1', 0, 'unknown'],
    ['one proxy', '192.0.2.1', 1, '192.0.2.1'],
    ['one proxy, and something made up', '203.0.113.9, 192.0.2.1', 1, '192.0.2.1'],
    ['two proxies', '203.0.113.9, 192.0.2.1, 10.0.0.1', 2, '192.0.2.1'],
    ['fewer than there should be', '10.0.0.1', 2, '10.0.0.1'],
    ['no header', undefined, 1, 'unknown'],
    ['what is no address', 'localhost', 1, 'unknown'],
    ['what looks like one', '192.0.2.1:80', 1, 'unknown'],
  ])('%s', async (_, forwarded, trustedProxies, address) => {
    expect(await seen(forwarded, trustedProxies)).toBe(address)
  })

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['2001:db8:1:2:3::', '2001:db8:1:2::/64'],
  ])('%s counts as %s', (address, whose) => {
    expect(counted(address)).toBe(whose)
  })
})
