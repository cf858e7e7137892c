import { describe, expect, it } from 'vitest'
import { matchCommands } from '#server/console/src/chat/suggest.ts'
import { formatDay, formatSize, formatUsd, isZero, percentOf } from '#server/console/src/format.ts'
import { suggestHandle } from '#server/console/src/pages/handle.ts'

describe('how things are written', () => {
  it.each([
    ['41.200000', '$41.20'],
    ['1234567.899999', '$1,234,567.89'],
    ['0.004200', '$0.0042'],
    ['0.000000', '$0.00'],
    ['-3.1', '−$3.10'],
    ['99999999999999999999.01', '$99,999,999,999,999,999,999.01'],
    ['odd', 'odd'],
  ])('money %s as %s', (amount, written) => expect(formatUsd(amount)).toBe(written))

  it.each([
    [0, '0 B'],
    [1_023, '1023 B'],
    [1_536, '1.5 KB'],
    [20 * 1024 * 1024, '20 MB'],
  ])('%i bytes as %s', (bytes, written) => expect(formatSize(bytes)).toBe(written))

  it('days by their distance', () => {
    const nowMs = new Date(2026, 0, 2, 12).getTime()
    expect(formatDay(new Date(2026, 0, 2, 1).toISOString(), nowMs)).toBe('Today')
    expect(formatDay(new Date(2026, 0, 1, 23).toISOString(), nowMs)).toBe('Yesterday')
    expect(formatDay(new Date(2025, 0, 1).toISOString(), nowMs)).toContain('2025')
  })

  it('shares and zeros', () => {
    expect(percentOf('82.4', '100')).toBeCloseTo(82.4)
    expect(percentOf('5', '0')).toBe(0)
    expect(isZero('0.000000')).toBe(true)
    expect(isZero('0.000001')).toBe(false)
  })

  it('handles from names', () => {
    expect(suggestHandle('Zoë Ångström')).toBe('zoe-angstrom')
    expect(suggestHandle('李')).toBe('')
    expect(suggestHandle(' x'.repeat(40)).length).toBeLessThanOrEqual(32)
  })
})

describe('command suggestions', () => {
  const commands = ['/run', 'runs', '/reviews', '/cancelrun'].map((command) => ({ command, usage: '', summary: '' }))
  const names = (text: string): string[] => matchCommands(commands, text).map((one) => one.command)

  it('begin with what is typed, then contain it', () => {
    expect(names('/ru')).toEqual(['/run', 'runs', '/cancelrun'])
    expect(names('/')).toHaveLength(4)
  })

  it('end where the arguments begin, and are silent in ordinary text', () => {
    expect(names('/run ')).toEqual([])
    expect(names('a /ru')).toEqual([])
    expect(names('/a/b')).toEqual([])
  })
})
