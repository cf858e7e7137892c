import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '#core/json.ts'
import type { JsonSchema } from '#core/schema.ts'
import { applyDefaults, checkInputs, checkSchema, checkValue, coerceText } from '#core/schema-check.ts'

const lines = (problems: { path: string; message: string }[]): string[] =>
  problems.map(({ path, message }) => `${path}: ${message}`)

describe('checkSchema', () => {
  test('takes the whole subset', () => {
    const schema: JsonSchema = {
      type: 'object',
      title: 'Order',
      description: 'What to make',
      examples: [{ name: 'tea' }],
      required: ['name'],
      additionalProperties: { type: 'string' },
      properties: {
        name: { type: 'string', minLength: 1, maxLength: 40, format: 'textarea', default: 'tea' },
        size: { type: 'string', enum: ['small', 'large'], default: 'small' },
        count: { type: 'integer', minimum: 1, maximum: 9, default: 1 },
        price: { type: 'number', const: 2.5 },
        tags: { type: 'array', items: { type: 'string' }, minItems: 0, maxItems: 3, default: ['hot'] },
        inner: {
          type: 'object',
          properties: { on: { type: 'boolean', default: true } },
          required: ['on'],
          default: {},
        },
        any: {},
        none: { type: 'null' },
      },
    }
    expect(lines(checkSchema(schema))).toEqual([])
  })

  test('names every problem with its path', () => {
    const schema = {
      type: 'object',
      required: ['titel', 4],
      additionalProperties: 'no',
      properties: {
        title: { type: 'text', pattern: '^(a+)+$', minlength: 3 },
        count: { type: 'integer', default: 'three', minimum: 5, maximum: 1 },
        size: { type: 'string', enum: [], format: 'textara' },
        pick: { type: 'string', enum: ['a', 1] },
        list: { type: 'array', items: { $ref: '#/x' }, minItems: -1 },
        both: { type: ['string', 'null'] },
        part: 7,
        inner: { type: 'object', properties: { a: { anyOf: [] } } },
        when: { type: 'string', format: 'date', default: '2027-02-30' },
      },
    }
    expect(lines(checkSchema(schema, 'inputSchema'))).toMatchInlineSnapshot(`
      [
        "inputSchema.additionalProperties: must be true, false or a schema, not text",
        "inputSchema.required.0: names titel, which is not under properties; did you mean title?",
        "inputSchema.required.1: must be a property's name, not a number",
        "inputSchema.properties.title.type: must be one of object, array, string, number, integer, boolean, null",
        "inputSchema.properties.title.pattern: is not supported, because a pattern can be made to run for ever; use enum, format, minLength or maxLength",
        "inputSchema.properties.title.minlength: is not a supported keyword; did you mean minLength?",
        "inputSchema.properties.count.maximum: must not be less than minimum",
        "inputSchema.properties.count.default: must be a whole number, not text",
        "inputSchema.properties.size.enum: must name at least one value",
        "inputSchema.properties.size.format: must be one of textarea, email, uri, date-time, date, file; did you mean textarea?",
        "inputSchema.properties.pick.enum.1: must be text, not a number",
        "inputSchema.properties.list.minItems: must be a whole number, 0 or more",
        "inputSchema.properties.list.items.$ref: is not supported; write the schema out where it is used",
        "inputSchema.properties.both.type: must be one type, not a list; leave it out to allow any",
        "inputSchema.properties.part: must be a schema object, not a number",
        "inputSchema.properties.inner.properties.a.anyOf: is not supported; leave type out to allow any value, or use enum",
        "inputSchema.properties.when.default: must be a date, like 2027-03-31",
      ]
    `)
  })

  test('limits depth and number of properties', () => {
    let deep: JsonObject = { type: 'string' }
    for (let level = 0; level < 9; level++) deep = { type: 'array', items: deep }
    expect(checkSchema(deep)).toEqual([])
    expect(lines(checkSchema({ items: deep }, 's'))).toEqual([
      's.items.items.items.items.items.items.items.items.items.items: is nested too deep; at most 10 levels are allowed',
    ])
    const wide = (count: number) => ({
      properties: Object.fromEntries(Array.from({ length: count }, (_, n) => [`p${n}`, {}])),
    })
    expect(checkSchema(wide(200))).toEqual([])
    expect(lines(checkSchema(wide(201), 's'))).toEqual(['s: has 201 properties; at most 200 are allowed'])
  })

  test('refuses what is no schema and names that would poison objects', () => {
    expect(lines(checkSchema(null))).toEqual([': must be a schema object, not null'])
    expect(lines(checkSchema([], 's'))).toEqual(['s: must be a schema object, not a list'])
    const poison = JSON.parse('{"properties": {"__proto__": {"type": "string"}}}')
    expect(lines(checkSchema(poison))).toEqual(['properties.__proto__: must have another name, of 1 to 64 characters'])
  })

  test('never throws, whatever JSON comes', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => Array.isArray(checkSchema(value))))
  })
})

