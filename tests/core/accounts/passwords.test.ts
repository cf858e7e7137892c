import { describe, expect, it, test } from 'vitest'
import { hashPassword, isOutdated, verifyPassword } from '#core/accounts/password-hash.ts'
import { checkPassword } from '#core/accounts/password-rules.ts'
import { refusalOf } from './people.ts'

const refused = (password: string, about: string[] = []) =>
  refusalOf(Promise.resolve().then(() => checkPassword(password, about)))

describe('which passwords may be chosen', () => {
  it.each([
    ['seven99', /at least 8/],
    ['a'.repeat(7), /at least 8/],
    ['x1'.repeat(200), /at most 256/],
    ['password', /tried first/],
    ['PassWord1', /tried first/],
    ['Password1!', /tried first/],
    ['sunshine2024', /tried first/],
    ['dragon123!', /tried first/],
    ['qwertyuiop', /tried first/],
    ['12345678', /tried first/],
    ['87654321', /tried first/],
    ['abcdefgh', /tried first/],
    ['qwerty12345', /tried first/],
    ['aaaaaaaaaaaa', /tried first/],
    ['abcabcabcabc', /tried first/],
    ['letmein123', /tried first/],
    ['muster2026', /your own name/],
  ])('not %s', async (password, reason) => {
    expect(await refused(password)).toMatch(reason)
  })

  it.each([
    ['ada-lovelace', 'ada-lovelace1'],
    ['ada@example.org', 'ADA@example.org'],
    ['analytical', 'Analytical1843!'],
  ])('not who it is for: %s, %s', async (name, password) => {
    expect(await refused(password, [name])).toMatch(/your own name/)
  })

  it.each([
    'correct horse staple',
    'xxTr0ub4dour',
    'ein langer Satz mit Umlauten: äöü',
    '🦊🐻🐼🐨🐯🦁🐮🐷',
    `${'long enough to be remembered '.repeat(4)}`,
  ])('but %s', (password) => {
    expect(checkPassword(password, ['ada'])).toBe(password)
  })
})

test('a hash is argon2id with a salt of its own, and only its password fits', async () => {
  const [one, two] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')])
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  expect(one).not.toBe(two)
  expect(await verifyPassword(one, 'correct horse')).toBe(true)
  expect(await verifyPassword(one, 'correct horse ')).toBe(false)
  expect(await verifyPassword(undefined, 'correct horse')).toBe(false)
  expect(isOutdated(one)).toBe(false)
  expect(isOutdated(one.replace('m=19456', 'm=8192'))).toBe(true)
})

test('a letter that can be written in two ways is one letter', async () => {
  const composed = await hashPassword('caf\u00e9 au lait')
  expect(await verifyPassword(composed, 'cafe\u0301 au lait')).toBe(true)
})

test('many at once all get their answer', async () => {
  const hash = await hashPassword('correct horse')
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, index) => verifyPassword(hash, index % 2 ? 'correct horse' : 'no')),
  )
  expect(answers.filter(Boolean)).toHaveLength(6)
})
