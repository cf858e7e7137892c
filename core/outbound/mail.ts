export interface Mail {
  to: string
  subject: string
  /** Plain text, lines separated by \n. */
  text: string
  /** Of mail that may have to be sent again: the same each time, so that who gets it twice can see that it is one. */
  messageId?: string
}

export interface Mailer {
  /** Resolves when the mail server has taken it; rejects with what it said. */
  send(mail: Mail): Promise<void>
}

const TIMEOUT_MS = 15_000
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/**
 * Sends over the operator's mail server: `smtps://user:password@host` encrypted from the start, `smtp://…` as soon as the
 * server offers it. The library is loaded with the first mail.
 */
export function createMailer({ url, from }: { url: string; from: string }): Mailer {
  return {
    async send({ to, subject, text, messageId }) {
      const { createTransport } = await import('nodemailer')
      const { username, hostname } = new URL(url)
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
      } as object)
      try {
        // As an object, an address is one address, whatever is in it.
        await transport.sendMail({
          from,
          to: { name: '', address: to },
          subject,
          text,
          // Nobody's out-of-office note is to answer it.
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
          ...(messageId ? { messageId } : {}),
        })
      } finally {
        transport.close()
      }
    },
  }
}
