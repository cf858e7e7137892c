import type { FormDesk } from '#core/chat/sender.ts'
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/core.ts'
import type { MailDesk } from '#core/mail/desk.ts'
import type { KnownMail, Offers } from '#core/mail/mail.ts'
import { isTag } from '#core/mail/marks.ts'
import { nameIn, subjectOf } from './encoded.ts'
import { type Headers, messageIdsIn } from './headers.ts'
import { answersBySubject, unquoted, withoutQuoted, withoutSignature } from './quoted.ts'
import type { ReadMail } from './read.ts'
import { render } from './render.ts'
import type { Resolve } from './resolver.ts'
import { tagsIn } from './tags.ts'
import { readForm, readWords } from './words.ts'

export interface IncomingNeeds {
  desk: MailDesk
  forms: () => FormDesk | undefined
  /** The address of this channel, in lower case and without a tag. */
  own: string
  resolve: Resolve
  /** Domains whose seals are believed (ARC); nobody's when not given. */
  sealers?: readonly string[]
  clock: Clock
  log: Log
}

export interface Known {
  headers: Headers
  read: ReadMail
  address: string
  id: string
  marks: string[]
  accountId: string | undefined
}

/** What somebody whom we know means by it. */
export async function meaning(needs: IncomingNeeds, known: Known): Promise<KnownMail> {
  const { headers, read, address, id, marks, accountId } = known
  const { desk, clock } = needs
  const references = [
    ...new Set([...messageIdsIn(headers.get('references')), ...messageIdsIn(headers.get('in-reply-to'))]),
  ].filter((one) => one !== id)
  const tags = tagsIn(headers, needs.own)
  const threadId = replyTagIn(needs, headers)?.threadId
  const offers = await desk.offers(address, references)
  const isReply = offers !== undefined || (await desk.hasThread(address, references, threadId))
  const subject = subjectOf(headers)
  const isAnswer =
    isReply ||
    threadId !== undefined ||
    answersBySubject(subject) ||
    ['references', 'in-reply-to'].some((name) => headers.get(name) !== undefined)
  const body = isAnswer ? withoutQuoted(read.text, needs.own) : withoutSignature(read.text)
  const form = offers?.formId === undefined ? undefined : await fillForm(needs, address, offers.formId, { body, read })
  const button = pressed(offers, body)
  const said = readWords(subject, body, { isReply })
  const team = tags.find((tag) => !isTag(tag) && /^[a-z0-9][a-z0-9_-]{0,62}$/.test(tag))
  const context = said.context ?? (team === undefined ? undefined : `team:${team}`)
  return {
    accountId,
    address,
    name: nameIn(headers.get('from') ?? ''),
    messageId: id,
    references,
    ...(threadId ? { threadId } : {}),
    subject: subject.replace(/^\s*((re|aw|sv|fwd?|wg)\s*:\s*)+/i, '').trim() || 'Muster',
    text: form || button ? '' : said.text,
    ...(context ? { context } : {}),
    ...(form ? { form: { formId: form } } : button ? { button } : {}),
    marks,
    files: read.files,
    ...(read.problems.length > 0 ? { problems: read.problems } : {}),
    ...(offers ? { replyTo: { messageRef: offers.ref, ...(offers.text ? { text: offers.text } : {}) } } : {}),
    atMs: clock.nowMs(),
  }
}

/** The reply address of ours that a mail was written to, whoever's it is. */
export const replyTagIn = ({ desk, own }: Pick<IncomingNeeds, 'desk' | 'own'>, headers: Headers) =>
  tagsIn(headers, own)
    .map((tag) => desk.readTag(tag))
    .find((found) => found?.kind === 'reply')

/** The first line is what a button of the answered mail is called, and nothing else. */
function pressed(offers: Offers | undefined, body: string): { token: string } | undefined {
  const line = (body.split('\n')[0] ?? '').trim().replace(/[.!]$/, '').toLowerCase()
  const found = offers?.buttons.filter(({ label, says }) => [label, says].some((one) => one?.toLowerCase() === line))
  return found?.length === 1 && found[0] ? { token: found[0].token } : undefined
}

/** Puts what was written behind the names into the form; its id when it is to be sent. */
async function fillForm(
  { forms }: IncomingNeeds,
  address: string,
  formId: string,
  { body, read }: { body: string; read: ReadMail },
): Promise<string | undefined> {
  const person = { channel: 'email' as const, externalId: address }
  const desk = forms()
  const form = await desk?.find(formId, person)
  if (!desk || !form) return undefined
  const names = form.fields.map(({ name }) => name)
  const { text: written } = render([form])
  const own = readForm(body, names, written)
  const values = Object.keys(own).length > 0 ? own : readForm(unquoted(read.text), names, written)
  if (Object.keys(values).length === 0) return undefined
  await desk.fill(formId, person, { values })
  return formId
}
