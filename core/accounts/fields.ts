import { AppError } from '../errors.ts'

const MAX_NAME_LENGTH = 80

/** One line without control characters, cut to what a card shows; empty when nothing is left. */
export const tidyName = (name: string): string =>
  [
    ...name
      .replaceAll(/\p{Cc}+/gu, ' ')
      .replaceAll(/\s+/gu, ' ')
      .trim(),
  ]
    .slice(0, MAX_NAME_LENGTH)
    .join('')
    .trim()

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
