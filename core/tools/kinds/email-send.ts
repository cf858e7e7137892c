import { MAIL_TOOL } from '../../sending/order.ts'
import { defineTool, ToolError } from '../tool.ts'
import { TEXT_CHARACTERS_MAX } from './chat-send.ts'

export const emailSend = defineTool({
  toolId: MAIL_TOOL,
  version: '1.0.0',
  displayName: 'E-mail',
  description: 'Sends a text as mail to a member, at an address that they have proven to be theirs.',
  category: 'messages',
  inputSchema: {
    type: 'object',
    required: ['to', 'subject', 'text'],
    properties: {
      to: {
        type: 'string',
        title: 'To',
        description: 'me, @handle of a member, or the address of one',
        minLength: 1,
        maxLength: 254,
      },
      subject: { type: 'string', title: 'Subject', minLength: 1, maxLength: 200 },
      text: { type: 'string', title: 'Text', format: 'textarea', minLength: 1, maxLength: TEXT_CHARACTERS_MAX },
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
  async execute({ to, subject, text }, { addressee }) {
    const line = String(subject).replaceAll(/\s+/g, ' ').trim()
    if (line === '') throw new ToolError('bad_input', 'The subject is empty.')
    if (String(text).trim() === '') throw new ToolError('bad_input', 'The text is empty.')
    if (addressee === undefined) {
      const message = `There is nobody ${String(to)} to write mail to here: members with an address they have proven.`
      throw new ToolError('bad_input', message)
    }
    return { output: { to: addressee }, send: { kind: 'mail', to: String(to), subject: line, text: String(text) } }
  },
})
