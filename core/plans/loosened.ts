import type { JsonSchema } from '../schema.ts'

/**
 * The same shape, without what can be wrong about it: an answer that slips in one place is still an answer, and what is wrong
 * with it is told, repaired or left out by whoever checks it.
 */
export const loosened = (schema: JsonSchema): JsonSchema => ({
  ...loose(schema),
  ...(schema.required ? { required: schema.required } : {}),
})

function loose({ type, description, properties, items, enum: allowed }: JsonSchema): JsonSchema {
  const choices = allowed ? `One of ${allowed.join(', ')}` : undefined
  const said = [description, choices].filter((words) => words !== undefined).join('. ')
  return {
    ...(type ? { type } : {}),
    ...(said === '' ? {} : { description: said }),
    ...(properties
      ? { properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, loose(one)])) }
      : {}),
    ...(items ? { items: loose(items) } : {}),
    ...(type === 'object' ? { additionalProperties: true } : {}),
  }
}
