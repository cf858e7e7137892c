import { simpleParser } from 'mailparser'
import { signed, type Written, written } from '#tests/bots/email/harness.ts'
import type { Letter, MailStack } from '#tests/peers/mail-stack/stack.ts'
import { type Counted, counting } from './counting.ts'
import type { GivenFile, Heard } from './voice.ts'

/** A mail of the program, as its reader has it. */
export interface HeardMail extends Heard {
  subject: string
  inReplyTo: string | undefined
  references: string[]
  replyTo: string
}

export interface MailVoice extends Counted {
  address: string
  heard(): Promise<HeardMail[]>
  /** Answers a mail, as clients do it: to where it says, under its subject, with what it said below. */
  reply(message: Heard, text: string, file?: GivenFile): Promise<void>
  /** Writes a mail as it stands; signed by the domain of the writer unless told otherwise. */
  write(mail: Omit<Partial<Written>, 'subject'> & { subject: string }, isSigned?: boolean): Promise<string>
}

let wrote = 0

/** A person with a mailbox on the real server, who writes to `bot`. */
export function mailVoice(stack: MailStack, name: string, bot: string, domain = 'example.test'): MailVoice {
  const address = `${name.toLowerCase()}@${domain}`
  const read = new Map<string, Promise<HeardMail>>()
  const heard = (): Promise<HeardMail[]> =>
    Promise.all(
      stack.letters(address).map((letter) => {
        const id = letter.id.split(':')[0] ?? ''
        const mail = read.get(id) ?? readLetter(letter)
        read.set(id, mail)
        return mail
      }),
    )
  const write: MailVoice['write'] = async (mail, isSigned = true) => {
    const messageId = `<${name}.${++wrote}.${process.pid}@${domain}>`
    const raw = await written({
      from: `${name} <${address}>`,
      to: bot,
      text: '',
      messageId,
      date: new Date(),
      ...mail,
    })
    await stack.deliver(bot, isSigned ? await signed(raw, { domain }) : raw)
    return messageId
  }
  const attached = (file?: GivenFile) =>
    file
      ? {
          attachments: [{ filename: file.name, contentType: file.mediaType, content: Buffer.from(file.bytes) }],
        }
      : {}
  const answered = async (message: Heard, text: string, file?: GivenFile): Promise<void> => {
    const mail = message as HeardMail
    await write({
      to: mail.replyTo,
      subject: `Re: ${mail.subject.replace(/^Re: /, '')}`,
      text: `${text}\n\nOn Fri, 27 Nov 2026 at 10:02, Muster <${bot}> wrote:\n${mail.text.replaceAll(/^/gm, '> ')}\n`,
      references: [...mail.references, mail.id],
      ...attached(file),
    })
  }
  const voice = counting({
    channel: `E-mail (${address})`,
    async say(text, file) {
      const [subject = '', ...rest] = text.split('\n')
      await write({ subject: subject.replace(/^\//, ''), text: rest.join('\n'), ...attached(file) })
    },
    press: (message, label) => answered(message, label),
    heard,
  })
  return {
    ...voice,
    address,
    heard,
    write,
    async reply(message, text, file) {
      voice.count.said++
      await answered(message, text, file)
    },
  }
}

async function readLetter({ raw }: Letter): Promise<HeardMail> {
  const mail = await simpleParser(raw)
  const text = (mail.text ?? '').trim()
  const references = mail.references ?? []
  return {
    id: mail.messageId ?? '',
    subject: mail.subject ?? '',
    inReplyTo: mail.inReplyTo,
    references: Array.isArray(references) ? references : [references],
    replyTo: mail.replyTo?.value[0]?.address ?? '',
    text,
    buttons: [...text.matchAll(/^ {4}(\S.*)$/gm)].map(([, label = '']) => label),
    files: mail.attachments.map(({ filename = '', contentType, content }) => ({
      name: filename,
      mediaType: contentType,
      bytes: content,
    })),
  }
}
