import { expect, it } from 'vitest'
import { chatSend } from '#core/tools/kinds/chat-send.ts'
import { emailSend } from '#core/tools/kinds/email-send.ts'
import { runTool } from '#core/tools/run.ts'
import { contextFor, describeTool, errorOf } from './conformance.ts'

const context = { addressee: '@ada' }

describeTool(chatSend, {
  context,
  rateMicros: 200n,
  examples: [{ name: 'a member', input: { to: '@ada', text: 'Hello' }, output: { to: '@ada' } }],
  refused: [
    { name: 'nobody', input: { text: 'Hello' }, names: 'to is required' },
    { name: 'nothing', input: { to: 'ada', text: ' \n' }, names: 'text is empty' },
    { name: 'too much', input: { to: 'ada', text: 'x'.repeat(10_001) }, names: 'text' },
  ],
  hostile: [{ name: 'names and marks', input: { to: '@ada', text: '<!channel> @here [x](javascript:1)\u202e\u0000' } }],
})

describeTool(emailSend, {
  context,
  rateMicros: 200n,
  examples: [
    { name: 'a member', input: { to: 'ada@example.org', subject: 'Hi', text: 'Hello' }, output: { to: '@ada' } },
  ],
  refused: [
    { name: 'no subject', input: { to: 'ada', text: 'Hello' }, names: 'subject is required' },
    { name: 'an empty subject', input: { to: 'ada', subject: '\n', text: 'Hello' }, names: 'subject is empty' },
  ],
})

it('a subject is one line, so that it begins no header of its own', async () => {
  const input = { to: 'ada', subject: 'Hi\r\nBcc: eve@example.org', text: 'x' }
  expect(await runTool(emailSend, input, contextFor(context))).toMatchObject({
    send: { subject: 'Hi Bcc: eve@example.org' },
  })
})

it('nobody is written to whom the context does not know', async () => {
  for (const tool of [chatSend, emailSend]) {
    const subject = tool === emailSend ? { subject: 'x' } : {}
    const error = await errorOf(tool, { to: 'eve', text: 'x', ...subject }, contextFor())
    expect(error.code).toBe('bad_input')
  }
})
