import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { markdown } from '#bots/telegram/markdown.ts'
import { settle } from '#tests/peers/telegram/text/formatted.ts'

/** `text` and what each entity covers. */
function shown(source: string): { text: string; look: string[] } {
  const { text, entities } = markdown(source)
  const look = entities.map((entity) => {
    const words = text.slice(entity.offset, entity.offset + entity.length)
    const more =
      entity.type === 'text_link' ? ` ${entity.url}` : entity.type === 'pre' ? ` ${entity.language ?? ''}` : ''
    return `${entity.type}${more}: ${words}`
  })
  return { text, look }
}

describe('Markdown', () => {
  it.each([
    ['a **b** c', 'a b c', ['bold: b']],
    ['*i* _j_ __k__ ~~l~~', 'i j k l', ['italic: i', 'italic: j', 'bold: k', 'strikethrough: l']],
    ['***both***', 'both', ['bold: both', 'italic: both']],
    ['**a _b_ c**', 'a b c', ['bold: a ', 'bold: b', 'italic: b', 'bold:  c']],
    ['**a `b` c**', 'a b c', ['bold: a ', 'code: b', 'bold:  c']],
    ['`` a`b ``', 'a`b', ['code: a`b']],
    ['# Title #', 'Title', ['bold: Title']],
    ['### A **b**', 'A b', ['bold: A b']],
    ['- one\n* two\n  + three', '• one\n• two\n  • three', []],
    ['- [ ] to do\n- [x] done', '☐ to do\n☑ done', []],
    ['1. one\n2. two', '1. one\n2. two', []],
    ['[here](https://example.org/a_(b)?c=1)', 'here', ['text_link https://example.org/a_(b)?c=1: here']],
    ['[**bold**](https://example.org)', 'bold', ['text_link https://example.org/: bold']],
    ['![picture](https://example.org/p.png)', 'picture', ['text_link https://example.org/p.png: picture']],
    ['```js\nlet a  = `1`\n\n**b**\n```\nend', 'let a  = `1`\n\n**b**\nend', ['pre js: let a  = `1`\n\n**b**']],
    ['~~~\nx', 'x', ['pre : x']],
    ['\\*no\\* \\# \\[x\\]', '*no* # [x]', []],
  ])('%j', (source, text, look) => {
    expect(shown(source)).toEqual({ text, look })
  })

  it.each([
    ['2 * 3 * 4 and snake_case_name', '2 * 3 * 4 and snake_case_name'],
    ['** not **', '** not **'],
    ['*open', '*open'],
    ['a ****', 'a ****'],
    ['****', '———'],
    ['<b>x</b> &amp; <script>', '<b>x</b> &amp; <script>'],
    ['> quoted', '> quoted'],
    ['[x](javascript:alert(1))', 'x (javascript:alert(1))'],
    ['[x](tg://user?id=1)', 'x (tg://user?id=1)'],
    ['[x](http://localhost:3000/)', 'x (http://localhost:3000/)'],
    ['[bank.example](https://evil.example/)', 'bank.example (https://evil.example/)'],
    ['[see https://bank.example/login](https://evil.example)', 'see https://bank.example/login (https://evil.example)'],
    ['[x](https://bank.example@evil.example/)', 'x (https://bank.example@evil.example/)'],
    ['[empty]()', '[empty]()'],
    ['``` not a fence ``` really', '``` not a fence ``` really'.replaceAll('``` ', '').replace(' ```', '')],
  ])('leaves %j without formatting that could mislead', (source, text) => {
    const rich = markdown(source)
    expect(rich.text).toBe(text)
    expect(rich.entities.filter(({ type }) => type !== 'code')).toEqual([])
  })

  it('shows tables in columns, and wide ones as lists', () => {
    const small = shown('| Name | Points |\n|------|-----:|\n| **Ann** | 7 |\n| Bob | 12 |')
    expect(small.text).toBe('Name  Points\n────────────\nAnn        7\nBob       12')
    expect(small.look).toHaveLength(1)
    const long = 'a rather long cell'
    const wide = shown(`| Name | What | Why |\n|-|-|-|\n| Ann | ${long} | ${long} |`)
    expect(wide).toEqual({ text: `Ann\nWhat: ${long}\nWhy: ${long}`, look: ['bold: Ann'] })
  })

  it('never makes entities that Telegram would repair or refuse', () => {
    const piece = fc.constantFrom(
      ...[
        '*',
        '**',
        '***',
        '_',
        '__',
        '~~',
        '`',
        '``',
        '```',
        '[',
        ']',
        '](https://x.org)',
        '](http://',
        ')',
        '\\',
        '\n',
      ],
      ...['# ', '- ', '|', '|-|', ' ', 'a', 'é', '😀', '\ud83d', '\u0000', '\r', '\u202e', 'word', '@ann', '<b>'],
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const rich = markdown(pieces.join(''))
        const complaints: string[] = []
        const settled = settle(rich, (complaint) => complaints.push(complaint))
        expect(complaints.filter((complaint) => !complaint.includes('keeps the first 100'))).toEqual([])
        expect(settled.text.trim()).toBe(rich.text.trim())
      }),
      { numRuns: 3_000 },
    )
  })

  it.each(['*', '[', '`', '**a', '[a](', '_a_ ', '`` ` ', '| a ', '- ', '\\', '[x](https://x.org/'])(
    'takes 200,000 characters of %j in its stride',
    (piece) => {
      const startedMs = performance.now()
      markdown(piece.repeat(200_000 / piece.length))
      expect(performance.now() - startedMs).toBeLessThan(2_000)
    },
  )
})
