import { runInSandbox } from '../sandbox/shared.ts'
import { defineTool } from '../tool.ts'

export const changelog = defineTool({
  toolId: 'docs.changelog',
  version: '1.0.0',
  displayName: 'Changelog',
  description: 'Groups commits by Conventional Commits into a Markdown changelog.',
  category: 'docs',
  inputSchema: {
    type: 'object',
    required: ['commits'],
    properties: {
      commits: {
        type: 'string',
        format: 'textarea',
        title: 'Commits',
        description: 'Output of git log, or JSON lines with "hash" and "subject"',
      },
      title: { type: 'string', title: 'Title', minLength: 1, maxLength: 200, default: 'Changelog' },
    },
  },
  outputSchema: {
    type: 'object',
    required: ['markdown', 'groups', 'count'],
    properties: {
      markdown: { type: 'string' },
      groups: {
        type: 'array',
        items: {
          type: 'object',
          required: ['title', 'type', 'commits'],
          properties: {
            title: { type: 'string' },
            type: { type: 'string' },
            commits: {
              type: 'array',
              items: {
                type: 'object',
                required: ['subject', 'breaking'],
                properties: {
                  hash: { type: 'string' },
                  scope: { type: 'string' },
                  subject: { type: 'string' },
                  breaking: { type: 'boolean' },
                  notes: { type: 'array', items: { type: 'string' } },
                },
              },
            },
          },
        },
      },
      count: { type: 'integer', minimum: 1 },
    },
  },
  price: { unit: 'run', rateMicros: 1_000n, maxMicros: 1_000n },
  sideEffect: 'none',
  platformHints: { primaryInput: 'commits', accepts: ['text/*', 'application/json', 'application/x-ndjson'] },
  execute: async (input, { signal }) => ({ output: await runInSandbox({ kind: 'docs.changelog', input }, signal) }),
})
