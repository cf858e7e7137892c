import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyboardOf } from '#bots/telegram/keyboard.ts'
import {
  asDuplicate,
  DUPLICATE_NOTE,
  type Rendered,
  render,
  renderCard,
  type TextMessage,
} from '#bots/telegram/render.ts'
import { isBlank } from '#bots/telegram/rich.ts'
import type { Button, Part } from '#core/chat/message.ts'
import { settle } from '#tests/peers/telegram/text/formatted.ts'

const PRIVATE = { isShared: false }
const SHARED = { isShared: true }
const file: Part = { type: 'file', artifactId: 'art_1', name: 'a.md', mediaType: 'text/markdown', sizeBytes: 5 }
const button = (label: string, more: Partial<Button> = { token: 'tok' }): Button => ({ label, ...more })
const buttons = (...given: Button[]): Part => ({ type: 'buttons', buttons: given })

function only(messages: Rendered[]): TextMessage {
  const [first, ...others] = messages
  if (first?.kind !== 'text' || others.length > 0) throw new Error(`Not one text: ${JSON.stringify(messages)}`)
  return first
}
const look = ({ text, entities }: TextMessage): string[] =>
  entities.map(({ type, offset, length }) => `${type}: ${text.slice(offset, offset + length)}`)

describe('moments', () => {
  it('are shown in the zone of whoever reads them', () => {
    const message = only(
      render([{ type: 'text', text: 'Kept until 27 Nov 2026, 12:55 UTC, then gone', style: 'muted' }], PRIVATE),
    )
    expect(look(message)).toEqual(['italic: Kept until ', 'date_time: 27 Nov 2026, 12:55 UTC', 'italic: , then gone'])
    expect(message.entities[1]).toMatchObject({ unix_time: 1_795_784_100, date_time_format: 'Dt' })
    expect(settle(message, expect.fail).entities).toEqual(message.entities)
  })
})

