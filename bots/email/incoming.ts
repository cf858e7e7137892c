import { commandNamed } from '#commands/index.ts'
import type { KnownMail, MailPlace } from '#core/mail/mail.ts'
import { readBounce } from './bounces.ts'
import { gather } from './evidence.ts'
import { addressIn, type Headers, messageIdsIn, readHeaders } from './headers.ts'
import { automatic } from './loops.ts'
import { type IncomingNeeds, meaning, replyTagIn } from './meaning.ts'
import { collectAfter } from './memory.ts'
import { isReadable, readMail } from './read.ts'
import { tagsIn } from './tags.ts'
import { type Judgement, judge } from './trust.ts'

/** What became of a mail, for tests and for the log. */
export type Outcome = 'taken' | 'asked' | 'again' | 'refused' | 'dropped' | 'ignored' | 'bounce'

/** Everything that one mail may do, by whatever way it came. Resolves when what comes of it is stored. */
export async function receiveMail(needs: IncomingNeeds, raw: Uint8Array, place?: MailPlace): Promise<Outcome> {
  const { desk, own, clock } = needs
  const pass = async (outcome: Outcome, reason?: string, from?: string): Promise<Outcome> => {
    await desk.pass({ place, ...(reason === undefined ? {} : { reason }), ...(from === undefined ? {} : { from }) })
    return outcome
  }
  collectAfter(raw)
  const headers = readHeaders(raw)
  if (!headers) return pass('dropped', 'its headers are too long')
  if (await isBounce(needs, headers, raw)) return pass('bounce')
  const claimed = addressIn(headers.get('from') ?? '') ?? ''
  // Nothing is written down of what machines send: it would be one line for each newsletter.
  if (automatic(headers, claimed, own) !== undefined) return pass('ignored')
  const id = messageIdsIn(headers.get('message-id'))[0]
  if (id !== undefined && desk.isOwn(id)) return pass('ignored')
  // Before its signatures are looked at, which costs as much as reading it.
  if (!isReadable(raw, headers)) return pass('dropped', 'it cannot be read', claimed)
  const { marks, ...evidence } = await gather(raw, headers, {
    own,
    resolve: needs.resolve,
    sealers: needs.sealers ?? [],
  })
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
  collectAfter(raw)
  if (!read) return pass('dropped', 'it cannot be read', address)
  try {
    const known = { headers, read, address, id, marks, accountId: account?.id }
    const mail = await meaning(needs, { ...known, isProven: judgement.verdict === 'obey' })
    if (account) return await heard(needs, { mail: { ...mail, accountId: account.id }, headers, judgement, place })
    return isForStrangers(mail.text)
      ? await desk.take(mail, place)
      : await pass('dropped', 'its sender is nobody here', address)
  } finally {
    read.forget()
  }
}

interface Heard {
  mail: KnownMail & { accountId: string }
  headers: Headers
  judgement: Judgement
  place: MailPlace | undefined
}

/** A mail from somebody with an account is done, asked about, or refused. */
async function heard(needs: IncomingNeeds, { mail, headers, judgement, place }: Heard): Promise<Outcome> {
  const { desk } = needs
  const token = replyTagIn(needs, headers)
  const isOver = token && (token.isExpired || !(await desk.isThreadOf(token.threadId, mail.address)))
  if (isOver) return desk.refuse(mail, token.isExpired ? 'old' : 'foreign', place)
  if (judgement.verdict !== 'ask') return desk.take(mail, place)
  const asked = await desk.ask(mail, judgement.why, place)
  return asked === 'again' ? 'again' : 'asked'
}

async function isBounce({ desk }: IncomingNeeds, headers: Headers, raw: Uint8Array): Promise<boolean> {
  const tags = tagsIn(headers).map((tag) => desk.readTag(tag))
  const tag = tags.find((found) => found?.kind === 'bounce' && !found.isExpired)
  const bounce = tag && readBounce(headers, raw)
  if (!tag || !bounce) return tag !== undefined
  await desk.bounced(tag.threadId, bounce)
  return true
}

const STRANGERS = new Set(['link', 'join', 'start'])

/** What somebody may say who is nobody here yet: they bring a code that another channel, or an invitation, gave them. */
function isForStrangers(text: string): boolean {
  const [, name = '', code] = /^\/([a-z]+)[ \t]+(\S+)/.exec(text) ?? []
  return STRANGERS.has(name) && code !== undefined && commandNamed(name)?.access === 'stranger'
}
