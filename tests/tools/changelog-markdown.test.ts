import fc from 'fast-check'
import { lint } from 'markdownlint/promise'
import { describe, expect, it } from 'vitest'
import { groupCommits } from '#core/tools/changelog/group.ts'
import { changelogMarkdown } from '#core/tools/changelog/markdown.ts'
import { run as formatTask } from '#core/tools/sandbox/tasks/format.ts'
import { run as lintTask } from '#core/tools/sandbox/tasks/lint.ts'

/** Pieces that mean something in Markdown, GFM, Liquid, Slack or prettier's dialect, and words between them. */
const PIECES = [
  ...'\\`*_{}[]()#+-.!<>|~$&=:;"\'^%@/?,0123',
  ...['a', 'foo', 'é', '漢字', '😀', ' ', ' ', ' ', '  ', '\t', '\u00a0'],
  ...[
    '**',
    '__',
    '~~',
    '``',
    '```',
    '---',
    '***',
    '+++',
    '===',
    '[^1]',
    '[ ]',
    '[x]',
    '[[a]]',
    '![a](b)',
    '[a](b)',
    '[a][b]',
  ],
  ...[
    '<!channel>',
    '<@U1>',
    '<!-- x -->',
    '<b>',
    '</b>',
    '&amp;',
    '&#35;',
    '&copy',
    '{{ x }}',
    '{% raw %}',
    '$x$',
    '$$',
    ':tada:',
  ],
  ...[
    'https://example.com/a_b?c=*d*&e=f',
    'http://x',
    'HTTPS://X.Y/',
    'www.example.com',
    'me@example.com',
    'mailto:a@b.c',
    '1. ',
    '1) ',
    '# ',
    '- ',
  ],
  ...[
    'ftp://x.y',
    'foo_bar',
    '_foo_',
    'C:\\dir',
    '(see [RFC](1))',
    '(a)[b]',
    '#12',
    'a * b',
    '2*3*4',
    '`code`',
    '\\',
    '\\\\',
  ],
]
const hostile = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 14 }).map((parts) => parts.join(''))
const anything = fc.oneof(
  { weight: 3, arbitrary: hostile },
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ maxLength: 60 }),
)
const line = anything.map((text) => text.replace(/[\r\n\u2028\u2029\0]/g, ' '))

const markdownOf = (title: string, subjects: string[]): string =>
  changelogMarkdown(
    title,
    groupCommits(subjects.map((message, index) => ({ hash: `abc123${index % 10}`, message, isMerge: false }))),
  )

const subjects = fc.array(
  fc.oneof(
    line,
    line.map((text) => `feat: ${text}`),
    fc.tuple(line, line).map(([scope, text]) => `fix(${scope}): ${text}`),
    fc.tuple(line, line).map(([text, note]) => `feat!: ${text}\n\nBREAKING CHANGE: ${note}`),
  ),
  { minLength: 1, maxLength: 6 },
)

/** Written instead of an escape where prettier would lose one. */
const REFERENCES: Record<string, string> = { '&#42;': '*', '&#95;': '_' }

/** The words of each list item as a reader sees them, and every kind of Markdown construct in the text. */
async function readItems(markdown: string): Promise<{ items: string[]; constructs: Set<string> }> {
  const items: string[] = []
  const constructs = new Set<string>()
  await lint({
    strings: { markdown },
    config: { default: false, reader: true },
    customRules: [
      {
        names: ['reader'],
        description: 'Reads the text',
        tags: ['test'],
        parser: 'micromark',
        function: ({ parsers }) => {
          const visit = (tokens: typeof parsers.micromark.tokens, out: string[]): void => {
            for (const token of tokens) {
              constructs.add(token.type)
              if (
                token.type === 'characterEscapeValue' ||
                token.type === 'data' ||
                token.type === 'codeTextData' ||
                token.type === 'autolinkProtocol'
              )
                out.push(token.text)
              else if (token.type === 'characterReference')
                out.push(REFERENCES[token.text] ?? `unexpected ${token.text}`)
              else if (token.type === 'paragraph') {
                const words: string[] = []
                visit(token.children, words)
                items.push(words.join(''))
              } else visit(token.children, out)
            }
          }
          visit(parsers.micromark.tokens, [])
        },
      },
    ],
  })
  return { items, constructs }
}

const FORBIDDEN = [
  'link',
  'image',
  'emphasis',
  'htmlText',
  'htmlFlow',
  'strikethrough',
  'literalAutolink',
  'table',
  'mathText',
  'mathFlow',
  'codeFenced',
  'codeIndented',
  'blockQuote',
  'listOrdered',
  'thematicBreak',
  'setextHeading',
  'gfmFootnoteCall',
  'definition',
  'hardBreakEscape',
  'hardBreakTrailing',
]

describe('the Markdown of a changelog', () => {
  it('passes the linter and is what the formatter would write, whatever people wrote', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(line, fc.constantFrom("What's new!", 'Features', 'C#', '# x', 'v1.2.', '---')),
        subjects,
        async (title, list) => {
          const markdown = markdownOf(title, list)
          expect((await formatTask({ text: markdown, language: 'markdown' })).text).toBe(markdown)
          expect((await lintTask({ text: markdown })).findings).toEqual([])
        },
      ),
      { numRuns: 200 },
    )
  })

  it('shows the words of a subject as they are', async () => {
    await fc.assert(
      fc.asyncProperty(line, async (subject) => {
        const shown = subject.replace(/\s+/gu, ' ').trim()
        fc.pre(shown !== '' && !/^[a-z][\w-]*(\(.*\))?!?:/i.test(shown) && !shown.startsWith('Revert "'))
        const { items, constructs } = await readItems(markdownOf('Changelog', [subject]))
        expect(items).toEqual([`${shown} (abc1230)`])
        expect(FORBIDDEN.filter((name) => constructs.has(name))).toEqual([])
      }),
      { numRuns: 200 },
    )
  })
})
