import { createHmac, timingSafeEqual } from 'node:crypto'

const TOLERANCE_MS = 5 * 60_000

/** `v0=<hex>`: HMAC-SHA256 over `v0:<timestamp>:<body>`, as Slack signs its requests. */
const signatureOf = (secret: string, timestamp: string, body: string | Uint8Array): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`

/** True for a request that Slack signed within the last five minutes. Looks at the bytes as they came. */
export function isSigned(headers: Headers, body: Uint8Array, secret: string, nowMs: number): boolean {
  const timestamp = headers.get('x-slack-request-timestamp') ?? ''
  const given = Buffer.from(headers.get('x-slack-signature') ?? '')
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(nowMs - Number(timestamp) * 1000) > TOLERANCE_MS) return false
  const right = Buffer.from(signatureOf(secret, timestamp, body))
  return given.length === right.length && timingSafeEqual(given, right)
}
