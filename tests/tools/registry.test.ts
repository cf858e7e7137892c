import { describe, expect, it } from 'vitest'
import { TOOLS } from '#core/tools/index.ts'
import { createToolRegistry } from '#core/tools/registry.ts'
import { defineTool, type Tool } from '#core/tools/tool.ts'

const good = defineTool({
  toolId: 'test.good',
  version: '1.0.0',
  displayName: 'Good',
  description: 'Does nothing.',
  category: 'test',
  inputSchema: { type: 'object', properties: { text: { type: 'string' } } },
  outputSchema: { type: 'object' },
  price: { unit: 'run', rateMicros: 1n, maxMicros: 1n },
  sideEffect: 'none',
  execute: async () => ({ output: {} }),
})

describe('the tool registry', () => {
  it('finds the built-in tools and lists them in order', () => {
    const registry = createToolRegistry(TOOLS)
    expect(registry.list().map(({ toolId }) => toolId)).toEqual(TOOLS.map(({ toolId }) => toolId))
    expect(registry.find('docs.format')).toBe(TOOLS.find(({ toolId }) => toolId === 'docs.format'))
    expect(registry.find('docs.nothing')).toBeUndefined()
    expect(registry.find('constructor')).toBeUndefined()
  })

  it('refuses the same id twice', () => {
    expect(() => createToolRegistry([good, { ...good }])).toThrow('test.good: is there twice')
  })

  const bad: [string, Partial<Tool>, string][] = [
    ['an id with capitals', { toolId: 'Test.Bad' }, 'toolId must be lower case'],
    ['an id with spaces', { toolId: 'test bad' }, 'toolId must be lower case'],
    ['a version that is none', { version: '1.0' }, 'version must be a semantic version'],
    ['a version with leading zeros', { version: '1.02.3' }, 'version must be a semantic version'],
    ['a schema outside the subset', { inputSchema: { type: 'object', oneOf: [] } as never }, 'inputSchema.oneOf'],
    ['inputs that are no object', { inputSchema: { type: 'string' } }, 'inputSchema.type must be object'],
    ['an output schema that is broken', { outputSchema: { type: 'object', required: ['x'] } }, 'outputSchema'],
    ['a primary input that is not there', { platformHints: { primaryInput: 'body' } }, 'names “body”'],
    ['a primary input of the prototype', { platformHints: { primaryInput: 'toString' } }, 'names “toString”'],
    ['a negative price', { price: { unit: 'run', rateMicros: -1n, maxMicros: 1n } }, 'price.rateMicros'],
    ['a maximum below one run', { price: { unit: 'run', rateMicros: 2n, maxMicros: 1n } }, 'price.maxMicros'],
    ['no time', { timeoutMs: 0 }, 'timeoutMs'],
    ['no attempt', { retry: { maxAttempts: 0, backoffMs: 1, capMs: 1 } }, 'retry.maxAttempts'],
  ]
  it.each(bad)('refuses %s', (_name, change, problem) => {
    expect(() => createToolRegistry([{ ...good, ...change }])).toThrow(problem)
  })

  it('tells every problem at once', () => {
    const build = () => createToolRegistry([{ ...good, version: 'x', timeoutMs: -1 }, good])
    expect(build).toThrow(/version.*\n.*timeoutMs.*\n.*is there twice/)
  })
})
