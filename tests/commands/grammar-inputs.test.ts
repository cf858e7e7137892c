import { describe, expect, it } from 'vitest'
import { bindInputs, type Field } from '#commands/grammar/inputs.ts'
import { parseLine } from '#commands/grammar.ts'

const FIELDS: Field[] = [
  { name: 'text', type: 'string', required: true },
  { name: 'lang', type: 'string', required: true },
  { name: 'maxItems', type: 'integer', required: false },
  { name: 'draft', type: 'boolean', required: false },
  { name: 'as', type: 'string', required: false },
]

function bind(message: string, fields = FIELDS) {
  const line = parseLine(message)
  if (line.kind !== 'command') throw new Error(`Not a command: ${message}`)
  const { values, problems, ...others } = bindInputs(line, fields, fields.find((field) => field.name === 'text')?.name)
  return { values: Object.fromEntries(values), problems: problems.map((problem) => problem.message), ...others }
}

const values = (message: string) => {
  const bound = bind(message)
  expect(bound.problems).toEqual([])
  return bound.values
}

describe('inputs of a job', () => {
  it.each([
    ['/j --lang de Good morning', { lang: 'de', text: 'Good morning' }],
    ['/j lang=de Good morning', { lang: 'de', text: 'Good morning' }],
    ['/j Good morning --lang=“de AT”', { lang: 'de AT', text: 'Good morning' }],
    ['/j Good --lang de morning\n to all\n', { lang: 'de', text: 'Good morning\n to all\n' }],
    ['/j --lang de\n  indented\n\nmore ', { lang: 'de', text: '  indented\n\nmore ' }],
    ['/j --lang de   \ntext', { lang: 'de', text: 'text' }],
    ['/j --draft yes we can --max-items 5', { draft: 'true', maxItems: '5', text: 'yes we can' }],
    ['/j --draft=no MAX_ITEMS=05', { draft: 'no', maxItems: '05' }],
    ['/j lang= x', { lang: '', text: 'x' }],
    ['/j --text "a b" --lang de', { text: 'a b', lang: 'de' }],
    ['/j —lang de —draft', { lang: 'de', draft: 'true' }],
  ])('%j', (message, expected) => {
    expect(values(message)).toEqual(expected)
  })

  it('are asked for when they are missing, which is no mistake', () => {
    expect(bind('/j')).toEqual({ values: {}, problems: [], missing: ['text', 'lang'] })
    expect(bind('/j hi').missing).toEqual(['lang'])
    expect(bind('/j  \n \n').missing).toEqual(['text', 'lang'])
  })

  it('carry who pays apart', () => {
    expect(bind('/j --as team:acme hi')).toMatchObject({ as: { type: 'team', name: 'acme' }, values: { text: 'hi' } })
    expect(bind('/j hi --as personal')).toMatchObject({ as: { type: 'personal' }, values: { text: 'hi' } })
    expect(bind('/j as=is hi')).toMatchObject({ values: { as: 'is', text: 'hi' } })
  })
})

describe('free text', () => {
  it.each([
    ['/j what does --verbose do', 'what does --verbose do'],
    ['/j a=b and c = d', 'a=b and c = d'],
    ['/j say --as you like', 'say --as you like'],
    ['/j He said "hello', 'He said "hello'],
    ['/j ’tis “fine” — isn’t it', '’tis “fine” — isn’t it'],
    ['/j “Hello world”', 'Hello world'],
    ['/j “Hello” world', '“Hello” world'],
    ['/j "Hello"\nworld', '"Hello"\nworld'],
    ['/j "two\nlines"', 'two\nlines'],
    ['/j "Hello", she said', '"Hello", she said'],
    ['/j -- --lang is a flag', '--lang is a flag'],
    ['/j --\nlang=de', 'lang=de'],
    ['/j text with -- in it --lang de', 'text with -- in it --lang de'],
    ['/j first line\n--lang de\nlang=de', 'first line\n--lang de\nlang=de'],
    ['/j\n/other command "x', '/other command "x'],
    ['/j a “b\nc” lang=de', 'a “b\nc” lang=de'],
  ])('%j', (message, text) => {
    expect(values(message)).toEqual({ text })
  })

  it('is never cut by fields past the 200th word', () => {
    const text = `${'w '.repeat(210)}--lang de`
    expect(values(`/j ${text}`)).toEqual({ text })
  })
})

describe('mistakes', () => {
  it.each([
    ['/j --lnag de hi', ['There is no --lnag here. Did you mean --lang?']],
    ['/j --lang', ['lang needs a value.']],
    ['/j --lang --draft x', ['lang needs a value.']],
    ['/j --lang -- x', ['lang needs a value.']],
    ['/j --lang de lang=fr', ['lang is given twice.']],
    ['/j --text a b', ['text is given twice: by its name and as text.']],
    ['/j --lang "de hi', ['lang opens a quote that is not closed: "de.']],
    ['/j "Hello world', ['The text opens a quote that is not closed: "Hello.']],
    ['/j --as bob hi', ['--as takes personal or team:<name>. A name with spaces is quoted: --as "team:Acme Rockets".']],
    ['/j --x --y --lang', ['There is no --x here.', 'There is no --y here.', 'lang needs a value.']],
  ])('%j', (message, problems) => {
    expect(bind(message).problems).toEqual(problems)
  })

  it('text where none is taken', () => {
    expect(bind('/j lang=de hello there', FIELDS.slice(1))).toEqual({
      values: { lang: 'de' },
      problems: ['There is no place for “hello there”; name the input it is for.'],
      missing: [],
    })
  })

  it('cannot reach what every object inherits', () => {
    const fields: Field[] = [{ name: '__proto__', type: 'string', required: true }]
    const line = parseLine('/j __proto__=x constructor=y')
    if (line.kind !== 'command') throw new Error('no command')
    expect([...bindInputs(line, fields, '__proto__').values]).toEqual([['__proto__', 'x']])
  })
})
