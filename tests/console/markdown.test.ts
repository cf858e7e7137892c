import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Inline, isWebAddress, parseInline, parseLinks } from '#server/console/src/chat/markdown/inline.ts'
import { type Block, parseMarkdown } from '#server/console/src/chat/markdown/parse.ts'

const wordsOf = (inlines: Inline[]): string =>
  inlines.map((one) => ('children' in one ? wordsOf(one.children) : one.text)).join('')

const linksOf = (inlines: Inline[]): string[] =>
  inlines.flatMap((one) =>
    'children' in one ? [...(one.kind === 'link' ? [one.href] : []), ...linksOf(one.children)] : [],
  )

const inlinesOf = (blocks: Block[]): Inline[] =>
  blocks.flatMap((block) => {
    if (block.kind === 'quote') return inlinesOf(block.blocks)
    if (block.kind === 'list') return block.items.flatMap(inlinesOf)
    return 'text' in block && block.kind !== 'code' ? parseInline(block.text) : []
  })

describe('markdown of tools and models', () => {
  it('reads headings, paragraphs, lists, code and quotes', () => {
    const blocks = parseMarkdown('# Title\ntext\n\n- a\n  - b\n- c\n\n3. x\n\n~~~py\n**code**\n~~~\n> quote\n\n---')
    expect(blocks.map((block) => block.kind)).toEqual(['heading', 'paragraph', 'list', 'list', 'code', 'quote', 'rule'])
    expect(blocks[2]).toMatchObject({ ordered: false, items: [[{ text: 'a' }, { kind: 'list' }], [{ text: 'c' }]] })
    expect(blocks[3]).toMatchObject({ ordered: true, start: 3 })
    expect(blocks[4]).toEqual({ kind: 'code', language: 'py', text: '**code**' })
  })

  it('reads bold, italics, code and links inside a line, and leaves snake_case alone', () => {
    expect(parseInline('**b** *i* `c*d` snake_case_name 2 * 3 * 4').map((one) => one.kind)).toEqual([
      'strong',
      'text',
      'em',
      'text',
      'code',
      'text',
    ])
    expect(linksOf(parseInline('[a](https://a.example) and https://b.example/x_y.'))).toEqual([
      'https://a.example',
      'https://b.example/x_y',
    ])
  })

  it.each([
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](data:text/html,1)',
    '[x](//evil.example)',
    '[x](/v1/auth/logout)',
    '[bank.example](https://evil.example)',
    '[https://bank.example/a](https://evil.example)',
    '[x](https://bank.example@evil.example)',
    '<a href="https://evil.example"',
    'javascript:alert(1)',
  ])('leaves %s as text', (text) => {
    const links = linksOf(parseInline(text)).filter((href) => href !== 'https://evil.example' || text.startsWith('['))
    expect(links).toEqual([])
    expect(wordsOf(parseInline(text))).toBe(text)
  })

  it('links nothing but http and https, whatever comes in', () => {
    const piece = fc.constantFrom(
      '[',
      ']',
      '(',
      ')',
      '*',
      '_',
      '`',
      'javascript:',
      'https://',
      'a.b',
      '@',
      '\n',
      ' ',
      '- ',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 40 }), (pieces) => {
        const text = pieces.join('')
        const links = [...linksOf(inlinesOf(parseMarkdown(text))), ...linksOf(parseLinks(text))]
        expect(links.every(isWebAddress)).toBe(true)
        expect(wordsOf(parseLinks(text))).toBe(text)
      }),
    )
  })

  it.each(['[a', '**a ', '_a', '> ', '- ', '`a', '- a\n  ', '#', '~~~\n', '1. '])(
    'takes a wall of %j in its stride',
    (piece) => {
      const startMs = performance.now()
      inlinesOf(parseMarkdown(piece.repeat(50_000)))
      expect(performance.now() - startMs).toBeLessThan(2_000)
    },
  )
})
