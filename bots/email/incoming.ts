import { commandNamed } from '#commands/index.ts'
import type { FormDesk } from '#core/chat/sender.ts'
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/core.ts'
import type { MailDesk } from '#core/mail/desk.ts'
import type { KnownMail, MailPlace, Offers } from '#core/mail/mail.ts'
import { readBounce } from './bounces.ts'
import { gather } from './evidence.ts'
import { addressIn, type Headers, messageIdsIn, readHeaders } from './headers.ts'
import { automatic, withoutTag } from './loops.ts'
import { unquoted, withoutQuoted } from './quoted.ts'
import { type ReadMail, readMail } from './read.ts'
import type { Resolve } from './resolver.ts'
import { judge } from './trust.ts'
import { readForm, readWords } from './words.ts'

export interface IncomingNeeds {
  desk: MailDesk
  forms: () => FormDesk | undefined
  /** The address of this channel, in lower case and without a tag. */
  own: string
  resolve: Resolve
  clock: Clock
  log: Log
}

/** What became of a mail, for tests and for the log. */
export type Outcome = 'taken' | 'asked' | 'again' | 'dropped' | 'ignored' | 'bounce'

/** Everything that one mail may do, by whatever way it came. Resolves when what comes of it is stored. */
export async function receiveMail(needs: IncomingNeeds, raw: Uint8Array, place?: MailPlace): Promise<Outcome> {
  const { desk, own, clock } = needs
  const pass = async (outcome: Outcome, reason?: string, from?: string): Promise<Outcome> => {
    await desk.pass({ place, ...(reason === undefined ? {} : { reason }), ...(from === undefined ? {} : { from }) })
    return outcome
  }
  const headers = readHeaders(raw)
  if (!headers) return pass('dropped', 'its headers are too long')
  if (await isBounce(needs, headers, raw)) return pass('bounce')
  const claimed = addressIn(headers.get('from') ?? '') ?? ''
  // Nothing is written down of what machines send: it would be one line for each newsletter.
  if (automatic(headers, claimed, own) !== undefined) return pass('ignored')
  const id = messageIdsIn(headers.get('message-id'))[0]
  if (id !== undefined && desk.isOwn(id)) return pass('ignored')
  const { marks, ...evidence } = await gather(raw, headers, needs)
  const [address] = evidence.from
  const account = address === undefined ? undefined : await desk.accountOf(address)
  const wasSeen = await desk.wasSeen(marks)
  const judgement = judge({ ...evidence, wasSeen }, account ? 'known' : 'unknown', clock.nowMs())
  if (wasSeen) return pass('again')
  if (address === undefined || id === undefined) {
    return pass('dropped', judgement.verdict === 'drop' ? judgement.why : 'it has no sender', claimed)
  }
  const isProven = judge({ ...evidence, wasSeen }, 'known', clock.nowMs()).verdict === 'obey'
  if (judgement.verdict === 'drop' && !isProven) return pass('dropped', judgement.why, address)
  const read = await readMail(raw)
  if (!read) return pass('dropped', 'it cannot be read', address)
  const mail = await meaning(needs, { headers, read, address, id, marks, accountId: account?.id })
  if (!account)
    return isForStrangers(mail.text) ? desk.take(mail, place) : pass('dropped', 'its sender is nobody here', address)
  if (judgement.verdict === 'ask') {
    const asked = await desk.ask({ ...mail, accountId: account.id }, judgement.why, place)
    return asked === 'again' ? 'again' : 'asked'
  }
  return desk.take(mail, place)
}

interface Known {
  headers: Headers
  read: ReadMail
  address: string
  id: string
  marks: string[]
  accountId: string | undefined
}

/** What somebody whom we know means by it. */
async function meaning(needs: IncomingNeeds, known: Known): Promise<KnownMail> {
  const { headers, read, address, id, marks, accountId } = known
  const { desk, clock } = needs
  const references = [
    ...new Set([...messageIdsIn(headers.get('references')), ...messageIdsIn(headers.get('in-reply-to'))]),
  ].filter((one) => one !== id)
  const tags = tagsIn(headers, needs.own)
  const threadId = tags.map((tag) => desk.readTag(tag)).find((found) => found?.kind === 'reply')?.threadId
  const offers = await desk.offers(address, references)
  const isReply = offers !== undefined || (await desk.hasThread(address, references, threadId))
  const subject = subjectOf(headers)
  const body = withoutQuoted(read.text)
  const form = offers?.formId === undefined ? undefined : await fillForm(needs, address, offers.formId, { body, read })
  const button = pressed(offers, body)
  const said = readWords(subject, body, { isReply })
  const team = tags.find((tag) => desk.readTag(tag) === undefined && /^[a-z0-9][a-z0-9_-]{0,62}$/.test(tag))
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
    ...(offers ? { replyTo: { messageRef: offers.ref, ...(offers.text ? { text: offers.text } : {}) } } : {}),
    atMs: clock.nowMs(),
  }
}

