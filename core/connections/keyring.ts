import { hash } from 'node:crypto'

/** A key that keys are encrypted with. Its version is named by what it is made of, so that nobody has to count. */
export interface MasterKey {
  id: string
  bytes: Buffer
}

/** The keys this process has. What is new is encrypted with the current one; what is there, with whichever it was. */
export interface Keyring {
  current(): MasterKey
  /** Undefined for one that is not at hand. */
  find(id: string): MasterKey | undefined
}

export const KEY_BYTES = 32
const ID_CHARACTERS = 16

/** The id gives nothing away: nobody guesses 256 random bits from their hash. */
export function masterKey(bytes: Buffer): MasterKey {
  if (bytes.length !== KEY_BYTES) throw new Error(`A key has ${KEY_BYTES} bytes`)
  const id = hash('sha256', Buffer.concat([Buffer.from('muster master key\n'), bytes]), 'hex').slice(0, ID_CHARACTERS)
  return { id, bytes }
}

/** Reads 32 bytes in hexadecimal or base64; undefined for anything else. */
export function readMasterKey(text: string): MasterKey | undefined {
  const bytes = /^[0-9a-f]{64}$/i.test(text)
    ? Buffer.from(text, 'hex')
    : /^[A-Za-z0-9+/_-]{43}=?$/.test(text)
      ? Buffer.from(text, 'base64')
      : undefined
  return bytes?.length === KEY_BYTES ? masterKey(bytes) : undefined
}

/** Several keys stand one after the other, with commas, spaces or lines between; undefined when one of them is none. */
export function readMasterKeys(text: string): MasterKey[] | undefined {
  const keys = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(readMasterKey)
  return keys.length > 0 && keys.every((key) => key !== undefined) ? keys : undefined
}

/** Keys that are known for good: the first is the current one. */
export function keyringOf([current, ...older]: readonly MasterKey[]): Keyring {
  if (!current) throw new Error('A keyring has at least one key')
  const keys = new Map([current, ...older].map((key) => [key.id, key]))
  return { current: () => current, find: (id) => keys.get(id) }
}
