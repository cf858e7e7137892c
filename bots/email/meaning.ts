import type { FormPart } from '#core/chat/message.ts'
import type { FormDesk } from '#core/chat/sender.ts'
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/core.ts'
import { cut } from '#core/cut.ts'
import type { MailDesk } from '#core/mail/desk.ts'
import type { KnownMail, MailFile, Offers } from '#core/mail/mail.ts'
import { isTag } from '#core/mail/marks.ts'
import { nameIn, subjectOf } from './encoded.ts'
import { type Headers, messageIdsIn } from './headers.ts'
import { answersBySubject, bareSubject, unquoted, withoutQuoted, withoutSignature } from './quoted.ts'
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
  /** It proves who wrote it; else nothing may come of it yet, not even words in a form. */
  isProven: boolean
}

/** As much of it is shown to whoever is asked whether it is theirs. */
const WRITTEN_MAX = 4_000

/** What somebody whom we know means by it. */
export async function meaning(needs: IncomingNeeds, known: Known): Promise<KnownMail> {
  const { headers, read, address, id, marks, accountId, isProven } = known
  const { desk, clock } = needs
  const references = [
    ...new Set([...messageIdsIn(headers.get('references')), ...messageIdsIn(headers.get('in-reply-to'))]),
  ].filter((one) => one !== id)
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
  const button = pressed(offers, body)
  // What somebody else has begun has somebody else's words for its subject.
  const title = isAnswer && !isReply ? '' : subject
  const said = readWords(title, body, { isReply, hasFiles: read.files.length > 0 })
  // A file alone is an answer as well, unless the words with it say something else.
  const isFile = read.files.length > 0 && !button && !said.text.startsWith('/')
  const given = { body, read, isProven, isFile }
  const form = offers?.formId === undefined ? undefined : await fillForm(needs, address, offers.formId, given)
  const team = tagsIn(headers, needs.own, ['to']).find((tag) => !isTag(tag) && /^[a-z0-9][a-z0-9_-]{0,62}$/.test(tag))
  const context = said.context ?? (team === undefined ? undefined : `team:${team}`)
  return {
    accountId,
    address,
    name: nameIn(headers.get('from') ?? ''),
    messageId: id,
    references,
    ...(threadId ? { threadId } : {}),
    subject: bareSubject(subject) || 'Muster',
    text: form || button ? '' : said.text,
    ...(context ? { context } : {}),
    ...(form ? { form } : button ? { button } : {}),
    ...(form || button ? { written: cut(body, WRITTEN_MAX) } : {}),
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

/**
 * Puts what was written behind the names into the form, which is to be sent then. What may not be theirs goes into it when they have
 * said that it is.
 */
async function fillForm(
  { forms }: IncomingNeeds,
  address: string,
  formId: string,
  { body, read, isProven, isFile }: { body: string; read: ReadMail; isProven: boolean; isFile: boolean },
): Promise<KnownMail['form']> {
  const person = { channel: 'email' as const, externalId: address }
  const desk = forms()
  const form = await desk?.find(formId, person)
  if (!desk || !form) return undefined
  const names = form.fields.map(({ name }) => name)
  const { text: written } = render([form])
  const own = readForm(body, names, written)
  const values = Object.keys(own).length > 0 ? own : readForm(unquoted(read.text), names, written)
  if (Object.keys(values).length === 0 && !isFile) return undefined
  const all = { ...values, ...fileFor(form, values, read) }
  if (!isProven) return { formId, values: all }
  await desk.fill(formId, person, { values: all })
  return { formId }
}

const TEXT_FILE_MAX_BYTES = 1024 * 1024

/**
 * The text of the file that came with the answers, for the field that asks for one, else for a text that is not there yet. The
 * file itself is kept later, with the mail. What is not taken is said.
 */
function fileFor(
  { fields }: FormPart,
  values: Record<string, string>,
  { files, problems }: ReadMail,
): Record<string, string> {
  const [file, another] = files
  if (!file) return {}
  const open = fields.filter(({ name }) => !Object.hasOwn(values, name))
  const empty = open.filter(({ value, problem }) => value === undefined || problem !== undefined)
  const field =
    open.find(({ kind }) => kind === 'file') ??
    empty.find(({ takesFile }) => takesFile) ??
    empty.find(({ kind, required }) => required && (kind === 'multiline' || kind === 'text'))
  const text = another || !field ? undefined : textIn(file)
  if (field && text !== undefined) return { [field.name]: text }
  const why = another
    ? 'one file at a time, I would not know which is for what'
    : field
      ? 'it is not a text file of up to 1 MiB'
      : 'the form has no place for a file'
  problems.push(`${files.map(({ name }) => name).join(', ')} ${another ? 'were' : 'was'} left out: ${why}.`)
  return {}
}

function textIn({ bytes }: MailFile): string | undefined {
  if (bytes.byteLength > TEXT_FILE_MAX_BYTES || bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll('\r\n', '\n')
  } catch {
    return undefined
  }
}