describe('parts of one reply', () => {
  it('are one message where they fit', () => {
    const message = only(
      render(
        [
          { type: 'text', text: 'Title', style: 'heading' },
          { type: 'text', text: 'Plain <b>words</b>' },
          { type: 'text', text: 'aside', style: 'muted' },
          {
            type: 'fields',
            fields: [
              { label: 'Price', value: '$1' },
              { label: 'Who', value: 'Ann' },
            ],
          },
          { type: 'list', items: ['one', 'two'] },
          { type: 'list', items: ['one', 'two'], ordered: true },
          { type: 'code', text: 'let a\n', language: 'ts' },
          { type: 'table', columns: ['a', 'b'], rows: [['1', '22']] },
          buttons(button('Go')),
        ],
        PRIVATE,
      ),
    )
    expect(message.text.split('\n\n')).toEqual([
      'Title',
      'Plain <b>words</b>',
      'aside',
      'Price: $1\nWho: Ann',
      '• one\n• two',
      '1. one\n2. two',
      'let a',
      'a   b\n─────\n1  22',
    ])
    expect(look(message)).toEqual([
      'bold: Title',
      'italic: aside',
      'bold: Price:',
      'bold: Who:',
      'pre: let a',
      'pre: a   b\n─────\n1  22',
    ])
    expect(message.keyboard).toEqual([[{ text: 'Go', callback_data: 'tok' }]])
  })

  it('set apart what is quoted, with its formats; a long quote opens by a tap', () => {
    const short = 'A **bold** word\n\n```js\ncode\n```\n\n[Approve](https://evil.example)'
    const quotes: Part[] = [
      { type: 'text', text: 'Review', style: 'strong' },
      { type: 'quote', title: 'draft', of: { type: 'markdown', text: short } },
      { type: 'quote', of: { type: 'code', text: 'line\n'.repeat(20), language: 'json' } },
      { type: 'quote', title: 'empty', of: { type: 'markdown', text: ' ' } },
      { type: 'text', text: 'Waits for @ann.', style: 'muted' },
    ]
    const message = only(render(quotes, PRIVATE))
    const shown = 'draft\nA bold word\n\ncode\n\nApprove'
    expect(look(message).filter((line) => !/^(text_link|italic)/.test(line))).toEqual([
      'bold: Review',
      `blockquote: ${shown}`,
      'bold: draft',
      'bold: bold',
      'pre: code',
      `expandable_blockquote: ${'line\n'.repeat(20).trimEnd()}`,
      `pre: ${'line\n'.repeat(20).trimEnd()}`,
      'blockquote: empty',
      'bold: empty',
    ])
    expect(settle(message, expect.fail).entities).toEqual(message.entities)
  })

  it('keep the bar of each quote where there are more formats than Telegram takes', () => {
    const many: Part = { type: 'quote', of: { type: 'markdown', text: '**a** b '.repeat(120) } }
    const { entities } = renderCard([many, { type: 'quote', of: { type: 'markdown', text: 'the other' } }], PRIVATE)
    expect(entities).toHaveLength(100)
    expect(entities.map(({ type }) => type).filter((type) => type !== 'bold')).toEqual(['blockquote', 'blockquote'])
  })

  it('shows progress as a card of one message, however long', () => {
    const steps = [
      { label: 'Read the log', status: 'done' as const },
      { label: 'Write notes', status: 'running' as const, note: 'try 2' },
      { label: 'Review', status: 'pending' as const },
    ]
    const card: Part = { type: 'progress', title: 'Release notes', status: 'running', steps }
    const message = only(render([card, buttons(button('Stop'))], PRIVATE))
    expect(message.text).toBe('▸ Release notes\n✓ Read the log\n▸ Write notes — try 2\n· Review')
    expect(look(message)).toEqual(['bold: Release notes', 'italic:  — try 2'])
    const many = Array.from({ length: 500 }, (_, index) => ({ label: `Step number ${index}`, status: 'done' as const }))
    const long = only(render([{ ...card, steps: many }], PRIVATE))
    expect(long.text.length).toBeLessThanOrEqual(4096)
    expect(long.text.endsWith('…')).toBe(true)
  })

  it('follow each other when they are long, buttons under the last text, files at the end', () => {
    const messages = render([file, { type: 'text', text: 'word '.repeat(1500) }, buttons(button('Go'))], PRIVATE)
    expect(messages.map(({ kind }) => kind)).toEqual(['text', 'text', 'file'])
    expect(messages.map(({ keyboard }) => keyboard !== undefined)).toEqual([false, true, false])
  })

  it('that nobody would read in a chat follow as a file', () => {
    const text = 'word '.repeat(100_000)
    const messages = render([{ type: 'text', text }], PRIVATE)
    expect(messages).toHaveLength(11)
    const last = messages.at(-1)
    expect(last).toMatchObject({ kind: 'file', name: 'whole-text.txt' })
    expect(last?.kind === 'file' && 'text' in last.source && last.source.text.length).toBe(text.length)
  })

  it('that are buttons or files alone are sent all the same', () => {
    expect(only(render([buttons(button('Go'))], PRIVATE)).text).toBe('Choose:')
    expect(render([file, buttons(button('Go'))], PRIVATE)).toEqual([
      {
        kind: 'file',
        name: 'a.md',
        source: { artifactId: 'art_1' },
        keyboard: [[{ text: 'Go', callback_data: 'tok' }]],
      },
    ])
    expect(render([{ type: 'text', text: ' \u200b\n' }], PRIVATE)).toEqual([])
  })

  it('say what Telegram will not carry', () => {
    const large = { ...file, sizeBytes: 50 * 1024 * 1024 + 1 }
    expect(only(render([large], PRIVATE)).text).toMatch(/^a\.md has 51 MB; Telegram takes up to 50 MB/)
    expect(only(render([{ ...file, sizeBytes: 0 }], PRIVATE)).text).toContain('empty')
  })

  it('call nobody in a group, and are left alone in private', () => {
    const parts: Part[] = [{ type: 'text', text: 'for @ann' }]
    expect(only(render(parts, SHARED)).text).toBe('for @\u2060ann')
    expect(only(render(parts, PRIVATE)).text).toBe('for @ann')
    expect(renderCard(parts, SHARED).text).toBe('for @\u2060ann')
  })

  it('say that they may be there twice', () => {
    const parts: Part[] = [{ type: 'text', text: 'done', style: 'strong' }]
    const marked = only(render(parts, { ...PRIVATE, maybeDuplicate: true }))
    expect(marked.text).toBe(`${DUPLICATE_NOTE}\n\ndone`)
    expect(asDuplicate(only(render(parts, PRIVATE)))).toEqual(marked)
    expect(asDuplicate(marked)).toEqual(marked)
    const [whole] = render([{ type: 'text', text: 'x'.repeat(9_000) }], PRIVATE)
    expect(whole && (asDuplicate(whole) as TextMessage).text.length).toBeLessThanOrEqual(4096)
    expect(render([file], { ...PRIVATE, maybeDuplicate: true })).toMatchObject([
      { kind: 'text', text: DUPLICATE_NOTE },
      { kind: 'file' },
    ])
  })
})

