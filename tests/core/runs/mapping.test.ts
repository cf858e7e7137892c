import { describe, expect, test } from 'vitest'
import type { Mapping } from '#core/jobs/definition.ts'
import type { Json } from '#core/json.ts'
import { readPath } from '#core/json-path.ts'
import { resolveInputs, type Scope } from '#core/runs/mapping.ts'

const scope: Scope = {
  input: { title: 'Notes', nothing: null },
  steps: { collect: { markdown: '# Hi', list: [{ name: 'a' }, { name: 'b' }], none: null } },
}

const resolve = (mapping: Mapping, within: Scope = scope, required?: string[]) =>
  resolveInputs({ stepId: 'format', toolId: 'docs.format', inputMappings: { text: mapping } }, within, required)

const gives = (mapping: Mapping, value: Json, within?: Scope): void =>
  expect(resolve(mapping, within)).toEqual({ input: { text: value } })

describe('sources', () => {
  test('a run input', () => gives({ input: 'title' }, 'Notes'))
  test('an output of a step', () => gives({ step: 'collect', output: 'markdown' }, '# Hi'))
  test('something inside an output', () => gives({ step: 'collect', output: 'list', path: '1.name' }, 'b'))
  test('a value as it stands', () => gives({ value: { a: [1, null] } }, { a: [1, null] }))
  test('a template over inputs and outputs', () =>
    gives({ template: '{{ input.title }}: {{ steps.collect.markdown }}' }, 'Notes: # Hi'))
  test('the element of a list, something in it, and its place', () => {
    const copy: Scope = { ...scope, item: { url: 'u', tags: ['x'] }, index: 2 }
    gives({ item: true }, { url: 'u', tags: ['x'] }, copy)
    gives({ item: true, path: 'tags.0' }, 'x', copy)
    gives({ template: '{{ index }}-{{ item.url }}' }, '2-u', copy)
  })
  test('an explicit null is a value, not a gap', () => {
    gives({ input: 'nothing', default: 'd' }, null)
    gives({ step: 'collect', output: 'none', default: 'd' }, null)
    gives({ item: true, default: 'd' }, null, { ...scope, item: null, index: 0 })
  })
  test('a step without mappings gets an empty input', () =>
    expect(resolveInputs({ stepId: 'a', toolId: 't' }, scope)).toEqual({ input: {} }))
})

describe('a source that gives nothing', () => {
  test('falls back to the default', () => {
    gives({ input: 'absent', default: 1 }, 1)
    gives({ step: 'skipped', output: 'x', default: [] }, [])
    gives({ step: 'collect', output: 'x', default: false }, false)
    gives({ step: 'collect', output: 'list', path: '9.name', default: null }, null)
    gives({ template: '{{ steps.skipped.x }}', default: 'd' }, 'd')
  })

  test('leaves an input that the run may do without to the tool', () =>
    expect(resolve({ input: 'absent' })).toEqual({ input: {} }))

  test.each<[string, Mapping, RegExp]>([
    [
      'a required run input',
      { input: 'absent' },
      /“format”: input “text” needs the run's input “absent”, which is missing\.$/,
    ],
    [
      'a step without output',
      { step: 'skipped', output: 'x' },
      /“format”: input “text” needs output “x” of step “skipped”, /,
    ],
    [
      'an output that was not given',
      { step: 'collect', output: 'x' },
      /output “x” of step “collect”, which did not give it\.$/,
    ],
    [
      'a path that leads nowhere',
      { step: 'collect', output: 'list', path: 'a.b' },
      /needs “a\.b” in output “list” of step “collect”/,
    ],
    ['an element without that part', { item: true, path: 'a' }, /the element of a forEach list/],
    [
      'a broken template',
      { template: '{% if %' },
      /“format”: input “text” has a template that cannot be rendered: .*[.!?]$/,
    ],
    ['an unknown variable in a template', { template: '{{ steps.nope.x }}' }, /cannot be rendered: /],
  ])('names step, input and source: %s', (_, mapping, sentence) => {
    const resolved = resolve(mapping, scope, ['absent'])
    expect('problem' in resolved && resolved.problem).toMatch(sentence)
  })
})

describe('nothing but the data is ever reached', () => {
  test('no prototypes, no lengths, no methods', () => {
    for (const path of ['__proto__', 'constructor.name', 'length', 'toString', '-1', '0.constructor'])
      expect(readPath([{ a: 1 }], path)).toBeUndefined()
    expect(resolve({ input: 'constructor', default: 'd' })).toEqual({ input: { text: 'd' } })
    expect(resolve({ step: 'toString', output: 'name', default: 'd' })).toEqual({ input: { text: 'd' } })
  })

  test('an input called __proto__ is only a name', () => {
    const mappings = JSON.parse('{"__proto__": {"value": {"polluted": true}}}')
    const resolved = resolveInputs({ stepId: 'a', toolId: 't', inputMappings: mappings }, scope)
    expect(Object.keys('input' in resolved ? resolved.input : {})).toEqual(['__proto__'])
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})
