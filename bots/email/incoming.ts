import { commandNamed } from '#commands/index.ts'
import type { MailPlace } from '#core/mail/mail.ts'
import { readBounce } from './bounces.ts'
import { gather } from './evidence.ts'
import { addressIn, type Headers, messageIdsIn, readHeaders } from './headers.ts'
import { automatic } from './loops.ts'
import { type IncomingNeeds, meaning, replyTagIn } from './meaning.ts'
import { isReadable, readMail } from './read.ts'
import { tagsIn } from './tags.ts'
import { judge } from './trust.ts'

/** What became of a mail, for tests and for the log. */
export type Outcome = 'taken' | 'asked' | 'again' | 'refused' | 'dropped' | 'ignored' | 'bounce'

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
  if (!read) return pass('dropped', 'it cannot be read', address)
  const mail = await meaning(needs, { headers, read, address, id, marks, accountId: account?.id })
  if (!account)
    return isForStrangers(mail.text) ? desk.take(mail, place) : pass('dropped', 'its sender is nobody here', address)
  const token = replyTagIn(needs, headers)
  const isOver = token && (token.isExpired || !(await desk.isThreadOf(token.threadId, address)))
  if (isOver) return desk.refuse({ ...mail, accountId: account.id }, token.isExpired ? 'old' : 'foreign', place)
  if (judgement.verdict === 'ask') {
    const asked = await desk.ask({ ...mail, accountId: account.id }, judgement.why, place)
    return asked === 'again' ? 'again' : 'asked'
  }
  return desk.take(mail, place)
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
