import type { Chain } from './chain.ts'

/** What is known of where a mail comes from, as far as it counts. */
export interface Evidence {
  /** How many `From` headers it has, and the addresses in them. */
  fromHeaders: number
  from: readonly string[]
  signatures: readonly Signature[]
  /** Of those who passed it on; undefined when nobody sealed it, or nobody who seals is believed. */
  chain: Chain | undefined
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
 * Whether a mail is proof enough of who wrote it: a signature of the sender's domain, or the word of a sealer whom the operator
 * believes that there was one. A name, an `Authentication-Results` header, SPF and DMARC prove nothing here:
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

function doubt(evidence: Evidence, nowMs: number): string | undefined {
  const { signatures, doubled, isForUs, chain } = evidence
  if (doubled.length > 0) return `it has more than one ${doubled[0]}`
  if (!isForUs) return 'it is addressed to somebody else'
  const why = doubtOfSignatures(signatures, nowMs)
  return why === undefined || isVouchedFor(chain, nowMs) ? undefined : why
}

/** Somebody whom the operator believes took it from its sender, and it came as they gave it away. */
function isVouchedFor(chain: Chain | undefined, nowMs: number): boolean {
  if (!chain?.isTrusted || !chain.isWhole || !chain.sawSender || chain.isPartial) return false
  return chain.expiresAtMs === undefined || chain.expiresAtMs > nowMs
}

function doubtOfSignatures(signatures: readonly Signature[], nowMs: number): string | undefined {
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
