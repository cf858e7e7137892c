import { AppError } from '../errors.ts'

const MOST = 254
/** One @, something before it, a domain with a dot behind it, and nothing that ends a line or begins a list. */
const ADDRESS = /^[^\s@<>()[\],;:"\\]{1,64}@[^\s@<>()[\],;:"\\]+\.[^\s@<>()[\],;:"\\.]+$/

/** An address as it is kept and compared, in small letters, or `bad_input`. */
export function checkAddress(typed: string): string {
  const address = typed.trim().normalize('NFKC').toLowerCase()
  if (address.length <= MOST && ADDRESS.test(address)) return address
  const message = 'An e-mail address looks like anna@example.org.'
  throw new AppError('bad_input', message, { problems: [{ path: 'email', message }] })
}
