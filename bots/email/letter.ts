import type { MailLink } from '#core/mail/links.ts'
import { documentOf, linkHtml, paragraph } from './html.ts'
import { escaped } from './html-text.ts'
import type { Rendered } from './render.ts'

/** What stands in a mail around its message. */
export interface Around {
  /** It may have been sent before. */
  isMaybeDuplicate: boolean
  /** Files that were too large for a mail. */
  left: readonly string[]
  /** Files that are attached, for a message that says nothing else. */
  attached: readonly string[]
  link?: { kind: MailLink['kind']; url: string; code: string } | undefined
  /** Whether somebody reads what is written to this address. */
  isRead: boolean
  /** How to have no more mails like this. */
  unsubscribe?: { url: string; titles: readonly string[] } | undefined
}

const LABELS: Record<MailLink['kind'], string> = {
  confirm: 'See what would be done',
  invitation: 'Look at the invitation',
}

/** Text and HTML of a mail: the same words in the same order. */
export function letterOf(
  { text, html }: Pick<Rendered, 'text' | 'html'>,
  around: Around,
): { text: string; html: string } {
  const { isMaybeDuplicate, left, attached, link, isRead, unsubscribe } = around
  const first = isMaybeDuplicate ? '(This may be a duplicate of a mail that you have.)' : ''
  const instead = text === '' ? attached.map((name) => `Attached: ${name}`).join('\n') : ''
  const too = left.length > 0 ? `Too large for a mail, and in the console: ${left.join(', ')}` : ''
  const more =
    isRead && link?.kind === 'invitation' ? `Or write a mail to this address with the subject: /join ${link.code}` : ''
  const told = unsubscribe ? `You get this mail because of: ${unsubscribe.titles.join(', ')}.` : ''
  const words = [
    first,
    text || instead,
    link ? `${LABELS[link.kind]}: ${link.url}` : '',
    more,
    too,
    unsubscribe ? `-- \n${told}\nNot by mail any more: ${unsubscribe.url}` : '',
  ]
  const body = [
    paragraph(first),
    html || paragraph(instead),
    link ? paragraphOf(linkHtml({ label: LABELS[link.kind], url: link.url })) : '',
    paragraph(more),
    paragraph(too),
  ]
  const footer = unsubscribe
    ? `${escaped(told)} <a href="${escaped(unsubscribe.url)}" style="color:#667085">Not by mail any more</a>`
    : ''
  return { text: `${words.filter(Boolean).join('\n\n')}\n`, html: documentOf(body.join(''), footer) }
}

const paragraphOf = (html: string): string => `<div style="margin:0 0 16px">${html}</div>`

/** With which readers of mail offer it themselves, by one click that needs no sign-in (RFC 8058). */
export const unsubscribeHeaders = (unsubscribe: { url: string } | undefined): Record<string, string> =>
  unsubscribe
    ? { 'List-Unsubscribe': `<${unsubscribe.url}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }
    : {}
