import { addressIn } from '#bots/email/headers.ts'
import { probeMailbox } from '#bots/email/probe.ts'
import { probeMailer } from '#core/outbound/mail.ts'
import type { Config } from '../../config.ts'
import { attempt, type Check, ok, warn } from './check.ts'

const TIMEOUT_MS = 8_000
const PRIVATE = /(?:^|\.)(?:localhost|local|internal|test|invalid|example)$/

/** Whether mail goes out and comes in, and what would have it answered by nobody. Nothing is sent. */
export async function checkMail({ mail, email, publicUrl }: Config): Promise<Check[]> {
  if (!mail) return []
  const checks: (Check | Promise<Check>)[] = [
    attempt('Mail out', `Is EMAIL_SMTP_URL right, and can this machine reach ${new URL(mail.url).host}?`, async () => {
      await probeMailer(mail, TIMEOUT_MS)
      return ok('Mail out', `${new URL(mail.url).host} takes mail of ${addressIn(mail.from) ?? mail.from}`)
    }),
  ]
  if (!email)
    return Promise.all([...checks, ok('Mail in', 'none is read; EMAIL_IMAP_URL or EMAIL_RELAY_SECRET sets it up')])
  const { imapUrl, relaySecret, trustedSealers = [] } = email
  if (imapUrl) {
    const { host } = new URL(imapUrl)
    checks.push(
      attempt('Mail in', `Is EMAIL_IMAP_URL right, and can this machine reach ${host}?`, async () => {
        const { mails } = await probeMailbox(imapUrl, TIMEOUT_MS)
        return ok('Mail in', `the mailbox on ${host} opens, with ${mails} ${mails === 1 ? 'mail' : 'mails'} in it`)
      }),
    )
  }
  if (relaySecret) checks.push(checkRelay(publicUrl, relaySecret))
  if (trustedSealers.length > 0) checks.push(checkSealers(trustedSealers))
  return Promise.all(checks)
}

/** A secret of one character over and over, or of a word, is guessed: whoever has it brings what mails they like. */
function checkRelay(publicUrl: string, secret: string): Check {
  const url = `${publicUrl}/webhooks/email`
  if (new Set(secret).size < 10) {
    const fix = 'Put 24 or more random characters into EMAIL_RELAY_SECRET: openssl rand -base64 24'
    return warn('Mail relay', 'its secret is easily guessed', fix)
  }
  return ok('Mail relay', `posts to ${url}`)
}

/** Their word is taken for who wrote a mail. */
function checkSealers(sealers: readonly string[]): Check {
  const odd = sealers.filter((domain) => PRIVATE.test(domain))
  const words = `${sealers.join(', ')}: believed when they say who wrote a mail`
  if (odd.length === 0) return ok('Mail sealers', words)
  return warn('Mail sealers', `${odd.join(', ')} cannot have keys that anybody finds`, 'Mend EMAIL_TRUSTED_SEALERS.')
}
