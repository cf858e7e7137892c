import fc from 'fast-check'
import { expect, test } from 'vitest'
import { didYouMean, suggest } from '#core/suggest.ts'

test.each([
  ['dependancies', ['dependencies', 'default'], 'dependencies'],
  ['tilte', ['text', 'title'], 'title'],
  ['toolID', ['jobId', 'toolId'], 'toolId'],
  ['max_cost_usd', ['maxCostUsd'], 'maxCostUsd'],
  ['release-note', ['release-notes'], 'release-notes'],
  ['docs.fromat', ['docs.lint', 'docs.format'], 'docs.format'],
  ['txt', ['text'], 'text'],
  ['a', ['b', 'c'], undefined],
  ['ab', ['xy'], undefined],
  ['colour', ['title', 'notes'], undefined],
  ['', ['a'], undefined],
  ['x'.repeat(100), ['x'.repeat(100)], undefined],
])('%s among %j', (word, candidates, expected) => {
  expect(suggest(word, candidates)).toBe(expected)
})

test('the nearest wins, the first of equals', () => {
  expect(suggest('format', ['formal', 'formats', 'FORMAT'])).toBe('FORMAT')
  expect(suggest('formax', ['formal', 'format'])).toBe('formal')
  expect(didYouMean('formax', ['formal'])).toBe('; did you mean formal?')
  expect(didYouMean('formax', [])).toBe('')
})

test('one slip anywhere in a word of three letters or more is understood', () => {
  const words = fc.stringMatching(/^[a-z]{3,20}$/)
  fc.assert(
    fc.property(words, fc.nat(), fc.constantFrom('drop', 'add', 'change', 'swap'), (word, at, slip) => {
      const place = at % (word.length - 1)
      const [before, here, next, rest] = [word.slice(0, place), word[place], word[place + 1], word.slice(place + 2)]
      const wrong = {
        drop: `${before}${next}${rest}`,
        add: `${before}${here}7${next}${rest}`,
        change: `${before}7${next}${rest}`,
        swap: `${before}${next}${here}${rest}`,
      }[slip]
      expect(suggest(wrong, [word])).toBe(word)
    }),
  )
})
