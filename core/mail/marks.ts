import { createHmac, timingSafeEqual } from 'node:crypto'

/** What we write into addresses and Message-IDs, so that we know our own again without looking anything up. */

const MAC_CHARACTERS = 26
const DAY_MS = 24 * 3_600_000
/** So long a reply address continues its thread, and what a mail offers may be answered. */
const REPLY_DAYS = 30
export const REPLY_MS = REPLY_DAYS * DAY_MS

export type AddressKind = 'reply' | 'bounce'

/** In lower case throughout: mail servers on the way may fold the case of addresses. */
function mac(secret: string, what: string): string {
  const digits = BigInt(`0x${createHmac('sha256', secret).update(`mail ${what}`).digest('hex').slice(0, 36)}`)
  return digits.toString(36).padStart(MAC_CHARACTERS, '0').slice(0, MAC_CHARACTERS)
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** `muster.<what>.<mac>@domain`: the same for each try of one message, so that whoever gets it twice shows it once. */
export const ownMessageId = (secret: string, what: string, domain: string): string =>
  `<muster.${what}.${mac(secret, `id ${what}`)}@${domain}>`

const OWN_MESSAGE_ID = /^<muster\.([a-z0-9.-]{1,80})\.([a-z0-9]{26})@[^<>@\s]+>$/

/** Whether this instance or another one of its kind made a Message-ID. */
export const isOfOurKind = (messageId: string): boolean => OWN_MESSAGE_ID.test(messageId)

/** Whether this instance made a Message-ID, whatever domain it wrote behind it. */
export function isOwnMessageId(secret: string, messageId: string): boolean {
  const [, what, given] = OWN_MESSAGE_ID.exec(messageId) ?? []
  return what !== undefined && given !== undefined && isSame(given, mac(secret, `id ${what}`))
}

/** What stands behind the `+` of an address that continues one thread, or takes what bounces of it. */
export function threadTag(secret: string, kind: AddressKind, threadId: string, nowMs: number): string {
  const until = (Math.floor(nowMs / DAY_MS) + REPLY_DAYS).toString(36)
  const letter = kind === 'reply' ? 'r' : 'b'
  return `${letter}-${threadId}-${until}-${mac(secret, `${kind} ${threadId} ${until}`).slice(0, 20)}`
}

const TAG = /^([rb])-([a-z0-9]{16})-([a-z0-9]{1,6})-([a-z0-9]{20})$/

/** Whether a tag has the form of ours, whoever made it: then it is nobody's name. */
export const isTag = (tag: string): boolean => TAG.test(tag.toLowerCase())

/** The thread behind a tag, also when it continues nothing any more; undefined for what we did not make. */
export function readTag(
  secret: string,
  tag: string,
  nowMs: number,
): { kind: AddressKind; threadId: string; isExpired: boolean } | undefined {
  const [, letter, threadId = '', until = '', given = ''] = TAG.exec(tag.toLowerCase()) ?? []
  if (letter === undefined) return undefined
  const kind = letter === 'r' ? 'reply' : 'bounce'
  const isRight = isSame(given, mac(secret, `${kind} ${threadId} ${until}`).slice(0, 20))
  return isRight ? { kind, threadId, isExpired: nowMs >= Number.parseInt(until, 36) * DAY_MS } : undefined
}
