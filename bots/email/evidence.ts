import { addressIn, type Headers, messageIdsIn } from './headers.ts'
import { withoutTag } from './loops.ts'
import type { Resolve } from './resolver.ts'
import type { Evidence, Signature } from './trust.ts'

/** What a mail says stands in these. One that is there must be signed, and there once. */
const TELLING = ['from', 'to', 'subject', 'date', 'message-id', 'content-type', 'content-transfer-encoding'] as const

/** All that the judgement takes of a mail, but whether it was seen; and what it will be known by. */
export async function gather(
  raw: Uint8Array,
  headers: Headers,
  { resolve, own }: { resolve: Resolve; own: string },
): Promise<Omit<Evidence, 'wasSeen'> & { marks: string[] }> {
  const fromHeaders = headers.all('from')
  const messageId = messageIdsIn(headers.get('message-id'))[0]
  const dateMs = Date.parse(headers.get('date') ?? '')
  const { results, from } = await verify(raw, resolve)
  const written = fromHeaders[0] === undefined ? undefined : addressIn(fromHeaders[0])
  const isOneSender = fromHeaders.length === 1 && from.length === 1 && written !== undefined && from[0] === written
  return {
    fromHeaders: fromHeaders.length,
    // Who reads it in another way than the check of signatures does knows no sender at all.
    from: isOneSender ? [written] : [],
    signatures: results.map((result) => signatureOf(result, headers)),
    doubled: TELLING.filter((name) => headers.all(name).length > 1),
    isForUs: isForUs(headers, own),
    dateMs: Number.isNaN(dateMs) ? undefined : dateMs,
    messageId,
    marks: [
      ...(messageId ? [`id:${messageId}`] : []),
      ...results.flatMap(({ id, status }) => (status.result === 'pass' && id ? [`b:${id}`] : [])),
    ],
  }
}

type Result = Awaited<ReturnType<typeof verify>>['results'][number]

async function verify(raw: Uint8Array, resolve: Resolve) {
  const { dkimVerify } = await import('mailauth/lib/dkim/verify.js')
  const { results, headerFrom } = await dkimVerify(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength), {
    resolver: resolve,
    rejectRsaSha1: true,
  } as object)
  return { results, from: headerFrom.map((address) => address.toLowerCase()) }
}

function signatureOf(result: Result, headers: Headers): Signature {
  const { status, signingHeaders, canonBodyLengthLimited, expiresAfter } = result
  const signed = new Set((signingHeaders?.keys ?? '').toLowerCase().split(/[\s:]+/))
  const isWhole = TELLING.every((name) => headers.get(name) === undefined || signed.has(name))
  return {
    // A domain that only tries its signatures out vouches for nothing.
    result: status.testing ? 'testing' : status.result,
    isAligned: Boolean(status.aligned),
    isPartial: canonBodyLengthLimited === true || !isWhole,
    expiresAtMs: expiresAfter ? Date.parse(expiresAfter) : undefined,
  }
}

const isForUs = (headers: Headers, own: string): boolean =>
  headers
    .all('to')
    .flatMap((value) => value.split(','))
    .some((one) => withoutTag(addressIn(one.trim()) ?? '') === own)
