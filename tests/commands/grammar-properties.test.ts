import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bindArguments } from '#commands/grammar/arguments.ts'
import { bindInputs, type Field } from '#commands/grammar/inputs.ts'
import { type CommandLine, restAfter } from '#commands/grammar/line.ts'
import { findAs } from '#commands/grammar/named.ts'
import { type LineParts, renderLine } from '#commands/grammar/render.ts'
import { cleanText, parseLine } from '#commands/grammar.ts'

/** What breaks parsers, far more often than chance would bring it. */
const nasty = fc.constantFrom(
  ...[
    '"',
    "'",
    '“',
    '”',
    '„',
    '’',
    '«',
    '»',
    '\\',
    '\\"',
    '\n',
    '\t',
    ' ',
    '\u00a0',
    '=',
    '--',
    '—',
    '–',
    '--as',
    '/',
    '@',
  ],
  ...[
    'title=',
    '--title',
    'lang=',
    '\r\n',
    '\u0000',
    '\u200f',
    '\u202e',
    'שלום',
    'مرحبا',
    '👩‍👧',
    'e\u0301',
    'x',
    '-',
    '\u2028',
    '\ud800',
  ],
)
const hostile = fc.oneof(
  { weight: 3, arbitrary: fc.array(nasty, { maxLength: 12 }).map((pieces) => pieces.join('')) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 20 }) },
)

const flagName = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
const parts: fc.Arbitrary<Required<LineParts>> = fc.record({
  words: fc.array(hostile, { maxLength: 5 }),
  flags: fc.dictionary(flagName, fc.oneof(hostile, fc.constant(true as const)), { maxKeys: 3 }),
  text: hostile,
})

const command = (text: string): CommandLine => {
  const line = parseLine(text)
  if (line.kind !== 'command') throw new Error(`Not a command: ${text}`)
  return line
}

function partsOf(line: CommandLine): Required<LineParts> {
  const words = line.tokens.flatMap((token) => (token.kind === 'word' ? [token.text] : []))
  const flags = line.tokens.flatMap((token) =>
    token.kind === 'flag' ? [[token.name, token.value ? token.value.text : (true as const)] as const] : [],
  )
  return { words, flags: Object.fromEntries(flags), text: line.text.slice(line.end + 1) }
}

const FIELDS: Field[] = [
  { name: 'body', type: 'string', required: true },
  { name: 'title', type: 'string', required: false },
  { name: 'lang', type: 'string', required: false },
  { name: 'isDraft', type: 'boolean', required: false },
]

describe('rendered lines', () => {
  it('read back as what they were made of', () => {
    fc.assert(
      fc.property(flagName, parts, (name, given) => {
        const line = command(renderLine(name, given))
        expect(line.name).toBe(name.replaceAll('-', '_'))
        expect(line.tokens.every((token) => token.kind !== 'pair')).toBe(true)
        expect(partsOf(line)).toEqual({
          words: given.words.map(cleanText),
          flags: Object.fromEntries(
            Object.entries(given.flags).map(([flag, value]) => [
              flag,
              typeof value === 'string' ? cleanText(value) : value,
            ]),
          ),
          text: cleanText(given.text),
        })
      }),
      { numRuns: 12_000 },
    )
  }, 60_000)

  it('bring every input of a job home', () => {
    const inputs = fc.record({ title: hostile, lang: hostile, isDraft: fc.boolean(), body: hostile })
    fc.assert(
      fc.property(inputs, ({ title, lang, isDraft, body }) => {
        const flags = { title, lang, isDraft: isDraft ? (true as const) : undefined }
        const bound = bindInputs(command(renderLine('job', { flags, text: body })), FIELDS, 'body')
        expect(bound.problems).toEqual([])
        expect(bound.values.get('title')).toBe(cleanText(title))
        expect(bound.values.get('lang')).toBe(cleanText(lang))
        expect(bound.values.get('isDraft')).toBe(isDraft ? 'true' : undefined)
        expect(bound.values.get('body') ?? '').toBe(cleanText(body).trim() === '' ? '' : cleanText(body))
      }),
      { numRuns: 5_000 },
    )
  }, 60_000)
})

