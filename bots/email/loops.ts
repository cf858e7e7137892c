import { isOfOurKind } from '#core/mail/marks.ts'
import { type Headers, messageIdsIn } from './headers.ts'

/** Mailboxes that no person writes from. */
const NOBODY = /^(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)([+.-].*)?@/i

/**
 * Why a mail was written by a machine, so that it is neither obeyed nor answered; undefined for a person's. What counts is the
 * value of `Auto-Submitted`, not that it is there.
 */
export function automatic(headers: Headers, from: string, own: string): string | undefined {
  const submitted = headers.get('auto-submitted')?.split(';')[0]?.trim().toLowerCase()
  if (submitted && submitted !== 'no') return 'a machine sent it (Auto-Submitted)'
  if (/^multipart\/report\b/i.test(headers.get('content-type') ?? '')) return 'it is a report'
  if (headers.get('return-path')?.replaceAll(/\s/g, '') === '<>') return 'it has no return path'
  const precedence = headers.get('precedence')?.trim().toLowerCase()
  if (precedence && /^(bulk|junk|list|auto_reply)$/.test(precedence)) return `its precedence is ${precedence}`
  for (const name of ['list-id', 'x-autoreply', 'x-autorespond', 'x-auto-response-suppress'])
    if (headers.get(name) !== undefined) return `it has ${name}`
  // Gateways on the way take the other marks off; another instance that answers ours would be answered again.
  if (messageIdsIn(headers.get('message-id')).some(isOfOurKind)) return 'another one of this kind sent it'
  if (from === own || withoutTag(from) === own) return 'it comes from this address itself'
  if (NOBODY.test(from)) return 'nobody reads where it comes from'
  return undefined
}

export const withoutTag = (address: string): string => address.replace(/\+[^@]*@/, '@')

/** What we write onto ours: it answers somebody, or it begins by itself. */
export const ownMarks = (isAnswer: boolean): Record<string, string> => ({
  'Auto-Submitted': isAnswer ? 'auto-replied' : 'auto-generated',
  'X-Auto-Response-Suppress': 'All',
})
