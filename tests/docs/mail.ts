import { fileURLToPath } from 'node:url'
import { type MailVoice, mailVoice } from '#tests/e2e/support/mail-voice.ts'
import { askDatabase } from '#tests/e2e/support/sql.ts'
import { type GivenFile, type Heard, hear } from '#tests/e2e/support/voice.ts'
import { type Names, openNames } from '#tests/peers/mail-stack/names.ts'
import { type MailStack, openMailStack } from '#tests/peers/mail-stack/stack.ts'
import { eventually } from '#tests/support/eventually.ts'
import type { Program } from './program.ts'
import { speech } from './speech.ts'

const OWN = 'bot@test.local'
const NAMES_FIRST = fileURLToPath(new URL('../peers/mail-stack/names-first.ts', import.meta.url))
const COMMITS = '4f1c2aa feat: dark mode\n9be03d1 fix: a typo\n'

/** A real Dovecot and Postfix, and the names of the world, for as long as something is shown with them. */
export interface MailWorld {
  settings: Record<string, string>
  stack: MailStack
  end(): Promise<void>
}

export async function openMailWorld(): Promise<MailWorld> {
  const stack = await openMailStack()
  const names: Names = await openNames()
  return {
    stack,
    settings: {
      EMAIL_SMTP_URL: stack.smtpUrl,
      EMAIL_FROM: `Muster <${OWN}>`,
      EMAIL_IMAP_URL: stack.imapUrl(OWN),
      NODE_OPTIONS: `--import ${NAMES_FIRST}`,
      TEST_NAMES: names.address,
    },
    async end() {
      names.close()
      stack.close()
    },
  }
}

/** What somebody writes to a mailbox from its first day on, and what comes. */
export async function mailSession({ environment, claimCode }: Program, { stack }: MailWorld): Promise<string> {
  // What is there before it is first read is not carried out.
  await eventually(async () => {
    const read = await askDatabase(environment.DATABASE_URL ?? '', 'SELECT uid FROM mail_cursor')
    if (read.length === 0) throw new Error('It does not read yet')
  })
  const ana = mailVoice(stack, 'Ana', OWN)
  const parts: string[] = []
  const file = { name: 'history.patch', mediaType: 'text/x-patch', bytes: Buffer.from(COMMITS) }
  parts.push(await exchange(ana, { subject: `start ${claimCode}` }))
  parts.push(await exchange(ana, { subject: 'run release-notes' }, file))
  parts.push(await exchange(ana, { subject: 'createteam Acme' }))
  const [newest] = (await ana.heard()).toReversed()
  if (newest) parts.push(await answer(ana, newest, 'Invite somebody'))
  parts.push(await forged(ana))
  return parts.join('\n\n').replaceAll(OWN, 'bot@example.org').replaceAll('ana@example.test', 'ana@example.org')
}

async function exchange(voice: MailVoice, { subject }: { subject: string }, file?: GivenFile): Promise<string> {
  const before = await voice.heard()
  await voice.write({ subject, ...attachment(file) })
  const lines = [`To: ${OWN}`, `Subject: ${subject}`, ...(file ? [`[${file.name}]`] : [])]
  return [speech('ana', lines), await heard(voice, before)].join('\n\n')
}

async function answer(voice: MailVoice, message: Heard, text: string): Promise<string> {
  const before = await voice.heard()
  await voice.reply(message, text)
  return [speech('ana', [text]), await heard(voice, before)].join('\n\n')
}

/** Somebody else, who writes as Ana. */
async function forged(voice: MailVoice): Promise<string> {
  const before = await voice.heard()
  await voice.write({ subject: 'deleteteam Acme' }, false)
  const lines = ['From: ana@example.org, which is not true', 'Subject: deleteteam Acme']
  return [speech('eve', lines), await heard(voice, before)].join('\n\n')
}

async function heard(voice: MailVoice, before: readonly Heard[]): Promise<string> {
  const mail = (await hear(voice, before, () => true, 30_000)) as Awaited<ReturnType<MailVoice['heard']>>[number]
  const files = mail.files.map(({ name }) => `[${name}]`)
  return speech('bot', [`Subject: ${mail.subject}`, '', ...mail.text.split('\n'), ...files])
}

const attachment = (file?: GivenFile) =>
  file ? { attachments: [{ filename: file.name, contentType: file.mediaType, content: Buffer.from(file.bytes) }] } : {}
