import { z } from 'zod'
import { readBudgets } from '#core/policy/budgets/read.ts'
import { explainPolicy, readPolicies } from '#core/policy/read.ts'
import { text } from '../../api/schemas.ts'
import { defineTool, READING, type Tool } from '../tool.ts'

const name = text(200).min(1).exactOptional()

export const POLICY_TOOLS: Tool[] = [
  defineTool({
    name: 'policies.get',
    title: 'Look at the policy',
    description:
      'Which models the context asks: what reigns, and what it is made of. It is changed in the console or over the API, never here.',
    args: z.strictObject({ ...READING }),
    hints: { readOnly: true },
    run: (core, actor) => readPolicies(core, actor),
  }),
  defineTool({
    name: 'policies.explain',
    title: 'Explain which model answers',
    description:
      'Which model a job, an agent or a tool would get at this moment, and why. Holds nothing and asks no model.',
    args: z.strictObject({ job: name, agent: name, tool: name, model: name, ...READING }),
    hints: { readOnly: true },
    run: (core, actor, { context: _, ...asked }) => explainPolicy(core, actor, asked),
  }),
  defineTool({
    name: 'budgets.list',
    title: 'List budgets',
    description: 'The budgets of the context, and how much of each is used or held at this moment.',
    args: z.strictObject({ ...READING }),
    hints: { readOnly: true },
    run: async (core, actor) => ({ items: await readBudgets(core, actor) }),
  }),
]
