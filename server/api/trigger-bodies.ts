import { z } from 'zod'
import { SCHEMES } from '#core/triggers/signature.ts'
import { cursor } from './pages.ts'
import { amountUsd, anyJson, contextBody, headersBody, limit, text } from './schemas.ts'

const json = anyJson.refine((value) => value !== undefined, 'is needed').transform((value) => value as never)
const source = { default: json.exactOptional() }
const mapping = z.record(
  text(100).min(1),
  z.union(
    [
      z.strictObject({ header: text(100).min(1), ...source }),
      z.strictObject({ body: text(500), ...source }),
      z.strictObject({ template: text(16_000), ...source }),
      z.strictObject({ value: json, ...source }),
    ],
    'must have one of header, body, template and value',
  ),
)
const filter = z.strictObject({
  headers: z.record(text(100).min(1), z.union([text(1_000), z.array(text(1_000)).min(1).max(50)])).exactOptional(),
  body: z.record(text(500).min(1), json).exactOptional(),
})
const example = z.strictObject({ headers: headersBody.exactOptional(), body: json.exactOptional() })
const terms = {
  name: text(200),
  /** A job, or one tool by its id. */
  jobId: text(100).min(1),
  mapping: mapping.default({}),
  filter: filter.exactOptional(),
  example: example.nullable().exactOptional(),
  budgetUsd: amountUsd.nullable().exactOptional(),
  ratePerMinute: z.number().int().exactOptional(),
}
export const createBody = z.strictObject({
  ...terms,
  scheme: z.enum(SCHEMES as [(typeof SCHEMES)[number], ...(typeof SCHEMES)[number][]]),
  /** Left out, one is made and answered once. */
  secret: text(1_000).exactOptional(),
  context: contextBody.exactOptional(),
})
export const changeBody = z.strictObject({
  ...terms,
  name: terms.name.exactOptional(),
  jobId: terms.jobId.exactOptional(),
  mapping: mapping.exactOptional(),
})
export const previewBody = z.strictObject({
  jobId: text(100).min(1),
  mapping: mapping.default({}),
  filter: filter.exactOptional(),
  example: example.default({}),
  context: contextBody.exactOptional(),
})
export const testBody = z.strictObject({
  headers: headersBody.exactOptional(),
  body: json.exactOptional(),
  /** Not only what it would be: handled as if it had come. */
  run: z.boolean().default(false),
})
export const rotateBody = z.strictObject({
  secret: text(1_000).exactOptional(),
  overlapMs: z.number().int().exactOptional(),
})
export const nothing = z.strictObject({})
export const listQuery = z.strictObject({ cursor, limit: limit(50, 200) })
