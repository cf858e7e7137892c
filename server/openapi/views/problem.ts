import { z } from 'zod'

/** Every error (RFC 9457). */
export const PROBLEM = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().meta({ description: 'What is wrong, in sentences for people' }),
  code: z.string().meta({ description: 'What is wrong, for programs' }),
  requestId: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  facts: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
    .optional()
    .meta({ description: 'Ids, amounts and names that the sentences speak of' }),
})
