import ipaddr from 'ipaddr.js'

/**
 * Whether an address belongs to the public internet. By what is allowed, never by what is forbidden: everything with a
 * special meaning (private, loopback, link-local, carrier, documentation, and IPv6 that carries an IPv4 address inside)
 * is not `unicast`. What is no address is not public.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  if (parsed.range() !== 'unicast') return false
  // Outside of this block nothing is handed out, and `::127.0.0.1` passes for an address of its own.
  return parsed.kind() === 'ipv4' || parsed.match(GLOBAL_IPV6)
}

const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3')

/** The host of a URL when it is an address itself, without the brackets of IPv6; undefined for a name. */
export function literalAddress(hostname: string): string | undefined {
  const bare = bareHost(hostname)
  return ipaddr.isValid(bare) ? bare : undefined
}

/** `[::1]` is `::1` to everybody but a URL. */
export const bareHost = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1')
