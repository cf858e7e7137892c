import { describe, expect, it } from 'vitest'
import {
  checkCondition,
  checkTemplate,
  evaluateCondition,
  renderTemplate,
  variablesOf,
  variablesOfCondition,
} from '#core/tools/liquid.ts'

const scope = {
  input: { title: 'Notes', n: 3, list: ['a', 'b'] },
  steps: { lint: { ok: false, findings: [{ line: 1 }] } },
}

describe('templates', () => {
  it('are filled from the scope', () => {
    expect(
      renderTemplate('{{ input.title }}: {{ steps.lint.findings[0].line }}/{{ input.list | join: "+" }}', scope),
    ).toBe('Notes: 1/a+b')
    expect(renderTemplate('{% for x in input.list %}{{ forloop.index }}{{ x }}{% endfor %}', scope)).toBe('1a2b')
  })

  it('are not to blame for a machine that stands still while they are filled', () => {
    const still = {
      get a() {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700)
        return 'a'
      },
    }
    expect(renderTemplate('{{ input.a }}{{ input.a }}{{ input.a }}', { input: still })).toBe('aaa')
  })

  it('are stopped when they work too long', () => {
    const endless =
      '{% for x in (1..90000) %}{% for y in (1..90000) %}{% assign z = x | times: y %}{% endfor %}{% endfor %}'
    expect(() => renderTemplate(endless, {})).toThrow(/^The template was stopped: it /)
  })

  it('change nothing in the scope', () => {
    const own = { n: 1, list: [3, 1, 2], o: { a: 1 } }
    const before = structuredClone(own)
    renderTemplate(
      '{% increment n %}{% increment fresh %}{% assign list = list | sort | reverse | concat: list %}{% assign o = 1 %}',
      own,
    )
    expect(own).toEqual(before)
  })

  it('do not know the time unless it is given', () => {
    expect(() => renderTemplate('{{ "now" | date: "%Y" }}', {})).toThrow('pass the time in')
    expect(renderTemplate('{{ "now" | date: "%Y-%m-%dT%H:%M:%S" }}', {}, { nowMs: 0 })).toBe('1970-01-01T00:00:00')
    expect(renderTemplate('{{ "2027-07-01T12:00:00+02:00" | date: "%H:%M %z" }}', {})).toBe('10:00 +0000')
  })

  it('are checked without being rendered', () => {
    expect(checkTemplate('{{ a.b }} {% if c %}{% endif %}')).toBeUndefined()
    expect(checkTemplate('{{ a')).toMatch(/^Line 1, column 1: .*not closed/)
    expect(checkTemplate('x\n{% nope %}')).toMatch(/^Line 2, column 1: .*nope/)
    expect(checkTemplate('{{ a | nope }}')).toContain('undefined filter: nope')
    expect(checkTemplate('x'.repeat(70_000))).toContain('too long')
  })

  it('tell what they read', () => {
    expect(variablesOf('plain')).toEqual([])
    expect(variablesOf('{{ input.title }}{{ input.title | upcase }}{{ steps["lint"].findings[0].line }}')).toEqual([
      ['input', 'title'],
      ['steps', 'lint', 'findings', '0', 'line'],
    ])
    expect(variablesOf('{% for x in input.list %}{{ x.name }}{% endfor %}{% assign y = input.n %}{{ y }}')).toEqual([
      ['input', 'list'],
      ['input', 'n'],
    ])
    expect(variablesOf('{{ input[steps.pick.key].x }}').sort()).toEqual([['input'], ['steps', 'pick', 'key']])
    expect(() => variablesOf('{{ a')).toThrow()
  })
})

describe('conditions', () => {
  const cases: [string, boolean][] = [
    ['input.title == "Notes"', true],
    ['steps.lint.ok', false],
    ['steps.lint.ok == false', true],
    ['input.n > 2 and input.list contains "b"', true],
    ['(input.n > 5 or input.n == 3) and steps.lint.ok != true', true],
    ['input.list.size >= 2', true],
    ['input.list | size', true],
    ['steps.gone.ok', false],
    ['steps.gone.ok == nil', true],
    ['input.missing or steps.lint.findings', true],
    ['input.constructor', false],
    ['not steps.lint.ok', true],
    ['not (input.n > 2 and input.title) or false', false],
    ['""', true],
  ]
  it.each(cases)('%s', (condition, holds) => {
    expect(checkCondition(condition)).toBeUndefined()
    expect(evaluateCondition(condition, scope)).toBe(holds)
  })

  const broken = [
    '',
    '{{ input.title }}',
    'true %}x{% if true',
    '{% if true %}',
    'input.title ==',
    'a b',
    'a | nope',
    '== a',
    'a and',
    '(a b) or c',
    'a)',
    'x'.repeat(5_000),
  ]
  it.each(broken)('refuses “%.30s”', (condition) => {
    expect(checkCondition(condition)).toMatch(/\.$/)
    expect(() => evaluateCondition(condition, scope)).toThrow()
    expect(() => variablesOfCondition(condition)).toThrow()
  })

  it('tell what they read', () => {
    expect(variablesOfCondition('steps.lint.ok == false and input.n > other')).toEqual([
      ['steps', 'lint', 'ok'],
      ['input', 'n'],
      ['other'],
    ])
  })

  it('stop at a limit', () => {
    expect(() => evaluateCondition('(1..100000000) contains 5', {})).toThrow('condition was stopped')
  })
})
