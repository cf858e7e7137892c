import { describe, expect, test } from 'vitest'
import { plainInlines, splitText } from '#bots/slack/inlines.ts'
import { markdownChunks } from '#bots/slack/markdown.ts'
import { toPosts, toSinglePost } from '#bots/slack/pack.ts'
import { alignedTable } from '#bots/slack/table.ts'
import { plainFromSlack } from '#bots/slack/text.ts'

test.each([
  ['<@U0BOT> balance', 'balance'],
  ['  <@U0BOT>   balance  ', 'balance'],
  ['hey <@U0BOT|muster>, run', 'hey , run'],
  ['ask <@U1> and <@U2|ben>', 'ask @U1 and @ben'],
  ['<#C1|news> <#C2>', '#news #C2'],
  ['<!here> <!channel|channel> <!subteam^S1|@devs> <!subteam^S2>', '@here @channel @devs @subteam'],
  ['<!date^1795170000^{date}|20 November>', '20 November'],
  ['<https://x.org> <https://x.org/|x.org> <https://x.org/a|here>', 'https://x.org x.org here (https://x.org/a)'],
  ['<mailto:a@b.org|a@b.org>', 'a@b.org'],
  ['1 &lt; 2 &amp;&amp; 3 &gt; 2 &amp;lt;', '1 < 2 && 3 > 2 &lt;'],
  ['a\n<@U0BOT>\nb', 'a\n \nb'],
])('%j was typed as %j', (text, typed) => {
  expect(plainFromSlack(text, 'U0BOT')).toBe(typed)
})

test('moments are shown in the zone of whoever reads them', () => {
  const moment = { type: 'date', timestamp: 1_795_784_100, format: '{date_short_pretty} {time}' }
  expect(plainInlines('Kept until 27 Nov 2026, 12:55 UTC, then gone')).toEqual([
    { type: 'text', text: 'Kept until ' },
    { ...moment, fallback: '27 Nov 2026, 12:55 UTC' },
    { type: 'text', text: ', then gone' },
  ])
  const [post] = toPosts([{ type: 'text', text: 'By 2026-11-27 12:55 UTC.', style: 'muted' }])
  expect(post?.text).toBe('By 2026-11-27 12:55 UTC.')
  expect(JSON.stringify(post?.blocks)).toContain('"timestamp":1795784100')
})

