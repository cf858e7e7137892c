import { lint } from '#core/tools/kinds/lint.ts'
import { describeTool } from './conformance.ts'

describeTool(lint, {
  rateMicros: 1_000n,
  examples: [
    {
      name: 'a clean text',
      input: { text: '# Title\n\nWords.\n\n- one\n- two\n' },
      output: { findings: [], ok: true },
    },
    {
      name: 'a fragment as sent in a chat',
      input: { text: 'Just words, and no line break at the end' },
      output: { ok: true },
    },
    { name: 'a long line', input: { text: `# Title\n\n${'word '.repeat(100).trim()}\n` }, output: { ok: true } },
    {
      name: 'the same section under two versions',
      input: { text: '# Log\n\n## 2\n\n### Fixes\n\n- a\n\n## 1\n\n### Fixes\n\n- b\n' },
      output: { ok: true },
    },
    {
      name: 'mistakes',
      input: { text: '# Title\n\n### Skipped\n\n*  wide\n' },
      output: {
        ok: false,
        findings: [
          {
            line: 3,
            rule: 'MD001',
            message: 'Heading levels should only increment by one level at a time: Expected: h2; Actual: h3',
          },
          { line: 5, rule: 'MD030', message: 'Spaces after list markers: Expected: 1; Actual: 2' },
        ],
      },
    },
    {
      name: 'a rule switched off by its author',
      input: { text: '<!-- markdownlint-disable MD001 -->\n\n# a\n\n### b\n' },
      output: { ok: true },
    },
    { name: 'nothing', input: { text: '' }, output: { findings: [], ok: true } },
  ],
  refused: [
    { name: 'a missing text', input: {}, names: 'text is required' },
    { name: 'a number', input: { text: 7 }, names: 'text must be text' },
    {
      name: 'a document of 65 KiB',
      input: { text: 'x'.repeat(65 * 1024) },
      code: 'limit_exceeded',
      names: 'The document is 65 KiB; docs.lint takes at most 64 KiB.',
    },
  ],
  hostile: [
    { name: '3,000 nested quotes', input: { text: `${'>'.repeat(3_000)} x` } },
    { name: 'links in links', input: { text: '[a]('.repeat(15_000) } },
  ],
})
