import { createHmac, timingSafeEqual } from 'node:crypto'
import type { SignatureScheme } from '#db/schema.ts'
import { sha256 } from '../ids.ts'

export const SCHEMES: readonly SignatureScheme[] = ['standard_webhooks', 'github', 'stripe', 'bearer']

/** A request as it came: nothing of it was read yet. Names of headers are in lower case. */
export interface RawRequest {
  bytes: Uint8Array
  headers: Readonly<Record<string, string>>
}

/** Either way: a clock may be ahead as well as behind. */
const TOLERANCE_MS = 300_000

/** What a request says about its own signature. */
interface Claimed {
  /** What stands before the body in what is signed. */
  before: string
  /** Signatures of which one must be the right one, or the secret itself. */
  candidates: string[]
  /** False when the request lacks something, or was signed too long ago. */
  isUsable: boolean
}

/**
 * Whether somebody signed this who knows one of the secrets, and not long ago. Whatever is missing or wrong, the same work is
 * done: how long it takes says nothing about what is right.
 */
export function isSigned(
  scheme: SignatureScheme,
  secrets: readonly string[],
  { bytes, headers }: RawRequest,
  nowMs: number,
): boolean {
  const { before, candidates, isUsable } = READ[scheme](headers, nowMs)
  let isRight = false
  for (const secret of secrets) {
    const mac = createHmac('sha256', keyOf(scheme, secret)).update(before).update(bytes).digest()
    const expected = scheme === 'bearer' ? secret : mac.toString(scheme === 'standard_webhooks' ? 'base64' : 'hex')
    for (const candidate of candidates) isRight = isSame(candidate, expected) || isRight
  }
  return isRight && isUsable
}

/** Of Standard Webhooks the secret is bytes in base64; everywhere else it is the text itself. */
const keyOf = (scheme: SignatureScheme, secret: string): string | Buffer =>
  scheme === 'standard_webhooks' ? Buffer.from(secret.replace(/^whsec_/, ''), 'base64') : secret

/** By their hashes, which are of one length whatever was sent. */
const isSame = (one: string, other: string): boolean =>
  timingSafeEqual(Buffer.from(sha256(one), 'hex'), Buffer.from(sha256(other), 'hex'))

/** More than anybody sends, and few enough to compare them all. */
const CANDIDATES_MAX = 10
/** So that there is something to compare with where nothing was sent. */
const NONE = ['']

const READ: Record<SignatureScheme, (headers: RawRequest['headers'], nowMs: number) => Claimed> = {
  standard_webhooks(headers, nowMs) {
    const id = headers['webhook-id'] ?? ''
    const at = headers['webhook-timestamp'] ?? ''
    const list = (headers['webhook-signature'] ?? '').split(' ').slice(0, CANDIDATES_MAX)
    const candidates = list.filter((one) => one.startsWith('v1,')).map((one) => one.slice('v1,'.length))
    const isUsable = id !== '' && isFresh(at, nowMs) && candidates.length > 0
    return { before: `${id}.${at}.`, candidates: orNone(candidates), isUsable }
  },
  github(headers) {
    const [, mac] = /^sha256=([0-9a-f]{64})$/.exec(headers['x-hub-signature-256'] ?? '') ?? []
    return { before: '', candidates: mac === undefined ? NONE : [mac], isUsable: mac !== undefined }
  },
  stripe(headers, nowMs) {
    const header = headers['stripe-signature'] ?? ''
    // Two headers of one name come as one with a blank between them.
    const parts = header.includes(' ') ? [] : header.split(',').slice(0, CANDIDATES_MAX)
    const valuesOf = (name: string): string[] =>
      parts.filter((one) => one.startsWith(`${name}=`)).map((one) => one.slice(name.length + 1))
    const [at = '', ...more] = valuesOf('t')
    const candidates = valuesOf('v1')
    const isUsable = more.length === 0 && isFresh(at, nowMs) && candidates.length > 0
    return { before: `${at}.`, candidates: orNone(candidates), isUsable }
  },
  bearer(headers) {
    const [, token] = /^Bearer ([\x21-\x7e]+)$/i.exec(headers.authorization ?? '') ?? []
    return { before: '', candidates: token === undefined ? NONE : [token], isUsable: token !== undefined }
  },
}

const orNone = (candidates: string[]): string[] => (candidates.length > 0 ? candidates : NONE)

const isFresh = (seconds: string, nowMs: number): boolean =>
  /^\d{1,12}$/.test(seconds) && Math.abs(nowMs - Number(seconds) * 1000) <= TOLERANCE_MS
