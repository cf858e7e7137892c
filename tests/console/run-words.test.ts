import { expect, it } from 'vitest'
import { formatDuration } from '#server/console/src/format.ts'
import { eventWords } from '#server/console/src/runs/log-words.ts'
import { pauseAfter } from '#server/console/src/runs/pauses.ts'
import { shapeOf } from '#server/console/src/runs/shape.ts'

const nameOf = (stepId: string) => ({ lint: 'Look for mistakes' })[stepId] ?? stepId

it.each([
  [340, '340 ms'],
  [-5, '0 ms'],
  [1_000, '1 s'],
  [4_240, '4.2 s'],
  [9_960, '10 s'],
  [59_700, '1 min'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
  [360_000_000, '4 d 4 h'],
])('says how long %d ms are: %s', (ms, words) => {
  expect(formatDuration(ms)).toBe(words)
})

it('shows flat lists as tables, with every name that occurs', () => {
  const list = [
    { line: 1, rule: 'a' },
    { line: 2, context: null, ok: true },
  ]
  const columns = ['line', 'rule', 'context', 'ok']
  expect(shapeOf(list)).toEqual({
    kind: 'table',
    columns,
    rows: [
      ['1', 'a', '', ''],
      ['2', '', '', 'true'],
    ],
  })
  expect(shapeOf(['a', 2])).toEqual({ kind: 'table', columns: ['value'], rows: [['a'], ['2']] })
})

it('shows text as text, what is deep as JSON, and a file by its name', () => {
  expect(shapeOf('# Hi')).toEqual({ kind: 'text', text: '# Hi' })
  expect(shapeOf(false)).toEqual({ kind: 'text', text: 'false' })
  for (const nothing of [null, '', ' \n', []]) expect(shapeOf(nothing).kind).toBe('nothing')
  for (const deep of [{ a: 1 }, [{ a: { b: 1 } }], [[1]], [{}], [1, { a: 1 }]]) {
    expect(shapeOf(deep)).toEqual({ kind: 'json', text: JSON.stringify(deep, null, 2) })
  }
  const wide = Object.fromEntries([...'abcdefghi'].map((name) => [name, 1]))
  expect(shapeOf([wide]).kind).toBe('json')
  const file = { artifactId: 'art_1', name: 'a.md', mediaType: 'text/markdown', sizeBytes: 9 }
  expect(shapeOf(file)).toEqual({ kind: 'file', file: { type: 'file', ...file } })
})

it.each([
  [
    'step.succeeded',
    { stepId: 'lint', attempt: 2, durationMs: 1_200, costUsd: '0.001' },
    'Look for mistakes: done · try 2 · 1.2 s · $0.001',
  ],
  ['step.waiting', { stepId: 'ask', itemIndex: 1, for: 'callback' }, 'ask 2: waits for an answer from outside'],
  ['step.retrying', { stepId: 'ask', delayMs: 2_000, message: 'Busy.' }, 'ask: is tried again · in 2 s · Busy.'],
  ['run.waiting', { for: ['timer', 'review'] }, 'Waits for its time and for people who decide'],
  ['run.settled', { costUsd: '0.00' }, 'Settled'],
  ['some.thing_new', {}, 'some thing new'],
])('says %s in words', (type, details, words) => {
  expect(eventWords({ type, details }, nameOf)).toBe(words)
})

it('looks less and less often at what does not change', () => {
  const pauses = [0, 8_000, 30_000, 120_000, 86_400_000].map(pauseAfter)
  expect(pauses).toEqual([1_000, 2_000, 5_000, 15_000, 15_000])
})
