import { z } from 'zod'
import type { BudgetView } from '#core/policy/budgets/read.ts'
import { type PolicyDocument, policyDocument } from '#core/policy/document.ts'
import type { PolicyExplained, PolicyView } from '#core/policy/read.ts'
import { context, moment, object, shapeOf, usd } from './shape.ts'

const stored = z.object({
  document: policyDocument satisfies z.ZodType<PolicyDocument>,
  version: z.int().meta({ description: '0 where nobody wrote one' }),
  updatedBy: z.string().nullable(),
  updatedAt: moment.nullable(),
})
const banner = z.string().nullable().meta({ description: 'Where the mock is on' })

export const POLICY_VIEWS = {
  Policy: shapeOf<PolicyView>()(
    z.object({
      context,
      effective: object<PolicyView['effective']>('A document in which nothing is left out'),
      own: stored,
      instance: stored,
      mayChange: z.boolean(),
      mayChangeInstance: z.boolean(),
      banner,
    }),
  ),
  PolicyExplained: shapeOf<PolicyExplained>()(
    z.object({
      case: z.enum(['team_default', 'job_override', 'override_refused', 'no_connection', 'budget', 'circuit_open']),
      explain: z.string(),
      allowed: z.array(z.string()),
      choice: z
        .object({
          provider: z.enum(['openai', 'anthropic', 'google', 'openai_compatible', 'mock']),
          model: z.string(),
          connection: z.string().nullable(),
          effort: z.enum(['low', 'medium', 'high']).nullable(),
          maxTokens: z.int(),
        })
        .nullable(),
      refused: z.object({ code: z.string(), message: z.string() }).nullable(),
      banner,
    }),
  ),
  Budget: shapeOf<BudgetView>()(
    z.object({
      id: z.string(),
      context,
      of: z.string(),
      title: z.string(),
      period: z.enum(['run', 'day', 'month']),
      limitUsd: usd,
      warnPercent: z.int(),
      stop: z.boolean().meta({ description: 'Nothing is held beyond it; or it only warns' }),
      usedUsd: usd.meta({ description: 'In the period that it is now, what is held included' }),
      remainingUsd: usd,
      level: z.enum(['fine', 'low', 'exceeded']),
      resetsAt: moment.nullable(),
      version: z.int(),
      createdBy: z.string(),
      createdAt: moment,
    }),
  ),
}