describe('checkValue', () => {
  const schema: JsonSchema = {
    type: 'object',
    required: ['title', 'count'],
    properties: {
      title: { type: 'string', minLength: 2, maxLength: 5 },
      count: { type: 'integer', minimum: 1, maximum: 3 },
      mood: { type: 'string', enum: ['calm', 'loud'] },
      tags: { type: 'array', items: { type: 'string' }, maxItems: 1 },
      flag: { type: 'boolean' },
      ratio: { type: 'number' },
      inner: {
        type: 'object',
        additionalProperties: false,
        required: ['a'],
        properties: { a: { const: 1 }, beta: {} },
      },
    },
  }

  test('is silent about what fits, unlisted names included', () => {
    expect(checkValue(schema, { title: 'né👍', count: 3, other: 1, tags: ['x'], inner: { a: 1 } })).toEqual([])
  })

  test('names every problem at once', () => {
    const value = { title: 7, mood: 'sad', tags: ['a', 2], flag: 'yes', ratio: null, inner: { a: 2, betta: 1 } }
    expect(lines(checkValue(schema, value, 'inputs'))).toMatchInlineSnapshot(`
      [
        "inputs.count: is required",
        "inputs.title: must be text, not a number",
        "inputs.mood: must be one of calm, loud",
        "inputs.tags: must have at most 1 item, not 2",
        "inputs.tags.1: must be text, not a number",
        "inputs.flag: must be true or false, not text",
        "inputs.ratio: must be a number, not null",
        "inputs.inner.a: must be 1",
        "inputs.inner.betta: is unknown; did you mean beta?",
      ]
    `)
    expect(lines(checkValue(schema, { title: 'too long', count: 1.5 }))).toMatchInlineSnapshot(`
      [
        "title: must have at most 5 characters, not 8",
        "count: must be a whole number, not the number 1.5",
      ]
    `)
    expect(lines(checkValue(schema, { title: '', count: 9 }))).toMatchInlineSnapshot(`
      [
        "title: must not be empty",
        "count: must be at most 3, not 9",
      ]
    `)
    expect(lines(checkValue(schema, 'text'))).toEqual([': must be an object, not text'])
    expect(lines(checkValue(schema, undefined))).toEqual([': is required'])
  })

  test.each([
    ['email', ['ada@example.com', 'a@b'], ['ada', 'a b@c.de', '@x', 'x@']],
    ['uri', ['https://example.com/a?b=c'], ['example.com', '/a']],
    ['date', ['2028-02-29'], ['2027-02-29', '2027-04-31', '31.03.2027', '2027-03-31T00:00:00Z']],
    [
      'date-time',
      ['2027-03-31T09:00:00Z', '2027-03-31T09:00+02:00'],
      ['2027-03-31', 'tomorrow', '2027-02-30T09:00:00Z'],
    ],
    ['textarea', ['anything', ''], []],
  ])('format %s', (format, good, bad) => {
    for (const text of good) expect(checkValue({ type: 'string', format }, text), text).toEqual([])
    for (const text of bad) expect(checkValue({ type: 'string', format }, text), text).toHaveLength(1)
  })

  test('a value that nests without end is told by its type, not by a full stack', () => {
    const deep = JSON.parse('['.repeat(200_000) + ']'.repeat(200_000)) as Json
    expect(checkValue({ enum: [1, [[]]] }, deep)).toHaveLength(1)
    expect(checkValue({ type: 'array', items: { type: 'string' } }, deep)).toHaveLength(1)
  })
})

