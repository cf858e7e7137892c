import { expect } from 'vitest'
import { receiveMail } from '#bots/email/incoming.ts'
import { Mailbox } from '#bots/email/mailbox.ts'
import { createAccountByOperator } from '#core/accounts/create.ts'
import { attachIdentity } from '#core/accounts/identities.ts'
import { createMailDesk } from '#core/mail/desk.ts'
import type { MailStack } from '#tests/peers/mail-stack/stack.ts'
import { eventually } from '#tests/support/eventually.ts'
import type { World } from '#tests/support/world.ts'
import { resolve, signed, written } from './harness.ts'

/** Ann, whose mails are taken. */
export async function addAnn({ core }: World): Promise<void> {
  const { id } = await createAccountByOperator(core, { handle: 'ann', admin: false })
  await core.db.write((tx) =>
    attachIdentity(tx, id, { channel: 'email', externalId: 'ann@example.test', name: 'Ann' }, 0),
  )
}

let count = 0

/** Ann writes one mail, which its subject is known by. */
export async function writeTo(stack: MailStack, user: string, text = 'x'): Promise<string> {
  const subject = `/echo ${++count}`
  const mail = { subject, text, to: user, messageId: `<m${count}@example.test>`, date: new Date() }
  await stack.deliver(user, await signed(await written(mail)))
  return subject
}

export interface Reader {
  /** What the commands would get, in order, by its subject. */
  taken: string[]
  /** The numbers that the server gave those mails. */
  uids: number[]
  cursor(): Promise<{ uidValidity: string; uid: number } | undefined>
  /** Resolves when it has found how far the mailbox was when it came. */
  begun(): Promise<void>
  stop(): Promise<void>
}

/** Reads until it is stopped. */
export function readMailbox(
  stack: MailStack,
  { core }: World,
  {
    user,
    port = stack.imapPort,
    beforeStoring,
    triesMost,
  }: { user: string; port?: number; beforeStoring?: (raw: Uint8Array) => void; triesMost?: number },
): Reader {
  const desk = createMailDesk(core)
  const taken: string[] = []
  const uids: number[] = []
  const stopping = new AbortController()
  const needs = { desk, forms: () => undefined, own: user, resolve, clock: core.clock, log: core.log }
  const mailbox = new Mailbox({
    url: stack.imapUrl(user, port),
    desk,
    async take(raw, place) {
      beforeStoring?.(raw)
      const outcome = await receiveMail(needs, raw, place)
      if (outcome !== 'taken') return
      taken.push(/^Subject: (.*)\r$/m.exec(Buffer.from(raw).toString('latin1'))?.[1] ?? '')
      uids.push(place.uid)
    },
    clock: core.clock,
    log: core.log,
    pollMs: 200,
    timeoutMs: 2_000,
    ...(triesMost === undefined ? {} : { triesMost }),
  })
  const done = mailbox.read(stopping.signal)
  const cursor = () => desk.cursor(`${user}@127.0.0.1:${port}/INBOX`)
  return {
    taken,
    uids,
    cursor,
    begun: () => eventually(async () => expect(await cursor()).toBeDefined()),
    async stop() {
      stopping.abort()
      await done
    },
  }
}
