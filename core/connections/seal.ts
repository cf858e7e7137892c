import { createCipheriv, createDecipheriv } from 'node:crypto'
import { keyBytes } from '../ids.ts'
import { KEY_BYTES, type Keyring, type MasterKey } from './keyring.ts'

/** Where a secret belongs. It is bound to all of it: anywhere else it cannot be opened. */
export interface Place {
  table: 'connection' | 'endpoint' | 'provider' | 'callback' | 'trigger_secret'
  /** A context, or `instance`. */
  owner: string
  id: string
  field: string
  /** Of the secret itself, where it is counted: an older one put back in its place is none. */
  version?: number
}

/** Why a secret stays closed: `no_key` when the key it was made with is not at hand, `damaged` for everything else. */
export class SealError extends Error {
  readonly reason: 'no_key' | 'damaged'

  constructor(reason: 'no_key' | 'damaged') {
    super(reason === 'no_key' ? 'The key of this secret is not at hand' : 'This is not the secret that was put here')
    this.name = 'SealError'
    this.reason = reason
  }
}

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * Encrypts a text under a key of its own, and that key under the current master key → one text without spaces:
 * `v1.<master key>.<wrapped key>.<ciphertext>`. Both parts are bound to the place, the first to its master key as well.
 */
export function seal(keyring: Keyring, place: Place, plaintext: string): string {
  const key = keyBytes(KEY_BYTES)
  return written(keyring.current(), place, key, encrypt(key, Buffer.from(plaintext, 'utf8'), boundTo(place)))
}

/** What was sealed there. Throws a SealError. */
export function unseal(keyring: Keyring, place: Place, sealed: string): string {
  const { masterId, wrapped, ciphertext } = partsOf(sealed)
  const key = unwrap(keyring, place, masterId, wrapped)
  return decrypt(key, ciphertext, boundTo(place)).toString('utf8')
}

/**
 * The same under the current master key: only the record's key is encrypted anew, what it protects is not touched and not
 * looked at. Undefined when it is under that key already. Throws a SealError.
 */
export function rewrap(keyring: Keyring, place: Place, sealed: string): string | undefined {
  const { masterId, wrapped, ciphertext } = partsOf(sealed)
  const current = keyring.current()
  return masterId === current.id
    ? undefined
    : written(current, place, unwrap(keyring, place, masterId, wrapped), ciphertext)
}

/** How everything begins that is under a master key. */
export const sealedWith = (masterId: string): string => `v1.${masterId}.`

export const masterIdOf = (sealed: string): string => partsOf(sealed).masterId

function written(master: MasterKey, place: Place, key: Buffer, ciphertext: Buffer): string {
  const wrapped = encrypt(master.bytes, key, boundTo(place, master.id))
  return `${sealedWith(master.id)}${wrapped.toString('base64url')}.${ciphertext.toString('base64url')}`
}

function unwrap(keyring: Keyring, place: Place, masterId: string, wrapped: Buffer): Buffer {
  const master = keyring.find(masterId)
  if (!master) throw new SealError('no_key')
  return decrypt(master.bytes, wrapped, boundTo(place, masterId))
}

/** As JSON, so that no two places read the same whatever is in their names. */
const boundTo = ({ table, owner, id, field, version = 0 }: Place, masterId?: string): Buffer =>
  Buffer.from(JSON.stringify(['v1', table, owner, id, field, version, masterId ?? null]))

function encrypt(key: Buffer, plaintext: Buffer, bound: Buffer): Buffer {
  const nonce = keyBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(bound)
  const encrypted = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return Buffer.concat([nonce, encrypted, cipher.getAuthTag()])
}

function decrypt(key: Buffer, sealed: Buffer, bound: Buffer): Buffer {
  if (key.length !== KEY_BYTES || sealed.length < NONCE_BYTES + TAG_BYTES) throw new SealError('damaged')
  const tag = sealed.subarray(-TAG_BYTES)
  try {
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(bound)
      .setAuthTag(tag)
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
  } catch {
    throw new SealError('damaged')
  }
}

const SEALED = /^v1\.([0-9a-f]{16})\.([\w-]+)\.([\w-]+)$/

function partsOf(sealed: string): { masterId: string; wrapped: Buffer; ciphertext: Buffer } {
  const [, masterId, wrapped, ciphertext] = SEALED.exec(sealed) ?? []
  if (masterId === undefined || wrapped === undefined || ciphertext === undefined) throw new SealError('damaged')
  return { masterId, wrapped: strictly(wrapped), ciphertext: strictly(ciphertext) }
}

/** Of two texts that mean the same bytes one is a changed one. */
function strictly(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.toString('base64url') !== text) throw new SealError('damaged')
  return bytes
}
