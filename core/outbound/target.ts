import { isPublicAddress, literalAddress } from './address.ts'
import { type Allowed, isAllowed } from './allow.ts'
import { OutboundError } from './outbound.ts'

/** What may be called beside public addresses on the usual ports. */
export interface Rules {
  allowed: Allowed
  ports: { http: number; https: number }
}

export const USUAL_PORTS = { http: 80, https: 443 }

/**
 * Reads an address that is to be called and refuses what can be refused before anything is looked up. Names are checked
 * when they are resolved, see guarded-connect.ts.
 */
export function targetOf(text: string, { allowed, ports }: Rules): URL {
  const url = URL.parse(text)
  if (!url) throw refused(`“${shown(text)}” is not a web address.`)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw refused(`Only http and https are called, not ${url.protocol.slice(0, 20)}`)
  if (url.username !== '' || url.password !== '') {
    throw refused('An address with a user or a password in it is not called; put them into a header.')
  }
  const port = portOf(url)
  if (isAllowed(allowed, url.hostname, port)) return url
  if (port !== (url.protocol === 'https:' ? ports.https : ports.http)) {
    throw refused(`Port ${port} of ${url.hostname} is not called: only 80 for http and 443 for https.`)
  }
  const literal = literalAddress(url.hostname)
  if (literal !== undefined && !isPublicAddress(literal)) throw notPublic(url.hostname)
  return url
}

export const portOf = ({ port, protocol }: { port: string; protocol: string }): number =>
  Number(port) || (protocol === 'https:' ? USUAL_PORTS.https : USUAL_PORTS.http)

export const notPublic = (hostname: string): OutboundError =>
  refused(`${hostname} is not a public address, so it is not called. The operator of this instance can allow it.`)

const refused = (message: string): OutboundError => new OutboundError('refused', message)

const SHOWN_MAX_CHARACTERS = 200
const shown = (text: string): string => text.slice(0, SHOWN_MAX_CHARACTERS)
