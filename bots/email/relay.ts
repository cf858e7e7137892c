import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/core.ts'
import { MAIL_MAX_BYTES } from './read.ts'

const TOLERANCE_MS = 5 * 60_000

export interface Relay {
  secret: string
  clock: Clock
  log: Log
  /** Resolves when the mail is stored. */
  take(raw: Uint8Array): Promise<unknown>
}

/**
 * A mail as a relay brings it: the raw message is the body, `X-Muster-Timestamp` the seconds of now, and
 * `X-Muster-Signature: v1=<hex>` the HMAC-SHA256 over `<timestamp>.<body>`. 200 once it is stored, whatever becomes of it; 401
 * unsigned or old, 413 too large; 500 asks the relay to bring it again.
 */
export async function postedMail(relay: Relay, request: Request): Promise<Response> {
  const bytes = await readUpTo(request, MAIL_MAX_BYTES)
  if (!bytes) return new Response(null, { status: 413 })
  if (!isSigned(request.headers, bytes, relay)) return new Response(null, { status: 401 })
  try {
    await relay.take(bytes)
    return new Response(null, { status: 200 })
  } catch (err) {
    relay.log.error({ err }, 'A mail from the relay could not be stored; it has to bring it again')
    return new Response(null, { status: 500 })
  }
}

function isSigned(headers: Headers, body: Uint8Array, { secret, clock }: Relay): boolean {
  const timestamp = headers.get('x-muster-timestamp') ?? ''
  const given = Buffer.from(headers.get('x-muster-signature') ?? '')
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(clock.nowMs() - Number(timestamp) * 1000) > TOLERANCE_MS) return false
  const right = Buffer.from(`v1=${createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex')}`)
  return given.length === right.length && timingSafeEqual(given, right)
}

const FIRST_BYTES = 64 * 1024

/** Undefined when it is longer; no more than that is ever held, and once where it was said before how much comes. */
async function readUpTo(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  const saidBytes = Number(request.headers.get('content-length') ?? 0)
  if (saidBytes > maxBytes) return undefined
  let bytes = Buffer.allocUnsafe(saidBytes || FIRST_BYTES)
  let sizeBytes = 0
  for await (const chunk of request.body ?? []) {
    const neededBytes = sizeBytes + chunk.byteLength
    if (neededBytes > maxBytes) return undefined
    if (neededBytes > bytes.length) {
      const larger = Buffer.allocUnsafe(Math.min(maxBytes, Math.max(neededBytes, bytes.length * 2)))
      bytes.copy(larger, 0, 0, sizeBytes)
      bytes = larger
    }
    bytes.set(chunk, sizeBytes)
    sizeBytes = neededBytes
  }
  return bytes.subarray(0, sizeBytes)
}
