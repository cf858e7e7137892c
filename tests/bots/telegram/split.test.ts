import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { block, concat, plain, type Rich, styled, withoutPings } from '#bots/telegram/rich.ts'
import { cut, ENTITIES_MAX, split, TEXT_MAX } from '#bots/telegram/split.ts'
import { settle } from '#tests/peers/telegram/text/formatted.ts'

const texts = (pieces: Rich[]): string[] => pieces.map(({ text }) => text)
const covered = ({ text, entities }: Rich): string[] =>
  entities.map(({ type, offset, length }) => `${type}: ${text.slice(offset, offset + length)}`)

describe('long text', () => {
  it('stays one message up to the limit', () => {
    expect(texts(split(plain('x'.repeat(TEXT_MAX))))).toHaveLength(1)
    expect(texts(split(plain('x'.repeat(TEXT_MAX + 1)))).map(({ length }) => length)).toEqual([TEXT_MAX, 1])
  })

  it('breaks at paragraphs, else lines, else words, else anywhere', () => {
    expect(texts(split(plain('one two\nthree\n\nfour five'), 20))).toEqual(['one two\nthree', 'four five'])
    expect(texts(split(plain('one two three\nfour five'), 20))).toEqual(['one two three', 'four five'])
    expect(texts(split(plain('one two three four five'), 15))).toEqual(['one two three', 'four five'])
    expect(texts(split(plain('onetwothreefourfive'), 10))).toEqual(['onetwothre', 'efourfive'])
  })

  it('never cuts what is one character to a reader', () => {
    expect(texts(split(plain('abc😀def'), 4))).toEqual(['abc', '😀de', 'f'])
    expect(texts(split(plain('ab👩‍👧cd'), 5))).toEqual(['ab', '👩‍👧', 'cd'])
    expect(texts(split(plain('aaae\u0301b'), 4))).toEqual(['aaa', 'e\u0301b'])
  })

  it('carries formatting and code on into the next message', () => {
    const [one, two] = split(concat('plain ', styled('bold words that go on', 'bold')), 18)
    expect(covered(one ?? plain(''))).toEqual(['bold: bold words'])
    expect(covered(two ?? plain(''))).toEqual(['bold: that go on'])
    const code = split(block('if (a) {\n  first()\n  second()\n}', 'js'), 20)
    expect(texts(code)).toEqual(['if (a) {\n  first()', '  second()\n}'])
    expect(code.map(({ entities }) => entities)).toEqual([
      [{ type: 'pre', language: 'js', offset: 0, length: 18 }],
      [{ type: 'pre', language: 'js', offset: 0, length: 12 }],
    ])
  })

  it('keeps every entity, though Telegram takes a hundred in a message', () => {
    const many = concat(...Array.from({ length: 250 }, (_, index) => concat(styled(`b${index}`, 'bold'), ' ')))
    const pieces = split(many)
    expect(pieces.flatMap(({ entities }) => entities)).toHaveLength(250)
    expect(Math.max(...pieces.map(({ entities }) => entities.length))).toBeLessThanOrEqual(ENTITIES_MAX)
  })

  it('is cut with a mark where it must be one message', () => {
    expect(cut(plain('short')).text).toBe('short')
    const long = cut(concat(styled('😀'.repeat(3000), 'bold')))
    expect(long.text.length).toBeLessThanOrEqual(TEXT_MAX)
    expect(long.text.endsWith('😀…')).toBe(true)
    expect(long.entities).toEqual([{ type: 'bold', offset: 0, length: long.text.length - 1 }])
  })

  it('loses nothing but blanks, and each piece is one that Telegram takes as it is', () => {
    const letter = fc.constantFrom('a', 'b', ' ', '\n', '\n\n', '😀', 'é', '👩‍👧', '\u0301', 'word ', '@x', '  ')
    const piece = fc.tuple(fc.array(letter, { maxLength: 30 }), fc.constantFrom('bold', 'code', 'none', 'pre'))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.integer({ min: 12, max: 60 }), (given, max) => {
        const rich = concat(
          ...given.map(([letters, look]) => {
            const text = letters.join('')
            if (look === 'none') return plain(text)
            return look === 'pre' ? block(text) : styled(text, look as 'bold' | 'code')
          }),
        )
        const pieces = split(rich, max)
        const bare = (text: string): string => text.replace(/\s/g, '')
        expect(bare(texts(pieces).join(''))).toBe(bare(rich.text))
        for (const { text, entities } of pieces) {
          expect(text.length).toBeLessThanOrEqual(max)
          expect(text.isWellFormed()).toBe(true)
          const complaints: string[] = []
          settle({ text, entities }, (complaint) => complaints.push(complaint))
          expect(complaints).toEqual([])
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('names', () => {
  it('call nobody, and formatting stays where it was', () => {
    const marked = withoutPings(
      concat('hi @ann ', styled('@bob_1', 'bold'), ' mail x@y.org ', styled('@code', 'code'), '@'),
    )
    expect(marked.text).toBe('hi @\u2060ann @\u2060bob_1 mail x@y.org @code@')
    expect(covered(marked)).toEqual(['bold: @\u2060bob_1', 'code: @code'])
  })

  it('call nobody when formatting parts the sign from the name', () => {
    const marked = withoutPings(concat(styled('@', 'bold'), 'ann'))
    expect(marked.text).toBe('@\u2060ann')
  })
})
