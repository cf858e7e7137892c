import { expect, it } from 'vitest'
import { format } from '#core/tools/kinds/format.ts'
import { describeTool, errorOf } from './conformance.ts'

const TABLE = `${'|a'.repeat(300)}|\n${'|-'.repeat(300)}|\n${`${'|*b*'.repeat(300)}|\n`.repeat(45)}`

describeTool(format, {
  rateMicros: 1_000n,
  examples: [
    {
      name: 'Markdown',
      input: { text: '*  one\n*  two', language: 'markdown' },
      output: { text: '- one\n- two\n', changed: true },
    },
    { name: 'Markdown by default', input: { text: '# x\n' }, output: { text: '# x\n', changed: false } },
    {
      name: 'JSON',
      input: { text: '{"a":[1,2],"b":null}', language: 'json' },
      output: { text: '{ "a": [1, 2], "b": null }\n' },
    },
    { name: 'YAML', input: { text: 'a:   1\nb:\n    - x', language: 'yaml' }, output: { text: 'a: 1\nb:\n  - x\n' } },
    { name: 'CSS', input: { text: 'a{color:red}', language: 'css' }, output: { text: 'a {\n  color: red;\n}\n' } },
    { name: 'HTML', input: { text: '<p>a<b>c</b></p>', language: 'html' }, output: { text: '<p>a<b>c</b></p>\n' } },
    {
      name: 'TypeScript',
      input: { text: 'let a:number=1', language: 'typescript' },
      output: { text: 'let a: number = 1;\n' },
    },
    {
      name: 'Windows line breaks',
      input: { text: 'a\r\nb\r\n', language: 'markdown' },
      output: { text: 'a\nb\n', changed: true },
    },
    {
      name: 'code inside Markdown, which stays',
      input: { text: '```js\nlet  a=1\n```\n' },
      output: { changed: false },
    },
    { name: 'an empty text', input: { text: '' }, output: { text: '', changed: false } },
  ],
  refused: [
    { name: 'a missing text', input: { language: 'json' }, names: 'text is required' },
    {
      name: 'a language it does not know',
      input: { text: 'x', language: 'perl' },
      names: /language must be one of markdown/,
    },
    {
      name: 'broken JSON',
      input: { text: '{\n  "a": }', language: 'json' },
      names: /not valid JSON: .*line 2, column 8/,
    },
    { name: 'broken YAML', input: { text: 'a: [', language: 'yaml' }, names: /not valid YAML: .*line 1, column 5/ },
    { name: 'broken CSS', input: { text: 'a {', language: 'css' }, names: /not valid CSS: Unclosed block \(line 1/ },
    { name: 'broken HTML', input: { text: '<div', language: 'html' }, names: /not valid HTML: .*line 1, column 1/ },
    {
      name: 'broken TypeScript',
      input: { text: 'let a = ', language: 'typescript' },
      names: /not valid TypeScript: .*line 1, column 8/,
    },
    {
      name: 'a document of 65 KiB',
      input: { text: 'é'.repeat(33 * 1024) },
      code: 'limit_exceeded',
      names: 'The document is 67 KiB; docs.format takes at most 64 KiB.',
    },
  ],
  hostile: [
    {
      name: '3,000 nested quotes',
      input: { text: `${'>'.repeat(3_000)} x` },
      code: 'limit_exceeded',
      names: 'nested too deep',
    },
    {
      name: 'stars that never end',
      input: { text: '*a_ '.repeat(15_000) },
      code: 'limit_exceeded',
      names: /longer than 10 s|memory/,
    },
    { name: 'a dense table', input: { text: TABLE } },
    { name: 'links in links', input: { text: '[a]('.repeat(15_000) } },
    {
      name: 'lists in lists',
      input: { text: Array.from({ length: 340 }, (_, i) => `${' '.repeat(i)}- x`).join('\n') },
    },
    {
      name: 'deep JSON',
      input: { text: '['.repeat(30_000) + ']'.repeat(30_000), language: 'json' },
      code: 'limit_exceeded',
    },
    {
      name: 'deep YAML',
      input: { text: `${'- '.repeat(30_000)}a`, language: 'yaml' },
      code: 'limit_exceeded',
      names: 'nested too deep',
    },
    {
      name: 'deep TypeScript',
      input: { text: `${'('.repeat(30_000)}1${')'.repeat(30_000)}`, language: 'typescript' },
      code: 'limit_exceeded',
    },
    { name: 'calls in calls', input: { text: 'a('.repeat(2_500) + ')'.repeat(2_500), language: 'typescript' } },
    { name: 'deep CSS', input: { text: 'a{'.repeat(20_000) + '}'.repeat(20_000), language: 'css' } },
    { name: 'deep HTML', input: { text: '<div>'.repeat(12_000), language: 'html' } },
    {
      name: 'a YAML alias bomb',
      input: {
        text: `a0: &a0 [x]\n${Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]\n`).join('')}`,
        language: 'yaml',
      },
    },
  ],
})

it('reads no configuration from the text or the disk', async () => {
  const text = '<!-- @format -->\n\n<!-- prettier: {"plugins":["/etc/passwd"]} -->\n\n*  x\n'
  const { runTool } = await import('#core/tools/run.ts')
  const { contextFor } = await import('./conformance.ts')
  const { output } = await runTool(format, { text, language: 'markdown' }, contextFor())
  expect(output.text).toContain('- x')
})

it('says what is wrong without showing what is inside', async () => {
  const { message } = await errorOf(format, { text: 'let = = 1', language: 'typescript' })
  expect(message).not.toMatch(/node_modules|at \w+ \(|\n/)
})