describe('any text at all', () => {
  it('is read without a crash, and every token is where it says', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          hostile,
          hostile.map((text) => `/x ${text}`),
          fc.string({ unit: 'binary', maxLength: 400 }),
        ),
        (text) => {
          for (const bare of [false, true]) {
            const line = parseLine(text, { bare })
            if (line.kind === 'talk') continue
            let at = 0
            for (const [index, token] of line.tokens.entries()) {
              expect(token.start).toBeGreaterThanOrEqual(at)
              expect(token.end).toBeGreaterThan(token.start)
              expect(line.text.endsWith(restAfter(line, index))).toBe(true)
              at = token.end
            }
            expect(line.end).toBeGreaterThanOrEqual(at)
          }
        },
      ),
      { numRuns: 10_000 },
    )
  }, 60_000)

  it('is bound or refused, never thrown at', () => {
    const spec = {
      args: [
        { name: 'who', kind: 'rest' },
        { literal: 'to' },
        { name: 'limit', kind: 'amount', optional: true },
        { name: 'note', kind: 'text', optional: true },
      ],
      flags: [{ name: 'title', kind: 'word', summary: '' }],
    } as const
    fc.assert(
      fc.property(hostile, hostile, (a, b) => {
        const line = command(`/x ${a} to ${b}`)
        const bound = bindArguments(line, spec)
        if (!bound.ok) expect(bound.problems.length).toBeGreaterThan(0)
        bindInputs(line, FIELDS, 'body')
      }),
      { numRuns: 5_000 },
    )
  }, 60_000)

  it('says who pays the same before binding and after', () => {
    const pieces = fc.constantFrom(
      ...['--as', '--as=personal', 'personal', 'team:a', '--', '“a', 'b”', '\n', 'x', 'title=y', '--title', '--no'],
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 9 }), (words) => {
        const line = command(`/x ${words.join(' ')}`)
        const inputs = bindInputs(line, FIELDS, 'body')
        if (inputs.problems.length === 0) expect(inputs.as).toEqual(findAs(line))
        const bound = bindArguments(line, { args: [{ name: 'a', kind: 'text', optional: true }], flags: [] })
        if (bound.ok) expect(bound.as).toEqual(findAs(line))
      }),
      { numRuns: 10_000 },
    )
  }, 60_000)

  it('keeps free text to the letter when it names no field', () => {
    const prose = hostile.filter((text) => !/title|lang|as|draft|body/i.test(text) && cleanText(text).trim() !== '')
    fc.assert(
      fc.property(prose, prose, (first, more) => {
        const body = `Start ${first}\n${more}`
        expect(bindInputs(command(`/job ${body}`), FIELDS, 'body').values.get('body')).toBe(cleanText(body))
        expect(bindInputs(command(`/job -- ${body}`), FIELDS, 'body').values.get('body')).toBe(cleanText(body))
        expect(bindInputs(command(`/job\n${body}`), FIELDS, 'body').values.get('body')).toBe(cleanText(body))
      }),
      { numRuns: 5_000 },
    )
  }, 60_000)
})

describe('long lines', () => {
  const SIZE = 100_000
  /** It takes a few milliseconds; anything quadratic over this size takes many seconds. */
  const LINEAR_MS = 250
  const fill = (piece: string) => piece.repeat(Math.ceil(SIZE / piece.length))

  it.each([
    'x',
    ' ',
    '"',
    "'",
    '"a ',
    "'a ",
    '\\',
    '\\"',
    '"\\\\" x',
    '--a ',
    '--',
    '—',
    'a=',
    'a="',
    '=',
    '\n',
    '\t',
    '“x” ',
    '\u00a0',
    'title=x ',
    '--title ',
    '--title x ',
    'to ',
    '\r',
    '\u0000',
    '👩',
    '\ud800',
    'a.',
    '/x ',
    '"x"y ',
  ])('of %j are read and bound in a time that grows no faster than they do', (piece) => {
    const texts = [`/x ${fill(piece)}`, `/x "${fill(piece)}`, `/x a ${fill(piece)} --title b`, fill(piece)]
    for (const text of texts) {
      expect(fastestMs(() => parseLine(text, { bare: true }))).toBeLessThan(LINEAR_MS)
      const line = parseLine(text)
      if (line.kind === 'talk') continue
      expect(fastestMs(() => bindInputs(line, FIELDS, 'body'))).toBeLessThan(LINEAR_MS)
      expect(fastestMs(() => bindArguments(line, { args: [{ name: 'a', kind: 'rest' }], flags: [] }))).toBeLessThan(
        LINEAR_MS,
      )
    }
  })

  /** The best of several: what the code needs, whatever else the machine is doing. */
  function fastestMs(work: () => unknown): number {
    let best = Infinity
    for (let round = 0; round < 8 && best > 1; round += 1) {
      const startedMs = performance.now()
      work()
      best = Math.min(best, performance.now() - startedMs)
    }
    return best
  }
})