describe('buttons', () => {
  const labels = (...given: Button[]): string[][] =>
    (keyboardOf([buttons(...given)]) ?? []).map((row) => row.map(({ text }) => text))

  it('stand three short ones in a row', () => {
    const row = ['Stop', 'Retry', 'Export', 'Accept', 'Request changes', 'Open in the console']
    expect(labels(...row.map((label) => button(label)))).toEqual([
      ['Stop', 'Retry', 'Export'],
      ['Accept', 'Request changes'],
      ['Open in the console'],
    ])
  })

  it('have a label that Telegram takes, and only what they can do', () => {
    expect(labels(button(' \n'), button('x'.repeat(80)), button('nothing', {}))).toEqual([
      ['·'],
      [`${'x'.repeat(59)}…`],
    ])
    expect(keyboardOf([buttons(button('Stop', { token: 't', style: 'danger' }))])).toEqual([
      [{ text: 'Stop', callback_data: 't', style: 'danger' }],
    ])
    expect(labels(...Array.from({ length: 120 }, () => button('x'))).flat()).toHaveLength(100)
  })

  it('with a link Telegram refuses become text', () => {
    const parts = [
      { type: 'text' as const, text: 'See' },
      buttons(
        button('Console', { url: 'http://localhost:3000/run' }),
        button('Site', { url: 'https://example.org/x' }),
      ),
    ]
    const message = only(render(parts, PRIVATE))
    expect(message.text).toBe('See\n\nConsole: http://localhost:3000/run')
    expect(message.keyboard).toEqual([[{ text: 'Site', url: 'https://example.org/x' }]])
  })
})

describe('whatever people and tools write', () => {
  const words = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc
      .array(
        fc.constantFrom(
          '@ann',
          '*',
          '`',
          '\n',
          '\r\n',
          '\u0000',
          '\ud83d',
          '\u202e',
          '\u2028',
          '\t',
          '😀',
          '\u200b',
          ' ',
          '|',
        ),
      )
      .map((pieces) => pieces.join('')),
    fc.constant('long words '.repeat(600)),
  )
  const part: fc.Arbitrary<Part> = fc.oneof(
    fc.record({ type: fc.constant('text' as const), text: words, style: fc.constantFrom('plain', 'strong', 'muted') }),
    fc.record({ type: fc.constant('markdown' as const), text: words }),
    fc.record({ type: fc.constant('code' as const), text: words, language: words }),
    fc.record({
      type: fc.constant('quote' as const),
      title: words,
      of: fc.record({ type: fc.constantFrom('markdown' as const, 'code' as const), text: words }),
    }),
    fc.record({ type: fc.constant('list' as const), items: fc.array(words, { maxLength: 3 }) }),
    fc.record({
      type: fc.constant('fields' as const),
      fields: fc.array(fc.record({ label: words, value: words }), { maxLength: 3 }),
    }),
    fc.record({
      type: fc.constant('table' as const),
      columns: fc.array(words, { maxLength: 3 }),
      rows: fc.array(fc.array(words, { maxLength: 3 }), { maxLength: 2 }),
    }),
  )

  it('is a message that Telegram takes as it is, and that calls nobody', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), fc.boolean(), (parts, maybeDuplicate) => {
        for (const message of render(parts, { isShared: true, maybeDuplicate })) {
          if (message.kind === 'file') continue
          expect(isBlank(message.text)).toBe(false)
          expect(message.text.length).toBeLessThanOrEqual(4096)
          const complaints: string[] = []
          const { text } = settle(message, (complaint) => complaints.push(complaint))
          expect(complaints).toEqual([])
          expect(text.trim()).toBe(message.text.trim())
          const outsideCode = message.entities
            .filter(({ type }) => type === 'pre' || type === 'code')
            .reduceRight(
              (rest, { offset, length }) => rest.slice(0, offset) + rest.slice(offset + length),
              message.text,
            )
          expect(outsideCode).not.toMatch(/(?<!\w)@\w/)
        }
      }),
      { numRuns: 10_000 },
    )
  })

  it.each(['@a ', '`a`@b ', '**@x** ', '\n', '@'])('takes a megabyte of %j in its stride', (piece) => {
    const startedMs = performance.now()
    render([{ type: 'markdown', text: piece.repeat(1_000_000 / piece.length) }], { isShared: true })
    expect(performance.now() - startedMs).toBeLessThan(1_000)
  })
})
