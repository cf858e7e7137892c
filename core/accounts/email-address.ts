import { AppError } from '../errors.ts'

const MOST = 254
/** One @, something before it, a domain with a dot behind it, and nothing that ends a line or begins a list. */
const ADDRESS = /^[^\s@<>()[\],;:"\\]{1,64}@[^\s@<>()[\],;:"\\]+\.[^\s@<>()[\],;:"\\.]+$/

/** An address as it is kept and compared, in small letters; undefined for what is none. */
export function plainAddress(typed: string): string | undefined {
  const address = typed.trim().normalize('NFKC').toLowerCase()
  return address.length <= MOST && ADDRESS.test(address) ? address : undefined
}

/** The same, or `bad_input`. */
export function checkAddress(typed: string): string {
  const address = plainAddress(typed)
  if (address !== undefined) return address
  const message = 'An e-mail address looks like anna@example.org.'
  throw new AppError('bad_input', message, { problems: [{ path: 'email', message }] })
}
