import { describe, expect, test } from 'vitest'
import type { JsonSchema } from '#core/schema.ts'
import { fits, schemaAt } from '#core/schema-fit.ts'

const closed = (properties: Record<string, JsonSchema>): JsonSchema => ({
  type: 'object',
  required: Object.keys(properties),
  additionalProperties: false,
  properties,
})

test.each<[JsonSchema, JsonSchema, string | undefined]>([
  [{ type: 'integer' }, { type: 'number' }, undefined],
  [{ type: 'number' }, { type: 'integer' }, undefined],
  [{}, { type: 'string' }, undefined],
  [{ type: 'object' }, {}, undefined],
  [{ type: 'number' }, { type: 'string' }, 'is a number, but text is needed'],
  [{ type: 'string' }, { type: 'array' }, 'is text, but a list is needed'],
  [{ type: 'string' }, { type: 'string', enum: ['a'] }, undefined],
  [{ type: 'string', enum: ['a', 'b'] }, { type: 'string', enum: ['b'] }, undefined],
  [{ type: 'string', enum: ['a'] }, { type: 'string', enum: ['b', 'c'] }, 'must be one of b, c'],
  [{ const: 5 }, { type: 'string' }, 'must be text, not a number'],
  [{ type: 'array', items: { type: 'integer' } }, { type: 'array', items: { type: 'number' } }, undefined],
  [
    { type: 'array', items: { type: 'object' } },
    { type: 'array', items: { type: 'string' } },
    'at items is an object, but text is needed',
  ],
  [{ type: 'number', minimum: 5 }, { type: 'number', maximum: 4 }, 'is at least 5, but at most 4 is needed'],
  [{ type: 'number', maximum: 5 }, { type: 'number', minimum: 6 }, 'is at most 5, but at least 6 is needed'],
  [{ type: 'string', maxLength: 1 }, { type: 'string', minLength: 2 }, 'is shorter than is needed'],
  [{ type: 'array', minItems: 3 }, { type: 'array', maxItems: 2 }, 'is longer than is allowed'],
  [closed({ a: { type: 'string' } }), closed({ a: { type: 'string' } }), undefined],
  [closed({ a: { type: 'string' } }), closed({ b: { type: 'string' } }), 'at b is missing, but needed'],
  [closed({ a: { type: 'string' }, b: {} }), closed({ a: { type: 'string' } }), 'at b is not allowed'],
  [closed({ a: { type: 'string' } }), closed({ a: { type: 'integer' } }), 'at a is text, but a whole number is needed'],
  [{ type: 'object' }, closed({ a: { type: 'integer' } }), undefined],
  [
    { type: 'object', properties: { a: { type: 'string' } } },
    { type: 'object', properties: { a: { type: 'integer' } } },
    undefined,
  ],
])('fits %j → %j', (from, to, expected) => {
  expect(fits(from, to)).toBe(expected)
})

describe('schemaAt', () => {
  const title: JsonSchema = { type: 'string' }
  const schema: JsonSchema = {
    type: 'object',
    properties: {
      items: { type: 'array', items: { type: 'object', properties: { title } } },
      any: {},
      open: { type: 'object' },
      map: { type: 'object', additionalProperties: title },
      closed: { type: 'object', additionalProperties: false },
    },
  }
  test.each<[string, JsonSchema | undefined]>([
    ['', schema],
    ['items.0.title', title],
    ['items.0.titel', undefined],
    ['items.first', undefined],
    ['any.what.ever', {}],
    ['open.x', {}],
    ['map.x', title],
    ['map.x.y', undefined],
    ['closed.x', undefined],
    ['constructor', undefined],
  ])('%s', (path, expected) => {
    expect(schemaAt(schema, path)).toEqual(expected)
  })

  test('what templates read of lists and text', () => {
    expect(schemaAt(schema, 'items.first.title.size', { liquid: true })).toEqual({ type: 'integer', minimum: 0 })
    expect(schemaAt(schema, ['items', 'last', 'title'], { liquid: true })).toBe(title)
    expect(schemaAt(schema, 'map.size', { liquid: true })).toBe(title)
  })
})
