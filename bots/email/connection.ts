import type { ImapFlow } from 'imapflow'

/** The one box that is read. */
export const INBOX = 'INBOX'
/** Servers end what idles for half an hour. */
const IDLE_MAX_MS = 25 * 60_000

/** A connection to a mailbox that is yet to be opened. The library is loaded with the first. */
export async function connectTo(
  imapUrl: string,
  { timeoutMs, socketTimeoutMs }: { timeoutMs: number; socketTimeoutMs: number },
): Promise<ImapFlow> {
  const { ImapFlow } = await import('imapflow')
  const url = new URL(imapUrl)
  const isSecure = url.protocol === 'imaps:'
  return new ImapFlow({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (isSecure ? 993 : 143),
    secure: isSecure,
    // A password goes over the net encrypted or not at all.
    ...(isSecure || isHere(url.hostname) ? {} : { doSTARTTLS: true }),
    ...(isHere(url.hostname) ? { tls: { rejectUnauthorized: false } } : {}),
    auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
    logger: false,
    disableAutoIdle: true,
    maxIdleTime: IDLE_MAX_MS,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: socketTimeoutMs,
  })
}

const isHere = (hostname: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)

/** Without what may name the user or the password. */
export function reasonOf(error: unknown): string {
  const { code, authenticationFailed } = (error ?? {}) as { code?: unknown; authenticationFailed?: boolean }
  if (authenticationFailed) return 'The mail server does not accept the password.'
  return `The mailbox cannot be reached${typeof code === 'string' ? ` (${code})` : ''}.`
}
