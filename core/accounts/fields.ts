import { AppError } from '../errors.ts'

const MAX_NAME_LENGTH = 80

/** Turn the direction of what stands around them, or take no room at all: names that look like others, or like none. */
const UNSEEN = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu

/**
 * One line without control characters and marks that nobody sees, cut to what a card shows; empty when nothing that
 * can be seen is left.
 */
export const tidyName = (name: string): string =>
  [
    ...visible(name)
      .replaceAll(/\p{Cc}+/gu, ' ')
      .replaceAll(/\s+/gu, ' ')
      .trim(),
  ]
    .slice(0, MAX_NAME_LENGTH)
    .join('')
    .trim()

function visible(name: string): string {
  const tidy = name.replaceAll(UNSEEN, '')
  // Joiners belong between letters of some scripts and between emoji; alone they are nothing.
  return /[^\p{Z}\p{C}\p{M}]/u.test(tidy) ? tidy : ''
}

/** A name somebody chose, or `bad_input`. */
export function checkName(name: string, path: string): string {
  const tidy = tidyName(name)
  if (tidy !== '' && [...name.trim()].length <= MAX_NAME_LENGTH) return tidy
  const message = `A name has 1 to ${MAX_NAME_LENGTH} characters.`
  throw new AppError('bad_input', message, { problems: [{ path, message }] })
}

/** An IANA time zone (`Europe/Lisbon`, `UTC`), or `bad_input`. Offsets are refused: they know nothing of summer time. */
export function checkTimeZone(name: string): string {
  const wanted = name.trim()
  const found = /^[a-z]/i.test(wanted) ? knownZone(wanted) : undefined
  if (found !== undefined) return found.toLowerCase() === wanted.toLowerCase() ? found : wanted
  const message = 'A time zone is a name like Europe/Lisbon, America/New_York or UTC.'
  throw new AppError('bad_input', message, { problems: [{ path: 'timeZone', message }] })
}

function knownZone(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}

/** An amount of money or none, or `bad_input` below zero. */
export function checkLimit(micros: bigint | null, path: string): bigint | null {
  if (micros === null || micros >= 0n) return micros
  const message = 'The amount must not be below zero.'
  throw new AppError('bad_input', message, { problems: [{ path, message }] })
}
