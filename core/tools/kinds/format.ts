import { runInSandbox } from '../sandbox/shared.ts'
import { defineTool } from '../tool.ts'

export const format = defineTool({
  toolId: 'docs.format',
  version: '1.0.0',
  displayName: 'Format',
  description: 'Formats Markdown, JSON, YAML, CSS, HTML or TypeScript.',
  category: 'docs',
  inputSchema: {
    type: 'object',
    required: ['text'],
    properties: {
      text: { type: 'string', format: 'textarea', title: 'Text' },
      language: {
        type: 'string',
        title: 'Language',
        enum: ['markdown', 'json', 'yaml', 'css', 'html', 'typescript'],
        default: 'markdown',
      },
    },
  },
  outputSchema: {
    type: 'object',
    required: ['text', 'changed'],
    properties: { text: { type: 'string' }, changed: { type: 'boolean' } },
  },
  price: { unit: 'run', rateMicros: 1_000n, maxMicros: 1_000n },
  sideEffect: 'none',
  platformHints: { primaryInput: 'text', accepts: ['text/*', 'application/json', 'application/yaml'] },
  execute: async (input, { signal }) => ({ output: await runInSandbox({ kind: 'docs.format', input }, signal) }),
})
