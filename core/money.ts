/** Money is whole micro-dollars in a bigint; dollars exist only as text at the edges. */

export const MICROS_PER_USD = 1_000_000n

/** A trillion dollars: far above any wallet, and its micros still fit a 64-bit column with room for sums. */
const MAX_MICROS = 1_000_000_000_000n * MICROS_PER_USD

const USD = /^\$?(\d{0,13})(?:\.(\d{1,6}))?$/

/**
 * Dollars as people and the API write them (`12`, `12.5`, `$12.50`, `.000001`) → micro-dollars.
 * Undefined for everything else: signs, exponents, commas (`12,50` and `1,000` mean different things to different
 * people), more than six decimals, more than a trillion.
 */
export function parseUsd(text: string): bigint | undefined {
  const [match, dollars = '', decimals = ''] = USD.exec(text.trim()) ?? []
  if (match === undefined || (dollars === '' && decimals === '')) return undefined
  const micros = BigInt(dollars) * MICROS_PER_USD + BigInt(decimals.padEnd(6, '0'))
  return micros > MAX_MICROS ? undefined : micros
}

/** Micro-dollars as the API says them: `"12.50"`, `"0.002"`, `"-0.50"`. Two decimals at least, six at most, none lost. */
export function formatUsd(micros: bigint): string {
  // By its digits: dividing a bigint costs more than all of this.
  const digits = (micros < 0n ? -micros : micros).toString().padStart(7, '0')
  let end = digits.length
  while (end > digits.length - 4 && digits[end - 1] === '0') end--
  return `${micros < 0n ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6, end)}`
}

/** The same of what may not be set. */
export const usdOrNull = (micros: bigint | null): string | null => (micros === null ? null : formatUsd(micros))

/** Micro-dollars for people: `$41.20`, `$0.002`, `-$0.50`. */
export const showUsd = (micros: bigint): string => (micros < 0n ? `-$${formatUsd(-micros)}` : `$${formatUsd(micros)}`)

/** The quotient rounded up: what is charged when a price does not divide evenly. The divisor must be above zero. */
export function ceilDiv(dividend: bigint, divisor: bigint): bigint {
  if (divisor <= 0n) throw new RangeError('The divisor must be above zero.')
  const quotient = dividend / divisor
  return dividend > 0n && dividend % divisor !== 0n ? quotient + 1n : quotient
}
