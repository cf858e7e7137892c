import { AppError } from '../errors.ts'
import { parseUsd } from '../money.ts'

const wrong = (path: string, message: string): AppError =>
  new AppError('bad_input', message, { problems: [{ path, message }] })

/** An amount above zero, as people and the API write it (`12.50`) → micro-dollars, or `bad_input` at `path`. */
export function readAmount(path: string, text: string): bigint {
  const micros = readLimit(path, text)
  if (micros === null || micros === 0n) throw wrong(path, 'The amount must be more than zero.')
  return micros
}

/** A limit: an amount, zero too, or null for none. */
export function readLimit(path: string, text: string | null): bigint | null {
  if (text === null) return null
  const micros = parseUsd(text)
  if (micros === undefined) throw wrong(path, 'An amount is dollars like 12.50: digits, a point, at most six decimals.')
  return micros
}

const REASON_MAX_LENGTH = 500

/** Why money was moved, in the mover's words; goes into the statement. */
export function readReason(path: string, text: string): string {
  const reason = text.trim()
  if (reason === '') throw wrong(path, 'A reason is needed: it stands in the statement.')
  if (reason.length > REASON_MAX_LENGTH) throw wrong(path, `A reason has at most ${REASON_MAX_LENGTH} characters.`)
  return reason
}
