import type { JsonObject } from '../json.ts'
import type { JsonSchema } from '../schema.ts'
import type { StepWork } from './decide.ts'

/** Inputs that take what people said when they sent the result back, in the order in which they are looked for. */
const TAKERS = ['comment', 'instructions']

/**
 * The input of a step that is done again, with what was said: in the input of that name which the tool or job has and
 * nothing is mapped to. Where there is none, the definition says with `review.comment` what is to become of it.
 */
export function withComment(
  schema: JsonSchema,
  input: JsonObject,
  { comment, input: mapped }: Pick<StepWork, 'comment' | 'input'>,
): JsonObject {
  if (comment === '') return input
  const taker = TAKERS.find((name) => {
    const type = schema.properties?.[name]?.type
    return (
      Object.hasOwn(schema.properties ?? {}, name) && !Object.hasOwn(mapped, name) && (type ?? 'string') === 'string'
    )
  })
  return taker === undefined ? input : { ...input, [taker]: comment }
}
