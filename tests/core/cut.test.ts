import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cut } from '#core/cut.ts'

test('cuts at the length, one before it where a character would be torn', () => {
  expect(cut('abc', 3)).toBe('abc')
  expect(cut('abcd', 3)).toBe('abc')
  expect(cut('a😀b', 2)).toBe('a')
  expect(cut('a😀b', 3)).toBe('a😀')
  expect(cut('😀', 0)).toBe('')
})

test('what is well-formed stays so, and loses no more than it must', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(20), (text, unitsMax) => {
      const shown = cut(text, unitsMax)
      expect(text.startsWith(shown)).toBe(true)
      expect(shown.isWellFormed()).toBe(true)
      expect(shown.length).toBeLessThanOrEqual(unitsMax)
      expect(shown.length).toBeGreaterThanOrEqual(Math.min(text.length, unitsMax) - 1)
    }),
  )
})
