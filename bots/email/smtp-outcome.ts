import type { SendResult } from '#core/chat/sender.ts'
import { MailUnclear } from '#core/outbound/mail.ts'

interface SmtpError {
  code?: string
  command?: string
  responseCode?: number
  response?: string
}

/** What it means that a mail server did not take a mail; `isNobody` when it says that the address leads nowhere. */
export function outcomeOf(error: unknown, againMs: number): { result: SendResult; isNobody: boolean } {
  const { code = '', command = '', responseCode = 0, response = '' } = (error ?? {}) as SmtpError
  const said = responseCode > 0 ? `The mail server answered ${responseCode}.` : 'The mail server cannot be reached.'
  const result = (value: SendResult, isNobody = false) => ({ result: value, isNobody })
  if (code === 'EAUTH' || responseCode === 530 || responseCode === 535)
    return result({ outcome: 'retry', afterMs: againMs, reason: 'The mail server does not accept the password.' })
  if (responseCode >= 500) {
    const isNobody =
      command.startsWith('RCPT') && (/\b5\.1\.[0-6]\b/.test(response) || [550, 551, 553].includes(responseCode))
    return result({ outcome: 'refused', reason: said }, isNobody)
  }
  if (responseCode >= 400) return result({ outcome: 'retry', afterMs: againMs, reason: said })
  return error instanceof MailUnclear
    ? result({ outcome: 'unclear', reason: 'The mail server broke off while it was given the mail.' })
    : result({ outcome: 'retry', afterMs: againMs, reason: said })
}
