/** What is known of where a mail comes from, as far as it counts. */
export interface Evidence {
  /** How many `From` headers it has, and the addresses in them. */
  fromHeaders: number
  from: readonly string[]
  signatures: readonly Signature[]
  /** Headers that say something and that it has more than once, so that two readers may read two mails. */
  doubled: readonly string[]
  /** It was written to this address; not to somebody else's bot, and brought here by whoever got hold of it. */
  isForUs: boolean
  /** By its `Date` header; undefined when it has none that can be read. */
  dateMs: number | undefined
  messageId: string | undefined
  /** Its Message-ID or one of its signatures was met before. */
  wasSeen: boolean
}

export interface Signature {
  result: string
  /** The domain that signed is the sender's, or one it stands under. */
  isAligned: boolean
  /** Not all of the body is signed (`l=`), or not every header that says something. */
  isPartial: boolean
  expiresAtMs: number | undefined
}

/** What may come of a mail. `drop`: nothing, and no answer either. */
export type Judgement = { verdict: 'obey' } | { verdict: 'ask'; why: string } | { verdict: 'drop'; why: string }

const FRESH_MS = 24 * 3_600_000

/**
 * Whether a mail is proof enough of who wrote it. A name, an `Authentication-Results` header, SPF and DMARC prove nothing here:
 * they say at most which machine brought it.
 */
export function judge(evidence: Evidence, sender: 'known' | 'unknown', nowMs: number): Judgement {
  const { fromHeaders, from, messageId, wasSeen, dateMs } = evidence
  if (fromHeaders !== 1 || from.length !== 1) return { verdict: 'drop', why: 'it does not have exactly one sender' }
  if (messageId === undefined) return { verdict: 'drop', why: 'it has no Message-ID' }
  if (wasSeen) return { verdict: 'drop', why: 'it was received before' }
  const why = doubt(evidence, nowMs) ?? staleness(dateMs, nowMs)
  // Nobody is written to who does not know us: the address may be made up, or somebody else's.
  if (sender === 'unknown') return { verdict: 'drop', why: why ?? 'its sender is nobody here' }
  return why === undefined ? { verdict: 'obey' } : { verdict: 'ask', why }
}

function doubt({ signatures, doubled, isForUs }: Evidence, nowMs: number): string | undefined {
  if (doubled.length > 0) return `it has more than one ${doubled[0]}`
  if (!isForUs) return 'it is addressed to somebody else'
  if (signatures.length === 0) return 'it is not signed'
  const right = signatures.filter(({ result }) => result === 'pass')
  if (right.length === 0) return 'its signature is not right'
  const aligned = right.filter(({ isAligned }) => isAligned)
  if (aligned.length === 0) return 'it is signed by another domain than its sender’s'
  const whole = aligned.filter(({ isPartial }) => !isPartial)
  if (whole.length === 0) return 'its signature covers only a part of it'
  const valid = whole.some(({ expiresAtMs }) => expiresAtMs === undefined || expiresAtMs > nowMs)
  return valid ? undefined : 'its signature has expired'
}

const staleness = (dateMs: number | undefined, nowMs: number): string | undefined =>
  dateMs !== undefined && Math.abs(nowMs - dateMs) <= FRESH_MS ? undefined : 'it was not written within the last day'
