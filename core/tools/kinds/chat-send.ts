import { CHAT_TOOL } from '../../sending/order.ts'
import { defineTool, ToolError } from '../tool.ts'

export const TEXT_CHARACTERS_MAX = 10_000

export const chatSend = defineTool({
  toolId: CHAT_TOOL,
  version: '1.0.0',
  displayName: 'Chat message',
  description: 'Sends a text to a member, where they are written to by the bot, or to a chat that is tied to the team.',
  category: 'messages',
  inputSchema: {
    type: 'object',
    required: ['to', 'text'],
    properties: {
      to: {
        type: 'string',
        title: 'To',
        description: 'me, @handle of a member, team for its chats, or one of them like telegram:-100123',
        minLength: 1,
        maxLength: 200,
      },
      text: {
        type: 'string',
        title: 'Text',
        format: 'textarea',
        description: 'Markdown',
        minLength: 1,
        maxLength: TEXT_CHARACTERS_MAX,
      },
    },
  },
  outputSchema: {
    type: 'object',
    required: ['to'],
    properties: { to: { type: 'string', title: 'To', description: 'Whom it was sent to' } },
  },
  price: { unit: 'run', rateMicros: 200n, maxMicros: 200n },
  sideEffect: 'write',
  platformHints: { primaryInput: 'text' },
  async execute({ to, text }, { addressee }) {
    if (String(text).trim() === '') throw new ToolError('bad_input', 'The text is empty.')
    if (addressee === undefined) {
      const message = `There is nobody ${String(to)} to write to here: members of the context by their handle, or chats tied to it.`
      throw new ToolError('bad_input', message)
    }
    return { output: { to: addressee }, send: { kind: 'chat', to: String(to), text: String(text) } }
  },
})
