export interface Mail {
  to: string
  subject: string
  /** Plain text, lines separated by \n. */
  text: string
  /** The same to look at. */
  html?: string
  /** With angle brackets; the same for each try of one mail. Without it the library makes one. */
  messageId?: string
  inReplyTo?: string
  /** Oldest first. */
  references?: string[]
  replyTo?: string
  /** Where it bounces to; the sender's own address when not given. */
  envelopeFrom?: string
  headers?: Record<string, string>
  attachments?: { name: string; mediaType: string; bytes: Uint8Array }[]
}

export interface Mailer {
  /** Resolves when the mail server has taken it; rejects with what it said, or with `MailUnclear`. */
  send(mail: Mail): Promise<void>
}

/** The connection broke while the server was given the mail: it may have it or not. */
export class MailUnclear extends Error {
  override name = 'MailUnclear'
}

const TIMEOUT_MS = 15_000
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/**
 * Sends over the operator's mail server: `smtps://user:password@host` encrypted from the start, `smtp://…` as soon as the
 * server offers it. The library is loaded with the first mail.
 */
export function createMailer({ url, from }: { url: string; from: string }): Mailer {
  return {
    async send(mail) {
      const { createTransport } = await import('nodemailer')
      const { username, hostname } = new URL(url)
      const given = { isBegun: false }
      const transport = createTransport({
        url,
        connectionTimeout: TIMEOUT_MS,
        greetingTimeout: TIMEOUT_MS,
        socketTimeout: TIMEOUT_MS,
        // A password goes over the net encrypted or not at all.
        requireTLS: username !== '' && !LOOPBACK.test(hostname),
        // What somebody typed is text: never a file, never an address to fetch.
        disableFileAccess: true,
        disableUrlAccess: true,
        transactionLog: true,
        logger: listening(given),
      } as object)
      try {
        await transport.sendMail(messageOf(from, mail))
      } catch (error) {
        const { responseCode } = error as { responseCode?: number }
        if (given.isBegun && !responseCode) throw new MailUnclear('The mail server broke off', { cause: error })
        throw error
      } finally {
        transport.close()
      }
    },
  }
}

/** Whether the mail server lets us in; nothing is sent. Throws with why not, without user and password. */
export async function probeMailer({ url }: { url: string }, timeoutMs: number): Promise<void> {
  const { createTransport } = await import('nodemailer')
  const { username, hostname } = new URL(url)
  const transport = createTransport({
    url,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    requireTLS: username !== '' && !LOOPBACK.test(hostname),
  } as object)
  try {
    await transport.verify()
  } catch (error) {
    const { code = 'unknown', responseCode } = (error ?? {}) as { code?: string; responseCode?: number }
    if (code === 'EAUTH') throw new Error('the mail server does not accept the password')
    throw new Error(responseCode ? `the mail server answered ${responseCode}` : `cannot be reached (${code})`)
  } finally {
    transport.close()
  }
}

/** The library does not say how far it got: its log does. Nothing of it is kept. */
function listening(given: { isBegun: boolean }) {
  const hear = (_: unknown, line: unknown): void => {
    if (line === 'DATA') given.isBegun = true
  }
  return { trace: hear, debug: hear, info: hear, warn: hear, error: hear, fatal: hear, level: () => {} }
}

/** Nobody's out-of-office note is to answer it. */
const BY_ITSELF = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' }

function messageOf(from: string, mail: Mail) {
  const {
    to,
    subject,
    text,
    html,
    messageId,
    inReplyTo,
    references,
    replyTo,
    envelopeFrom,
    headers = {},
    attachments,
  } = mail
  return {
    from,
    to: oneAddress(to),
    subject: oneLine(subject),
    text,
    ...(html ? { html } : {}),
    ...(messageId ? { messageId: oneLine(messageId) } : {}),
    ...(inReplyTo ? { inReplyTo: oneLine(inReplyTo) } : {}),
    ...(references && references.length > 0 ? { references: references.map(oneLine) } : {}),
    ...(replyTo ? { replyTo: oneAddress(replyTo) } : {}),
    ...(envelopeFrom ? { envelope: { from: oneAddress(envelopeFrom), to: oneAddress(to) } } : {}),
    headers: Object.fromEntries(
      Object.entries({ ...BY_ITSELF, ...headers }).map(([name, value]) => [name, oneLine(value)]),
    ),
    ...(attachments
      ? {
          attachments: attachments.map(({ name, mediaType, bytes }) => ({
            filename: oneLine(name),
            contentType: oneLine(mediaType),
            content: Buffer.from(bytes),
          })),
        }
      : {}),
  }
}

/** As an object, an address is one address, whatever is in it: a comma makes no second one of it. */
const oneAddress = (address: string) => ({ name: '', address: oneLine(address) })

/** A header ends with its line: what somebody wrote never begins another one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get there
const oneLine = (value: string): string => value.replaceAll(/[\u0000-\u001f\u007f\u0085\u2028\u2029]+/g, ' ').trim()
