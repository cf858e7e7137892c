import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { parseDefinition } from '#core/jobs/parse.ts'
import { checkDefinition, validateDefinition } from '#core/jobs/validate.ts'
import type { JsonObject } from '#core/json.ts'
import { definitions } from './arbitrary.ts'
import { RELEASE_NOTES, testWorld } from './world.ts'

const minimal = { jobId: 'job-1', displayName: 'One', steps: [{ stepId: 'a', wait: { ms: 5 } }] }

describe('parseDefinition', () => {
  test('reads YAML, JSON, an object, and text between fences', () => {
    const yaml = stringify(RELEASE_NOTES)
    const sources = [yaml, JSON.stringify(RELEASE_NOTES), { ...RELEASE_NOTES } as unknown as JsonObject]
    for (const source of [...sources, `\`\`\`yaml\n${yaml}\`\`\`\n`, `\uFEFF${yaml.replaceAll('\n', '\r\n')}`]) {
      expect(parseDefinition(source)).toEqual({ definition: RELEASE_NOTES, problems: [] })
    }
  })

  test('fills in what a small job leaves out', () => {
    expect(parseDefinition(minimal).definition).toEqual({
      ...minimal,
      description: '',
      inputSchema: { type: 'object', properties: {} },
      outputs: {},
    })
  })

  test('aliases may repeat parts of a file', () => {
    const source = `
jobId: job-1
displayName: One
steps:
  - { stepId: a, toolId: docs.lint, retry: &often { maxAttempts: 5 }, inputMappings: { text: { value: x } } }
  - { stepId: b, toolId: docs.lint, retry: *often, inputMappings: { text: { value: x } } }
`
    expect(parseDefinition(source).definition?.steps[1]?.retry).toEqual({ maxAttempts: 5 })
  })

  test('what is read and written again is the same', () => {
    fc.assert(
      fc.property(definitions, (definition) => {
        const first = parseDefinition(stringify(definition, { aliasDuplicateObjects: false }))
        expect(first).toEqual({ definition, problems: [] })
        expect(JSON.stringify(first.definition)).toBe(JSON.stringify(definition))
        expect(parseDefinition(JSON.stringify(definition)).definition).toEqual(definition)
      }),
      { numRuns: 200 },
    )
  })
})

describe('hostile files', () => {
  const sources: Record<string, string> = {
    'too large': `description: ${'x'.repeat(256 * 1024)}`,
    'deep lists': '['.repeat(100_000),
    'deep maps': '{a: '.repeat(50_000),
    'deep sequences': '- '.repeat(100_000),
    'deep keys': '? '.repeat(100_000),
    'deep indents': Array.from({ length: 700 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
    'many keys': Array.from({ length: 20_000 }, (_, index) => `k${index}:`).join('\n'),
    'many parts': '- a\n'.repeat(60_000),
    'many documents': '---\n'.repeat(50_000),
    'many anchors': `a: ${'&a '.repeat(50_000)}`,
    'many tags': '!a '.repeat(50_000),
    'open quote': `"${'\\'.repeat(100_000)}`,
    'open fence': '```'.repeat(50_000),
  }
  test.each(Object.entries(sources))('%s', (_, source) => {
    const startMs = performance.now()
    const { definition, problems } = parseDefinition(source)
    expect(definition).toBeUndefined()
    expect(problems.length).toBeGreaterThan(0)
    expect(problems.length).toBeLessThanOrEqual(20)
    expect(performance.now() - startMs).toBeLessThan(3_000)
  })

  test('an object that holds itself, or what JSON cannot hold', () => {
    const loop: Record<string, unknown> = { ...minimal }
    loop.loop = loop
    for (const source of [
      loop,
      { ...minimal, at: new Date(0) },
      { ...minimal, big: 1n },
      { ...minimal, call: () => 1 },
    ]) {
      expect(parseDefinition(source as unknown as JsonObject).problems).toHaveLength(1)
    }
  })

  test('any JSON gives problems or a definition, never a throw', () => {
    const world = testWorld()
    const close = fc.oneof(
      fc.jsonValue({ maxDepth: 5 }),
      fc.record({ jobId: fc.jsonValue(), steps: fc.array(fc.jsonValue({ maxDepth: 4 })), inputSchema: fc.jsonValue() }),
      // A good definition with one part replaced by anything.
      fc
        .tuple(definitions, fc.nat(), fc.jsonValue({ maxDepth: 3 }))
        .map(([definition, place, value]) => spoil(definition, place, value)),
    )
    fc.assert(
      fc.property(close, (value) => {
        const { definition, problems } = checkDefinition(value as JsonObject, world)
        expect(definition === undefined).toBe(problems.length > 0)
        for (const problem of problems) {
          expect(problem.message).not.toMatch(/undefined|\[object|NaN/)
        }
        validateDefinition(value as never, world)
      }),
      { numRuns: 1_000 },
    )
  })
})

/** Puts a value into one of all the places of a document. */
function spoil(document: unknown, place: number, value: unknown): unknown {
  const copy = structuredClone(document)
  const places: [Record<string, unknown>, string][] = []
  const toVisit: unknown[] = [copy]
  for (let here = toVisit.pop(); here !== undefined; here = toVisit.pop()) {
    if (typeof here !== 'object' || here === null) continue
    for (const [key, child] of Object.entries(here)) {
      places.push([here as Record<string, unknown>, key])
      if (child !== null) toVisit.push(child)
    }
  }
  const [holder, key] = places[place % places.length] ?? []
  if (holder && key !== undefined) holder[key] = value
  return copy
}