describe('Markdown', () => {
  const shown = (text: string) => markdownChunks(text)

  test('paragraphs, headings, rules, quotes', () => {
    expect(shown('# One\ntwo\nthree\n\n---\n> said **so**\n> twice')).toEqual([
      { kind: 'lines', inlines: [{ type: 'text', text: 'One', style: { bold: true } }] },
      { kind: 'lines', inlines: [{ type: 'text', text: 'two\nthree' }] },
      { kind: 'lines', inlines: [{ type: 'text', text: '———' }] },
      {
        kind: 'quote',
        inlines: [
          { type: 'text', text: 'said ' },
          { type: 'text', text: 'so', style: { bold: true } },
          { type: 'text', text: '\ntwice' },
        ],
      },
    ])
  })

  test('lists, nested and numbered', () => {
    const item = (text: string) => [{ type: 'text', text }]
    expect(shown('- a\n- b\n  more\n  - c\n1. d\n2) e')).toEqual([
      { kind: 'list', items: [item('a'), item('b\nmore')], ordered: false, indent: 0 },
      { kind: 'list', items: [item('c')], ordered: false, indent: 1 },
      { kind: 'list', items: [item('d'), item('e')], ordered: true, indent: 0 },
    ])
  })

  test('a list that begins with another number than one keeps it', () => {
    expect(shown('3. c\n4. d')).toMatchObject([{ kind: 'list', ordered: true, offset: 2 }])
    expect(toPosts([{ type: 'markdown', text: '3. c' }])[0]?.blocks[0]).toMatchObject({
      elements: [{ type: 'rich_text_list', style: 'ordered', offset: 2 }],
    })
  })

  test('code keeps everything in it, also when it is never closed', () => {
    expect(shown('```ts\nconst a = "**b**"\n\n- c\n```\nafter')).toEqual([
      { kind: 'code', text: 'const a = "**b**"\n\n- c' },
      { kind: 'lines', inlines: [{ type: 'text', text: 'after' }] },
    ])
    expect(shown('~~~\nopen')).toEqual([{ kind: 'code', text: 'open' }])
  })

  test('tables stand in columns', () => {
    expect(shown('| a | bb |\n|---|---:|\n| ccc | d |')).toEqual([{ kind: 'code', text: 'a    bb\n───  ──\nccc  d' }])
    expect(alignedTable(['x'], [['1', '2'], []])).toBe('x\n─  ─\n1  2\n')
  })

  test.each([
    [
      '**b** __c__ *d* _e_ ~~f~~ `g`',
      [
        ['b', 'bold'],
        ['c', 'bold'],
        ['d', 'italic'],
        ['e', 'italic'],
        ['f', 'strike'],
        ['g', 'code'],
      ],
    ],
    ['***both***', [['both', 'bold,italic']]],
    ['snake_case_name 2 * 3 * 4 ** x **', []],
    ['\\*not\\* `**code**`', [['**code**', 'code']]],
    ['*open **and _never_ closed', [['never', 'italic']]],
  ])('%s', (text, styled) => {
    const [chunk] = shown(text)
    const inlines = chunk?.kind === 'lines' ? chunk.inlines : []
    const found = inlines.flatMap((inline) =>
      inline.style && inline.type !== 'date' ? [[inline.text, Object.keys(inline.style).sort().join()]] : [],
    )
    expect(found).toEqual(styled)
  })

  test('links lead where they say they do', () => {
    const [chunk] = shown(
      '[bank.com](https://evil.org/x) [https://a.org](https://a.org) <https://b.org> [js](javascript:alert(1)) https://u:p@evil.org/ [x](https://bank.com@evil.org)',
    )
    expect(chunk?.kind === 'lines' && chunk.inlines).toEqual([
      { type: 'link', url: 'https://evil.org/x', text: 'bank.com' },
      { type: 'text', text: ' (evil.org)' },
      { type: 'text', text: ' ' },
      { type: 'link', url: 'https://a.org' },
      { type: 'text', text: ' ' },
      { type: 'link', url: 'https://b.org' },
      { type: 'text', text: ' [js](javascript:alert(1)) https://u:p@evil.org/ [x](https://bank.com@evil.org)' },
    ])
  })

  test.each(['*', '_a', '[', '`', '> ', '- ', '**a ', '[a](', '<h', '|', '\\', '# ', '~~', '``a`'])(
    'a hundred thousand of %j take no time',
    (bit) => {
      const startMs = performance.now()
      expect(toPosts([{ type: 'markdown', text: bit.repeat(100_000 / bit.length) }]).length).toBeLessThan(200)
      expect(performance.now() - startMs).toBeLessThan(3_000)
    },
  )
})

test('addresses end before the punctuation of the sentence', () => {
  expect(plainInlines('see https://a.org/b?c=1. And (http://d.org)!')).toEqual([
    { type: 'text', text: 'see ' },
    { type: 'link', url: 'https://a.org/b?c=1' },
    { type: 'text', text: '. And (' },
    { type: 'link', url: 'http://d.org' },
    { type: 'text', text: ')!' },
  ])
})

test('long text is cut at a paragraph, a line, a word, and never within a character', () => {
  expect(splitText('aaaa\n\nbbbb cccc', 10)).toEqual(['aaaa', 'bbbb cccc'])
  expect(splitText('aaaa bbbb\ncccc', 12)).toEqual(['aaaa bbbb', 'cccc'])
  expect(splitText('aaaa bbbb cccc', 12)).toEqual(['aaaa bbbb', 'cccc'])
  expect(splitText('😀😀😀', 3)).toEqual(['😀', '😀', '😀'])
})

test('an edit that does not fit says so', () => {
  const post = toSinglePost([{ type: 'text', text: 'so '.repeat(9_000) }])
  expect(JSON.stringify(post?.blocks.at(-1))).toContain('The rest does not fit')
  expect(JSON.stringify(post?.blocks).length).toBeLessThan(12_000)
  expect(toSinglePost([])).toBeUndefined()
})
