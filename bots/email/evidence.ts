import { domainToASCII } from 'node:url'
import { type ArcData, type ChainNeeds, domainOf, isSignedFor, readChain } from './chain.ts'
import { addressesIn, addressIn, type Headers, messageIdsIn } from './headers.ts'
import { withoutTag } from './loops.ts'
import type { Resolve } from './resolver.ts'
import { isReadOneWay } from './shape.ts'
import type { Evidence, Signature } from './trust.ts'

/** What a mail says stands in these: there once at most, and signed. */
const TELLING = ['from', 'to', 'subject', 'date', 'message-id', 'content-type', 'content-transfer-encoding'] as const

/** All that the judgement takes of a mail, but whether it was seen; and what it will be known by. */
export async function gather(
  raw: Uint8Array,
  headers: Headers,
  { own, ...needs }: ChainNeeds & { own: string },
): Promise<Omit<Evidence, 'wasSeen'> & { marks: string[] }> {
  const fromHeaders = headers.all('from')
  const messageId = messageIdsIn(headers.get('message-id'))[0]
  const dateMs = Date.parse(headers.get('date') ?? '')
  const { results, from, arc } = await verify(raw, needs.resolve)
  const written = fromHeaders[0] === undefined ? undefined : addressIn(fromHeaders[0])
  const isOneSender = fromHeaders.length === 1 && from.length === 1 && written !== undefined && from[0] === written
  const sender = isOneSender ? written : undefined
  const isSigned = (names: ReadonlySet<string>): boolean => isAllSigned(headers, raw, names)
  const sealed = await readChain(arc, sender, isSigned, needs)
  return {
    fromHeaders: fromHeaders.length,
    // Who reads it in another way than the check of signatures does knows no sender at all.
    from: isOneSender ? [written] : [],
    signatures: results
      .filter(({ status }) => status.result !== 'none')
      .map((result) => signatureOf(result, sender, isSigned)),
    chain: sealed,
    doubled: TELLING.filter((name) => headers.all(name).length > 1),
    isForUs: isForUs(headers, own),
    dateMs: Number.isNaN(dateMs) ? undefined : dateMs,
    messageId,
    marks: [
      ...(messageId ? [`id:${messageId}`] : []),
      ...results.flatMap(({ id, status }) => (status.result === 'pass' && id ? [`b:${id}`] : [])),
      ...(sealed?.isWhole && sealed.mark ? [`b:${sealed.mark}`] : []),
    ],
  }
}

type Result = Awaited<ReturnType<typeof verify>>['results'][number]

async function verify(raw: Uint8Array, resolve: Resolve) {
  const { dkimVerify } = await import('mailauth/lib/dkim/verify.js')
  const verified = await dkimVerify(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength), {
    resolver: resolve,
    rejectRsaSha1: true,
  } as object)
  const { results, headerFrom } = verified
  const { arc } = verified as { arc?: ArcData }
  return { results, arc, from: headerFrom.map((address) => address.toLowerCase()) }
}

function signatureOf(
  result: Result,
  sender: string | undefined,
  isSigned: (names: ReadonlySet<string>) => boolean,
): Signature {
  const { status, signingDomain, signingHeaders, canonBodyLengthLimited, expiresAfter } = result
  const signer = domainToASCII(signingDomain ?? '')
  const signed = new Set((signingHeaders?.keys ?? '').toLowerCase().split(/[\s:]+/))
  return {
    // A domain that only tries its signatures out vouches for nothing.
    result: status.testing ? 'testing' : status.result,
    isAligned: Boolean(status.aligned) && sender !== undefined && isSignedFor(domainToASCII(domainOf(sender)), signer),
    isPartial: canonBodyLengthLimited === true || !isSigned(signed),
    expiresAtMs: expiresAfter ? Date.parse(expiresAfter) : undefined,
  }
}

/** How a mail is to be read need not be signed where its body leaves only one way. */
const HOW_TO_READ: ReadonlySet<string> = new Set(['content-type', 'content-transfer-encoding'])

function isAllSigned(headers: Headers, raw: Uint8Array, signed: ReadonlySet<string>): boolean {
  const missing = TELLING.filter((name) => headers.get(name) !== undefined && !signed.has(name))
  return missing.every((name) => HOW_TO_READ.has(name)) && (missing.length === 0 || isReadOneWay(headers, raw))
}

const isForUs = (headers: Headers, own: string): boolean =>
  headers
    .all('to')
    .flatMap(addressesIn)
    .some((address) => withoutTag(address) === own)