/** What people answer to a request that has other words on its buttons. */
const MEANT: Record<string, string> = { approve: 'grant', reject: 'decline' }

/** The first line is what a button of the answered mail is called, and nothing else. */
function pressed(offers: Offers | undefined, body: string): { token: string } | undefined {
  const line = (body.split('\n')[0] ?? '').trim().toLowerCase()
  const bare = line.replace(/[.!]$/, '')
  const called = (name: string | undefined) => offers?.buttons.filter(({ label }) => label.toLowerCase() === name) ?? []
  const found = [line, bare, MEANT[bare]].map(called).find(({ length }) => length > 0)
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
  const own = readForm(body, names)
  const values = Object.keys(own).length > 0 ? own : readForm(unquoted(read.text), names)
  if (Object.keys(values).length === 0) return undefined
  await desk.fill(formId, person, { values })
  return formId
}

async function isBounce({ desk }: IncomingNeeds, headers: Headers, raw: Uint8Array): Promise<boolean> {
  const tags = tagsIn(headers).map((tag) => desk.readTag(tag))
  const tag = tags.find((found) => found?.kind === 'bounce')
  const bounce = tag && readBounce(headers, raw)
  if (!tag || !bounce) return tag !== undefined
  await desk.bounced(tag.threadId, bounce)
  return true
}

/** What stands behind the `+` of our address, wherever the mail was delivered. */
function tagsIn(headers: Headers, own?: string): string[] {
  const to = ['to', 'cc', 'delivered-to', 'x-original-to'].flatMap((name) => headers.all(name))
  return to
    .flatMap((value) => value.split(','))
    .flatMap((value) => {
      const address = addressIn(value.trim())
      const tag = address && /\+([^@]*)@/.exec(address)?.[1]
      return tag && (own === undefined || withoutTag(address) === own) ? [tag] : []
    })
}

const STRANGERS = new Set(['link', 'join', 'start'])

/** What somebody may say who is nobody here yet: they bring a code that another channel, or an invitation, gave them. */
function isForStrangers(text: string): boolean {
  const [, name = '', code] = /^\/([a-z]+)[ \t]+(\S+)/.exec(text) ?? []
  return STRANGERS.has(name) && code !== undefined && commandNamed(name)?.access === 'stranger'
}

const nameIn = (from: string): string =>
  decoded(
    from
      .replace(/<[^<>]*>\s*$/, '')
      .trim()
      .replace(/^"(.*)"$/, '$1'),
  )

const subjectOf = (headers: Headers): string => decoded(headers.get('subject') ?? '')

/** Encoded words of a header (`=?utf-8?q?…?=`), as text of one line. */
function decoded(value: string): string {
  const joined = value.replaceAll(/(=\?[^?\s]+\?[bq]\?[^?\s]*\?=)\s+(?==\?)/gi, '$1')
  const text = joined.replaceAll(
    /=\?([^?\s]+)\?([bq])\?([^?\s]*)\?=/gi,
    (whole, charset: string, kind: string, data: string) => {
      const bytes =
        kind.toLowerCase() === 'b'
          ? Buffer.from(data, 'base64')
          : Buffer.from(
              data
                .replaceAll('_', ' ')
                .replaceAll(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
              'latin1',
            )
      try {
        return new TextDecoder(charset.split('*')[0]).decode(bytes)
      } catch {
        return whole
      }
    },
  )
  // Eight-bit headers are UTF-8 when they are anything.
  const bytes = Buffer.from(text, 'latin1')
  const isRaw = /[\u0080-\u00ff]/.test(text) && !/[\u0100-\uffff]/.test(text) && text === value
  return (isRaw ? bytes.toString('utf8') : text)
    .toWellFormed()
    .replaceAll(/[^\P{Cc}]+/gu, ' ')
    .trim()
}
