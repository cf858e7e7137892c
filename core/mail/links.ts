import { createHmac } from 'node:crypto'
import type { Settings } from '../settings.ts'

/**
 * Where a mail of ours leads. The code in it is made from the instance's secret when the mail is sent, and again when it is sent
 * once more: so that no code stands readable in the outbox, before or after.
 */
export type MailLink = { kind: LinkKind; id: string }

/** A mail that did not prove who wrote it; a place in a team. */
export type LinkKind = 'confirm' | 'invitation'

const PATHS: Record<LinkKind, (code: string) => string> = {
  confirm: (code) => `/webhooks/email/confirm?code=${code}`,
  invitation: (code) => `/join/${code}`,
}

/** What a message to be mailed carries in place of its link. */
export const linkHint = ({ kind, id }: MailLink): Record<string, string> => ({ link: `${kind}:${id}` })

/** The link of a message that is mailed with these hints. */
export function linkIn(
  { publicUrl, authSecret }: Pick<Settings, 'publicUrl' | 'authSecret'>,
  hints: Record<string, string> | undefined,
): { kind: LinkKind; url: string; code: string } | undefined {
  const [, kind, id] = /^(confirm|invitation):(.{1,100})$/.exec(hints?.link ?? '') ?? []
  if (kind === undefined || id === undefined) return undefined
  const link = { kind: kind as LinkKind, id }
  const code = codeOfLink(authSecret, link)
  return { kind: link.kind, url: `${publicUrl}${PATHS[link.kind](code)}`, code }
}

/** 22 characters that nobody guesses; the first one is none that would be read as a flag where it is typed. */
export const codeOfLink = (authSecret: string, { kind, id }: MailLink): string =>
  createHmac('sha256', authSecret)
    .update(`mail link ${kind} ${id}`)
    .digest('base64url')
    .slice(0, 22)
    .replace(/^[-_]/, 'x')
