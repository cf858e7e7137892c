import { z } from 'zod'
import { AGENT_ROLES } from '#core/agents/agent.ts'
import type { AgentMetrics } from '#core/agents/read.ts'
import { context, moment, usd } from './shape.ts'

const permission = z.enum(['never', 'ask', 'auto'])

export const AGENT_VIEWS = {
  Agent: z.object({
    id: z.string(),
    context,
    name: z.string(),
    role: z.enum(AGENT_ROLES),
    status: z.enum(['active', 'paused', 'retired']),
    profile: z.object({
      tone: z.string(),
      instructions: z.string(),
      capabilities: z.array(z.string()),
      tools: z.array(z.string()),
      jobs: z.array(z.string()),
      permissions: z.object({ read: permission, write: permission, spend: permission }),
      workingHours: z
        .object({
          hours: z.object({ from: z.string(), to: z.string() }),
          timeZone: z.string(),
          days: z.array(z.int()),
        })
        .nullable(),
      maxRunUsd: usd,
      taskMinutes: z.int(),
      reviewMinutes: z.int(),
      model: z.string().nullable(),
    }),
    hiredBy: z.string(),
    hiredAt: moment,
    lastSeenAt: moment.nullable(),
    version: z.int(),
    etag: z.string(),
  }),
  AgentMetrics: z.object({
    runs: z.int(),
    tasks: z.int(),
    done: z.int(),
    failed: z.int(),
    firstPassRate: z.number().nullable(),
    successRate: z.number().nullable(),
    costUsd: usd,
    minutesSaved: z.int(),
    assumptions: z.object({ taskMinutes: z.int(), reviewMinutes: z.int() }),
  }) satisfies z.ZodType<AgentMetrics>,
}
