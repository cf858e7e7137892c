import { describe, expect, test } from 'vitest'
import { checkName, tidyName } from '#core/accounts/fields.ts'

describe('a name', () => {
  test.each([
    ['  Anna\n\tB. ', 'Anna B.'],
    ['Acme\u200b Rockets\u202e', 'Acme Rockets'],
    ['\u2066bank\u2069', 'bank'],
    ['\ufeffZoë', 'Zoë'],
    ['a\u0000b', 'a b'],
    ['ولي\u200cعهد', 'ولي\u200cعهد'],
    ['👩\u200d🚀 Crew', '👩\u200d🚀 Crew'],
    ['❤️', '❤️'],
    ['é'.normalize('NFD'), 'é'.normalize('NFD')],
  ])('%j is kept as %j', (given, kept) => {
    expect(tidyName(given)).toBe(kept)
    expect(checkName(given, 'name')).toBe(kept)
  })

  test.each(['', '  ', '\u200b', '\u202e\u2066', '\u200d', '\u00ad\u2060', '\u0301', '\ufe0f', '\u{e0041}'])(
    '%j cannot be seen, so it is none',
    (given) => {
      expect(tidyName(given)).toBe('')
      expect(() => checkName(given, 'name')).toThrow('A name has 1 to 80 characters.')
    },
  )
})
