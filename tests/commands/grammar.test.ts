import { describe, expect, it } from 'vitest'
import { type CommandLine, restAfter, type Token, typed } from '#commands/grammar/line.ts'
import { parseLine } from '#commands/grammar.ts'

function command(text: string, options?: { bare?: boolean }): CommandLine {
  const line = parseLine(text, options)
  if (line.kind !== 'command') throw new Error(`Not a command: ${text}`)
  return line
}

const show = (token: Token): string => {
  if (token.kind === 'word') return token.text
  const dashes = token.kind === 'flag' ? '--' : ''
  return token.value ? `${dashes}${token.name}=<${token.value.text}>` : `${dashes}${token.name}`
}

const tokens = (text: string): string[] => command(text).tokens.map(show)

describe('what is a command', () => {
  it.each([
    ['/help', 'help'],
    ['  /help', 'help'],
    ['/Release-Notes x', 'release_notes'],
    ['/release_notes\nx', 'release_notes'],
    ['\u200f\ufeff/help', 'help'],
  ])('%j is one', (text, name) => {
    expect(command(text).name).toBe(name)
  })

  it('knows which bot is meant', () => {
    expect(command('/help@Muster_Bot balance')).toMatchObject({ name: 'help', botName: 'muster_bot' })
    expect(command('/help')).not.toHaveProperty('botName')
  })

  it.each([
    '',
    ' ',
    '/',
    '/ help',
    'help',
    '/usr/bin is full',
    '/5',
    '/help!',
    '//',
    'no /help here',
    '/@bot',
    '/помощь',
  ])('%j is talk', (text) => {
    expect(parseLine(text)).toEqual({ kind: 'talk', text: text.trim() })
  })

  it('takes a bare name only when asked', () => {
    expect(parseLine('status run_1')).toEqual({ kind: 'talk', text: 'status run_1' })
    expect(command('status run_1', { bare: true })).toMatchObject({ name: 'status' })
    expect(command('/status', { bare: true })).toMatchObject({ name: 'status' })
    expect(command('Status?', { bare: true })).toMatchObject({ name: 'status', tokens: [] })
    expect(parseLine('well, I think so', { bare: true }).kind).toBe('talk')
    expect(parseLine('what?! no', { bare: true }).kind).toBe('talk')
  })
})

describe('tokens', () => {
  it.each([
    ['/x a  b\tc', ['a', 'b', 'c']],
    ['/x --name value', ['--name', 'value']],
    ['/x --name=value title=x', ['--name=<value>', 'title=<x>']],
    ['/x --name="a b" title=\'c d\' "e f"', ['--name=<a b>', 'title=<c d>', 'e f']],
    ['/x “a b” „c d‟ «e f» ‘g h’', ['a b', 'c d', 'e f', 'g h']],
    ['/x —as team:acme –limit 5 ―dry', ['--as', 'team:acme', '--limit', '5', '--dry']],
    ['/x title=“New York”', ['title=<New York>']],
    ["/x don't it’s 27\" rock'n'roll", ["don't", 'it’s', '27"', "rock'n'roll"]],
    ['/x — - -- --- -5 –5', ['—', '-', '--', '---', '-5', '–5']],
    ['/x —wait— –no, x', ['—wait—', '–no,', 'x']],
    ['/x a==b a=b=c =d', ['a==b', 'a=<b=c>', '=d']],
    ['/x https://a.b/?q=1 a@b.c', ['https://a.b/?q=1', 'a@b.c']],
    ['/x "" title= t=""', ['', 'title=<>', 't=<>']],
    ['/x "C:\\new" "say \\"hi\\" now" "end\\\\"', ['C:\\new', 'say "hi" now', 'end\\']],
    ['/x "so", he said', ['"so",', 'he', 'said']],
    ['/x "two\nlines" after\nnot this', ['two\nlines', 'after']],
    ['/x a b', ['a', 'b']],
    ['/x שלום "عالم جديد" 👩‍👧 --größe=5', ['שלום', 'عالم جديد', '👩‍👧', '--größe=<5>']],
  ])('%j', (text, expected) => {
    expect(tokens(text)).toEqual(expected)
  })

  it('marks quotes that nothing closes', () => {
    const quoting = (text: string) =>
      command(text).tokens.map((token) => (token.kind === 'word' ? token.quoting : token.value?.quoting))
    expect(quoting('/x "a b')).toEqual(['open-double', 'none'])
    expect(quoting('/x title=“a b')).toEqual(['open-double', 'none'])
    expect(quoting("/x 'tis so")).toEqual(['open-single', 'none'])
    expect(quoting('/x "a"')).toEqual(['closed'])
  })

  it('keeps where each token stands', () => {
    const line = command('/x@bot “a b” —as=“team:x y” c')
    expect(line.tokens.map((token) => typed(line, token))).toEqual(['“a b”', '—as=“team:x y”', 'c'])
  })

  it('stops at 200 and leaves the rest as text', () => {
    const line = command(`/x ${'w '.repeat(200)}--late “text”\nmore`)
    expect(line.tokens).toHaveLength(200)
    expect(line.text.slice(line.end)).toBe('--late “text”\nmore')
  })
})

describe('the text as typed', () => {
  it('is all there from any token on', () => {
    const line = command('/x one  “two  2” —three four\n  five\n\nsix ')
    expect(restAfter(line, 0)).toBe('one  “two  2” —three four\n  five\n\nsix ')
    expect(restAfter(line, 1)).toBe('“two  2” —three four\n  five\n\nsix ')
    expect(restAfter(line, 3)).toBe('four\n  five\n\nsix ')
    expect(restAfter(line, 4)).toBe('  five\n\nsix ')
    expect(restAfter(line, 99)).toBe('  five\n\nsix ')
    expect(restAfter(command('/x  \n \n'), 0)).toBe('')
  })

  it('has no control characters and one kind of line end', () => {
    expect(command('/x a\u0000b\u0007\tc\r\nd\re\u0085').text).toBe('/x ab\tc\nd\ne')
    expect(parseLine('\u0000hi\ud800')).toEqual({ kind: 'talk', text: 'hi\ufffd' })
  })
})
