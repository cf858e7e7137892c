import { expect, test } from 'vitest'
import { fieldsOf, primaryInputOf } from '#core/jobs/forms.ts'
import type { JsonSchema } from '#core/schema.ts'
import { RELEASE_NOTES } from './world.ts'

const inputs = (properties: Record<string, JsonSchema>, required: string[] = []) => ({
  inputSchema: { type: 'object' as const, properties, required },
})

test('the fields of a job, ready for a form', () => {
  expect(fieldsOf(RELEASE_NOTES)).toMatchObject([
    {
      name: 'commits',
      label: 'Commits',
      type: 'string',
      required: true,
      multiline: true,
      isFile: false,
      primary: true,
    },
    { name: 'title', label: 'Title', required: false, default: 'Release notes', multiline: false, primary: false },
  ])
  expect(
    fieldsOf(
      inputs(
        {
          maxItems_count: { type: 'integer', description: 'How many' },
          file: { type: 'string', format: 'file', title: 'Your file' },
          size: { enum: ['s', 'l'], default: 's' },
        },
        ['size', 'file'],
      ),
    ),
  ).toMatchObject([
    { label: 'Max items count', description: 'How many', required: false, primary: false },
    { label: 'Your file', isFile: true, required: true, primary: true },
    { label: 'Size', enum: ['s', 'l'], required: false },
  ])
})

test('the primary input: as named, else the first required text, else the only text', () => {
  const text: JsonSchema = { type: 'string' }
  expect(primaryInputOf({ ...inputs({ a: text, b: text }, ['a']), primaryInput: 'b' })).toBe('b')
  expect(primaryInputOf(inputs({ a: text, n: { type: 'integer' }, b: text }, ['n', 'b']))).toBe('b')
  expect(primaryInputOf(inputs({ a: text, n: { type: 'integer' } }))).toBe('a')
  expect(primaryInputOf(inputs({ a: text, b: text }))).toBeUndefined()
  expect(primaryInputOf(inputs({}))).toBeUndefined()
})