test('checkInputs refuses unknown names and suggests the known one', () => {
  const schema: JsonSchema = { type: 'object', properties: { title: { type: 'string' }, notes: { type: 'string' } } }
  expect(lines(checkInputs(schema, { tilte: 'x', colour: 'red' }))).toEqual([
    'tilte: is unknown; did you mean title?',
    'colour: is unknown',
  ])
  expect(lines(checkInputs(schema, [1]))).toEqual([': must be an object with the inputs, not a list'])
  expect(checkInputs({ ...schema, additionalProperties: true }, { colour: 'red' })).toEqual([])
  expect(lines(checkInputs({}, JSON.parse('{"__proto__": 1, "constructor": 2}')))).toEqual([
    '__proto__: is unknown',
    'constructor: is unknown',
  ])
})

test('applyDefaults fills in at every level and changes nothing it was given', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: {
      a: { type: 'string', default: 'A' },
      b: { type: 'object', default: {}, properties: { c: { type: 'integer', default: 1 } } },
      d: { type: 'array', items: { type: 'object', properties: { e: { default: [1] } } } },
      f: { type: 'object', properties: { g: { default: 2 } } },
    },
  }
  const frozen = Object.freeze({ a: '', d: Object.freeze([Object.freeze({}), Object.freeze({ e: null })]) as never })
  const filled = applyDefaults(schema, frozen)
  expect(filled).toEqual({ a: '', b: { c: 1 }, d: [{ e: [1] }, { e: null }] })
  expect(applyDefaults(schema, {})).toEqual({ a: 'A', b: { c: 1 } })
  const [first] = filled.d as unknown as { e: Json[] }[]
  first?.e.push(2)
  expect(applyDefaults(schema, frozen).d).toEqual([{ e: [1] }, { e: null }])
})

test.each([
  [{ type: 'string' }, ' as it is ', ' as it is '],
  [{ type: 'string', enum: ['Small', 'LARGE'] }, 'large', 'LARGE'],
  [{ type: 'integer' }, ' 12 ', 12],
  [{ type: 'integer' }, '12.5', undefined],
  [{ type: 'number' }, '-1.5e2', -150],
  [{ type: 'number' }, '0x10', undefined],
  [{ type: 'number' }, '', undefined],
  [{ type: 'number' }, '1e999', undefined],
  [{ type: 'boolean' }, 'Yes', true],
  [{ type: 'boolean' }, 'off', false],
  [{ type: 'boolean' }, 'perhaps', undefined],
  [{ type: 'object' }, '{"a": 1}', { a: 1 }],
  [{ type: 'object' }, '[1]', undefined],
  [{ type: 'array' }, '[1, "b"]', [1, 'b']],
  [{ type: 'array' }, 'a, b', undefined],
  [{ type: 'null' }, 'null', null],
  [{}, '12', '12'],
  [{}, ' {"a": 1}', { a: 1 }],
  [{}, '{not json', '{not json'],
  [{ enum: [1, 2] }, '2', 2],
] as [JsonSchema, string, Json | undefined][])('coerceText %j %j', (schema, text, expected) => {
  expect(coerceText(schema, text)).toEqual(expected)
})
