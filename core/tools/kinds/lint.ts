import { runInSandbox } from '../sandbox/shared.ts'
import { defineTool } from '../tool.ts'

export const lint = defineTool({
  toolId: 'docs.lint',
  version: '1.0.0',
  displayName: 'Lint Markdown',
  description: 'Checks Markdown for mistakes and inconsistencies.',
  category: 'docs',
  inputSchema: {
    type: 'object',
    required: ['text'],
    properties: { text: { type: 'string', format: 'textarea', title: 'Markdown' } },
  },
  outputSchema: {
    type: 'object',
    required: ['findings', 'ok'],
    properties: {
      findings: {
        type: 'array',
        items: {
          type: 'object',
          required: ['line', 'rule', 'message'],
          properties: {
            line: { type: 'integer', minimum: 1 },
            rule: { type: 'string' },
            message: { type: 'string' },
            context: { type: 'string' },
          },
        },
      },
      ok: { type: 'boolean' },
    },
  },
  price: { unit: 'run', rateMicros: 1_000n, maxMicros: 1_000n },
  sideEffect: 'none',
  platformHints: { primaryInput: 'text', accepts: ['text/*'] },
  execute: async (input, { signal }) => ({ output: await runInSandbox({ kind: 'docs.lint', input }, signal) }),
})
