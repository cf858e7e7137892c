import { expect, it } from 'vitest'
import { createMailSender } from '#bots/email/outgoing.ts'
import type { Outgoing } from '#core/chat/sender.ts'
import { type Mail, MailUnclear } from '#core/outbound/mail.ts'

const message: Outgoing = {
  key: 'email:7',
  conversation: 'ben@example.org',
  parts: [{ type: 'text', text: 'All green' }],
  cause: 'run_1',
  maybeDuplicate: false,
  hints: { subject: 'Done' },
  readFile: () => Promise.reject(new Error('No files')),
}

/** Nothing of these leads anywhere. */
const desk = { linkIn: () => undefined, unsubscribeIn: () => undefined }

it('mails one message, and the same one under the same id when it has to be sent again', async () => {
  const sent: Mail[] = []
  const sender = createMailSender({
    host: 'muster.example',
    desk,
    mailer: { send: async (mail) => void sent.push(mail) },
  })
  expect((await sender.send(message)).outcome).toBe('sent')
  await sender.send({ ...message, maybeDuplicate: true })
  await sender.send({ ...message, key: 'email:8' })
  expect(sent[0]).toMatchObject({ to: 'ben@example.org', subject: 'Done', text: 'All green\n' })
  expect(sent[0]?.messageId).toMatch(/^<[0-9a-f]{40}@muster\.example>$/)
  expect(sent[1]?.messageId).toBe(sent[0]?.messageId)
  expect(sent[1]?.text).toMatch(/^\(This may be a duplicate of a mail that you have\.\)/)
  expect(sent[2]?.messageId).not.toBe(sent[0]?.messageId)
})

it.each([
  ['an address that is refused', { responseCode: 550, command: 'RCPT TO' }, 'refused'],
  ['a busy server', { responseCode: 451, command: 'MAIL FROM' }, 'retry'],
  ['a wrong password', { responseCode: 535, command: 'AUTH PLAIN' }, 'retry'],
  ['nobody there', { command: 'CONN' }, 'retry'],
  ['a break in the middle', new MailUnclear('No'), 'unclear'],
])('%s', async (_, facts, outcome) => {
  const mailer = { send: () => Promise.reject(facts instanceof Error ? facts : Object.assign(new Error('No'), facts)) }
  expect((await createMailSender({ host: 'x', desk, mailer }).send(message)).outcome).toBe(outcome)
})
