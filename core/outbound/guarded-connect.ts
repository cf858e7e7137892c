import { lookup as systemLookup } from 'node:dns'
import type { LookupFunction, Socket } from 'node:net'
import type { buildConnector } from 'undici'
import { isPublicAddress, literalAddress } from './address.ts'
import { type Allowed, isAllowed } from './allow.ts'
import { OutboundError } from './outbound.ts'
import { notPublic, portOf } from './target.ts'

/** Finds the addresses of a name, all of them. */
export type Resolve = (hostname: string) => Promise<{ address: string; family: number }[]>

/** As the machine resolves names, its hosts file included. */
export const systemResolve: Resolve = (hostname) =>
  new Promise((resolve, reject) => {
    systemLookup(hostname, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)))
  })

/**
 * A connector that reaches public addresses only. Three looks, because each alone has a way around it: at a literal
 * address, which is never resolved; at every address a name has, before one is taken; and at the one the connection was
 * made to. What is resolved here is what is connected to: a name that answers differently the next time changes nothing.
 */
export function guardedConnect(
  plain: (options: { lookup: LookupFunction }) => buildConnector.connector,
  { allowed, resolve }: { allowed: Allowed; resolve: Resolve },
): buildConnector.connector {
  const open = plain({ lookup: lookupWith(resolve, () => true) })
  const guarded = plain({ lookup: lookupWith(resolve, isPublicAddress) })
  return (options, callback) => {
    const { hostname, protocol, port } = options
    if (isAllowed(allowed, hostname, portOf({ port, protocol }))) {
      open(options, callback)
      return
    }
    const literal = literalAddress(hostname)
    if (literal !== undefined && !isPublicAddress(literal)) {
      callback(notPublic(hostname), null)
      return
    }
    guarded(options, (...[error, socket]) => {
      if (error || !socket) callback(error ?? new OutboundError('network', `${hostname} cannot be reached.`), null)
      else if (isPublicPeer(socket)) callback(null, socket)
      else {
        socket.destroy()
        callback(notPublic(hostname), null)
      }
    })
  }
}

const isPublicPeer = ({ remoteAddress }: Socket): boolean =>
  remoteAddress !== undefined && isPublicAddress(remoteAddress.replace(/^::ffff:(?=\d+\.)/i, ''))

/** One bad address among the good ones is enough to refuse: nobody can say which would have been taken. */
function lookupWith(resolve: Resolve, isGood: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const first = addresses[0]
        if (!first || !addresses.every(({ address }) => isGood(address))) callback(notPublic(hostname), '', 0)
        else if (options.all) callback(null, addresses)
        else callback(null, first.address, first.family)
      },
      (error) => callback(error, '', 0),
    )
  }
}
