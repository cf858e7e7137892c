import { Webhook } from 'standardwebhooks'

/**
 * The headers of Standard Webhooks for a request of ours. With two secrets both signatures are there, so that a receiver
 * may take its time to learn the new one.
 */
export function signatureHeaders(
  secrets: readonly string[],
  { id, nowMs, body }: { id: string; nowMs: number; body: string },
): Record<string, string> {
  const at = new Date(nowMs)
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(nowMs / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  }
}

/** Whether a body came from somebody who knows the secret, not long ago. The library looks at the clock by itself. */
export function isSignedBy(secret: string, body: string, headers: Record<string, string>): boolean {
  try {
    new Webhook(secret).verify(body, headers)
    return true
  } catch {
    return false
  }
}

/** `whsec_` and base64, or any text. */
export function isSecret(text: string): boolean {
  try {
    new Webhook(text)
    return true
  } catch {
    return false
  }
}
