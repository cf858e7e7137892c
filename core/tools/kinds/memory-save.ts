import { MEMORY_CHARACTERS_MAX } from '../../agents/memory.ts'
import { MEMORY_TOOL } from '../../sending/order.ts'
import { defineTool, ToolError } from '../tool.ts'

export const memorySave = defineTool({
  toolId: MEMORY_TOOL,
  version: '1.0.0',
  displayName: 'Remember',
  description: 'Keeps a fact for later work of the agents of this person or team, and of nobody else.',
  category: 'agents',
  inputSchema: {
    type: 'object',
    required: ['text'],
    properties: {
      text: {
        type: 'string',
        title: 'What to remember',
        format: 'textarea',
        description: 'One fact, in a sentence or two',
        minLength: 1,
        maxLength: MEMORY_CHARACTERS_MAX,
      },
    },
  },
  outputSchema: {
    type: 'object',
    required: ['text', 'fromOutside'],
    properties: {
      text: { type: 'string' },
      fromOutside: { type: 'boolean', description: 'It may repeat what strangers wrote, and is marked so' },
    },
  },
  price: { unit: 'run', rateMicros: 200n, maxMicros: 200n },
  sideEffect: 'write',
  platformHints: { primaryInput: 'text' },
  async execute(input, { outside = [] }) {
    const text = String(input.text).trim()
    if (text === '') throw new ToolError('bad_input', 'Say what is to be remembered.')
    return {
      output: { text, fromOutside: outside.length > 0 },
      send: { kind: 'memory', text, outside: outside.length > 0 ? outside.join(', ') : null },
    }
  },
})
