import { isIP, isIPv4, isIPv6 } from 'node:net'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context } from 'hono'
import type { Env } from '../env.ts'

const UNKNOWN = 'unknown'

/**
 * Whose address it is, for counting. Without trusted proxies it is the connection's, because anybody can write a header;
 * with so many of them it is what the outermost one has written down.
 */
export function addressOf(c: Context<Env>, trustedProxies: number): string {
  const forwarded = c.req.header('x-forwarded-for')
  if (trustedProxies === 0 || forwarded === undefined) return counted(connected(c))
  const written = forwarded.split(',').map((part) => part.trim())
  // Each proxy has added one at the end; what stands before theirs, whoever asked may have made up.
  const address = written.at(-trustedProxies) ?? written[0]
  return counted(address !== undefined && isIP(address) !== 0 ? address : connected(c))
}

function connected(c: Context<Env>): string {
  try {
    return getConnInfo(c).remote.address ?? UNKNOWN
  } catch {
    // Called without a socket, as tests do.
    return UNKNOWN
  }
}

/** Somebody who has one IPv6 address has a whole network of them, and counts once. */
export function counted(address: string): string {
  if (!isIPv6(address)) return address
  const [, mapped = ''] = /^::ffff:([\d.]+)$/i.exec(address) ?? []
  if (isIPv4(mapped)) return mapped
  // As the one way of writing it that URLs have: zeros in front and zones are gone, `::` stands for the longest zeros.
  const [, written = ''] = /^\[(.*)\]$/.exec(new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname) ?? []
  const [front = [], back] = written.split('::').map((part) => part.split(':').filter((group) => group !== ''))
  const zeros = back === undefined ? [] : Array<string>(8 - front.length - back.length).fill('0')
  return `${[...front, ...zeros, ...(back ?? [])].slice(0, 4).join(':')}::/64`
}
