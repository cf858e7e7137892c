import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkDefinition } from '#core/jobs/validate.ts'
import { testWorld } from './world.ts'

const FOLDER = join(import.meta.dirname, '../../fixtures/jobs/broken')

/** What JSON files, which cannot have comments, are expected to say. */
const JSON_EXPECTED: Record<string, [path: string, message: string][]> = {
  'syntax.json': [
    ['-', 'Line 1, column 32: Flow sequence'],
    ['-', 'Line 1, column 33: Flow map must end with a }.'],
  ],
  'duplicate-key.json': [['-', 'Line 4, column 3: the same key stands here a second time.']],
  'not-an-object.json': [['-', 'must be an object, not a list']],
  'shape.json': [
    ['displayName', 'must be text, not a list'],
    ['steps.0.inputMappings.text', 'must be an object with one of'],
    ['outputs', 'must be an object, not null'],
  ],
}

/** Lines like `# expect: steps.0.toolId | there is no tool`; `-` stands for the whole file. */
function expectedOf(file: string, source: string): [string, string][] {
  if (file.endsWith('.json')) return JSON_EXPECTED[file] ?? []
  return [...source.matchAll(/^# expect: (.*?) \| ?(.*)$/gm)].map((match) => [match[1] ?? '', match[2] ?? ''])
}

const files = readdirSync(FOLDER)

test('there are enough ways to be wrong', () => {
  expect(files.length).toBeGreaterThanOrEqual(60)
})

test.each(files)('%s', (file) => {
  const source = readFileSync(join(FOLDER, file), 'utf8')
  const expected = expectedOf(file, source)
  const { definition, problems } = checkDefinition(source, testWorld())
  const found = problems.map(({ path, message }) => `${path || '-'} | ${message}`)
  expect(definition).toBeUndefined()
  expect(expected.length).toBeGreaterThan(0)
  const rest = [...found]
  for (const [path, fragment] of expected) {
    const at = rest.findIndex((line) => line.startsWith(`${path} | `) && line.includes(fragment))
    expect(at, `${path} | ${fragment}\nnot among\n${rest.join('\n')}`).toBeGreaterThanOrEqual(0)
    rest.splice(at, 1)
  }
  expect(rest).toEqual([])
})
