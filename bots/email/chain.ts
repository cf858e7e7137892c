import { plainOf } from './headers.ts'
import type { Resolve } from './resolver.ts'

/** What those say who passed a mail on and sealed what they saw (ARC, RFC 8617). */
export interface Chain {
  /** All seals are right, and the newest one is of the mail as it came. */
  isWhole: boolean
  /** Each of those who sealed is one that the operator has named. */
  isTrusted: boolean
  /** The first of them saw a right signature of the sender's own domain. */
  sawSender: boolean
  /** Who sealed last did not sign all of it. */
  isPartial: boolean
  expiresAtMs: number | undefined
}

/** As the library has it, and its types do not. */
export interface ArcData {
  chain?: ArcSet[] | false
  lastEntry?: ArcSet & { messageSignature?: MessageSignature }
}

interface ArcSet {
  'arc-seal'?: { parsed?: { d?: { value?: unknown } } }
  'arc-authentication-results'?: { original?: unknown }
}

interface MessageSignature {
  id?: string
  signingHeaders?: { keys?: string }
  canonBodyLengthLimited?: boolean
  expiresAfter?: string
}

export interface ChainNeeds {
  resolve: Resolve
  /** Domains that the operator believes. */
  sealers: readonly string[]
}

/**
 * Reads the chain of a mail, undefined when it has none or nobody is believed. Keys are looked up only when everybody in it is
 * believed: strangers cannot have us ask the world for their sake.
 */
export async function readChain(
  arc: ArcData | undefined,
  sender: string | undefined,
  isSigned: (names: ReadonlySet<string>) => boolean,
  { resolve, sealers }: ChainNeeds,
): Promise<(Chain & { mark: string | undefined }) | undefined> {
  if (!arc?.chain || arc.chain.length === 0 || sealers.length === 0) return undefined
  const seals = arc.chain.map((set) => String(set['arc-seal']?.parsed?.d?.value ?? '').toLowerCase())
  const isTrusted = seals.every((domain) => sealers.includes(domain))
  const [first] = arc.chain
  const signature = arc.lastEntry?.messageSignature
  const signed = new Set((signature?.signingHeaders?.keys ?? '').toLowerCase().split(/[\s:]+/))
  return {
    isTrusted,
    isWhole: isTrusted && (await isWhole(arc, resolve)),
    sawSender: sender !== undefined && sawSenderIn(textOf(first), sender),
    isPartial: signature?.canonBodyLengthLimited === true || !isSigned(signed),
    expiresAtMs: signature?.expiresAfter ? Date.parse(signature.expiresAfter) : undefined,
    mark: signature?.id,
  }
}

async function isWhole(data: ArcData, resolver: Resolve): Promise<boolean> {
  const { arc } = await import('mailauth/lib/arc/index.js')
  const { status } = (await arc(data as never, { resolver } as never)) as { status: { result: string } }
  return status.result === 'pass'
}

export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1)

/**
 * A domain signs for itself and for what stands under it. Not for its parent: whoever has the key of one department, or of a service that
 * sends in a domain's name, would be everybody in it.
 */
export const isSignedFor = (domain: string, signer: string): boolean =>
  signer.includes('.') && (domain === signer || domain.endsWith(`.${signer}`))

const textOf = (set: ArcSet | undefined): string => String(set?.['arc-authentication-results']?.original ?? '')

/**
 * Whether somebody noted down that they saw a right signature of a sender's domain, or of one that it stands under. Read strictly:
 * what senders can have written into it stands in quotes or comments, and both are taken out first.
 */
function sawSenderIn(results: string, sender: string): boolean {
  const domain = domainOf(sender)
  return plainOf(results)
    .split(';')
    .some((part) => {
      if (!/^\s*dkim\s*=\s*pass\b/i.test(part)) return false
      const [, d, i] = /\sheader\.(?:d\s*=\s*([\w.-]+)|i\s*=\s*[^\s@"]*@([\w.-]+))(?=\s|$)/i.exec(part) ?? []
      const signer = (d ?? i ?? '').toLowerCase()
      return isSignedFor(domain, signer)
    })
}
