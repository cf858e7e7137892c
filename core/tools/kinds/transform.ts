import { runInSandbox } from '../sandbox/shared.ts'
import { defineTool } from '../tool.ts'

export const transform = defineTool({
  toolId: 'data.transform',
  version: '1.0.0',
  displayName: 'Transform data',
  description: 'Applies a JSONata expression to JSON data.',
  category: 'data',
  inputSchema: {
    type: 'object',
    required: ['data', 'expression'],
    properties: {
      data: { title: 'Data', description: 'Any JSON' },
      expression: {
        type: 'string',
        title: 'Expression',
        description: 'JSONata, like $sum(items.price)',
        minLength: 1,
      },
    },
  },
  outputSchema: {
    type: 'object',
    required: ['value'],
    properties: { value: { description: 'What the expression gives; null when it gives nothing' } },
  },
  price: { unit: 'run', rateMicros: 500n, maxMicros: 500n },
  sideEffect: 'none',
  platformHints: { primaryInput: 'data', accepts: ['application/json'] },
  execute: async (input, { signal }) => ({ output: await runInSandbox({ kind: 'data.transform', input }, signal) }),
})
