import { bareHost } from './address.ts'

/** A host that the operator opened although it is private, or although the port is not a usual one. */
interface AllowedHost {
  host: string
  /** Undefined: each of its ports. */
  port: number | undefined
}

export type Allowed = readonly AllowedHost[]

const ENTRY = /^(\[[0-9a-f:.]+\]|[^:/@\s[\]]+)(?::(\d{1,5}))?$/i
const PORT_MAX = 65_535

/** Reads `host[:port]`; undefined for what is none. Hosts are compared as URLs write them. */
export function readAllowed(entry: string): AllowedHost | undefined {
  const [, host, digits] = ENTRY.exec(entry) ?? []
  const port = digits === undefined ? undefined : Number(digits)
  if (host === undefined || (port !== undefined && (port === 0 || port > PORT_MAX))) return undefined
  const url = URL.parse(`http://${host}/`)
  return url ? { host: bareHost(url.hostname), port } : undefined
}

export const isAllowed = (allowed: Allowed, host: string, port: number): boolean =>
  allowed.some((one) => one.host === bareHost(host) && (one.port === undefined || one.port === port))
