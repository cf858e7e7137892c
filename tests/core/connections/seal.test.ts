import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyringOf, masterKey, readMasterKey, readMasterKeys } from '#core/connections/keyring.ts'
import { type Place, rewrap, SealError, seal, unseal } from '#core/connections/seal.ts'
import { keyBytes } from '#core/ids.ts'

const [first, second, third] = [masterKey(keyBytes(32)), masterKey(keyBytes(32)), masterKey(keyBytes(32))]
const keyring = keyringOf([first])
const place: Place = { table: 'connection', owner: 'team:team_a', id: 'conn_1', field: 'secret', version: 1 }

const refusal = (open: () => string): string => {
  try {
    return `opened: ${open()}`
  } catch (error) {
    return error instanceof SealError ? error.reason : String(error)
  }
}

describe('a sealed secret', () => {
  it('opens in its place, whatever it is, and never reads the same twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (secret) => {
        const [one, other] = [seal(keyring, place, secret), seal(keyring, place, secret)]
        expect(unseal(keyring, place, one)).toBe(secret.toWellFormed())
        expect(one).not.toBe(other)
        const parts = [...one.split('.').slice(2), ...other.split('.').slice(2)]
        expect(new Set(parts.map((part) => part.slice(0, 16))).size).toBe(4)
      }),
    )
  })

  it('opens nowhere else', () => {
    const text = fc.string({ maxLength: 12 })
    const elsewhere = fc.record({
      table: fc.constantFrom('connection' as const, 'endpoint' as const, 'provider' as const, 'callback' as const),
      owner: fc.oneof(fc.constant(place.owner), text),
      id: fc.oneof(fc.constant(place.id), text),
      field: fc.oneof(fc.constant(place.field), text),
      version: fc.oneof(fc.constant(1), fc.nat(5)),
    })
    const sealed = seal(keyring, place, 'secret')
    fc.assert(
      fc.property(elsewhere, (other) => {
        const isSame = Object.entries(place).every(([name, value]) => other[name as keyof Place] === value)
        expect(refusal(() => unseal(keyring, other, sealed))).toBe(isSame ? 'opened: secret' : 'damaged')
      }),
    )
    // What stands on both sides of a border must not read as one.
    const moved = { ...place, owner: `${place.owner}","${place.id}`, id: '' }
    expect(refusal(() => unseal(keyring, moved, sealed))).toBe('damaged')
  })

  it('does not open with any one bit of it changed', () => {
    const sealed = seal(keyring, place, 'secret')
    const [version, master, ...parts] = sealed.split('.')
    for (const [index, part] of parts.entries()) {
      const bytes = Buffer.from(part, 'base64url')
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const changed = Buffer.from(bytes)
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const text = parts.with(index, changed.toString('base64url')).join('.')
        expect(refusal(() => unseal(keyring, place, `${version}.${master}.${text}`))).toBe('damaged')
      }
    }
  })

  it('does not open with a shorter tag, a part of another, or another form of the same text', () => {
    const sealed = seal(keyring, place, 'secret')
    const other = seal(keyring, place, 'other')
    const [version, master, wrapped = '', ciphertext = ''] = sealed.split('.')
    for (const bytes of [4, 8, 12]) {
      const cut = Buffer.from(ciphertext, 'base64url').subarray(0, -bytes).toString('base64url')
      expect(refusal(() => unseal(keyring, place, [version, master, wrapped, cut].join('.')))).toBe('damaged')
      const short = Buffer.from(wrapped, 'base64url').subarray(0, -bytes).toString('base64url')
      expect(refusal(() => unseal(keyring, place, [version, master, short, ciphertext].join('.')))).toBe('damaged')
    }
    const mixed = [version, master, other.split('.')[2], ciphertext].join('.')
    for (const text of [mixed, `${sealed}=`, `${sealed} `, sealed.replace('v1', 'v2'), '', 'v1.x.y.z']) {
      expect(refusal(() => unseal(keyring, place, text))).toBe('damaged')
    }
  })

  it('is under its master key, and says so when that is not at hand', () => {
    const sealed = seal(keyring, place, 'secret')
    expect(refusal(() => unseal(keyringOf([second]), place, sealed))).toBe('no_key')
    expect(refusal(() => unseal(keyringOf([second, first]), place, sealed))).toBe('opened: secret')
    // With the name of another key in its place it is not under that one.
    const renamed = sealed.replace(first.id, second.id)
    expect(refusal(() => unseal(keyringOf([first, second]), place, renamed))).toBe('damaged')
  })

  it('goes under a new master key without being touched', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 50 }), (secret) => {
        const before = seal(keyring, place, secret)
        const after = rewrap(keyringOf([second, first]), place, before) ?? ''
        expect(after.split('.')[3]).toBe(before.split('.')[3])
        expect(unseal(keyringOf([second]), place, after)).toBe(secret)
        expect(rewrap(keyringOf([second, first]), place, after)).toBeUndefined()
        expect(refusal(() => rewrap(keyringOf([third]), place, after) ?? '')).toBe('no_key')
        expect(refusal(() => rewrap(keyringOf([third, second]), { ...place, id: 'x' }, after) ?? '')).toBe('damaged')
      }),
    )
  })
})

describe('a master key', () => {
  it('is read from hexadecimal and both kinds of base64, and has one name', () => {
    const { bytes, id } = first
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      expect(readMasterKey(bytes.toString(encoding))?.id).toBe(id)
    }
    for (const text of ['', 'secret', bytes.toString('hex').slice(2), keyBytes(31).toString('base64')]) {
      expect(readMasterKey(text)).toBeUndefined()
    }
    const both = `${first.bytes.toString('base64')},\n${second.bytes.toString('base64')}\n`
    expect(readMasterKeys(both)?.map((key) => key.id)).toEqual([first.id, second.id])
    expect(readMasterKeys(`${both}half`)).toBeUndefined()
  })
})
