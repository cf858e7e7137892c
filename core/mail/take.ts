import type { Tx } from '#db/db.ts'
import { forgetBounce, insertSeen, moveCursor } from '#db/mail.ts'
import { storeArtifact } from '../artifacts/store.ts'
import { putIncoming } from '../chat/inbox.ts'
import { personal } from '../context.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'
import { type KeptMail, type KnownMail, type MailPlace, mailConversation } from './mail.ts'
import { putIntoThread } from './threads.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

/** What became of a mail: it was stored, or it (or its place in the mailbox) was there already. */
export type Taken = 'taken' | 'again'

/**
 * Stores what somebody said by mail, with how far the mailbox was read, in one transaction: neither is ever there without
 * the other. The same mail again, by whatever way it comes, changes nothing.
 */
export async function takeMail(core: Needs, mail: KnownMail, place?: MailPlace): Promise<Taken> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function takeMail(tx): Promise<Taken> {
    if (!(await isNew(tx, mail.marks, place, nowMs))) return 'again'
    const kept = await keepFiles(core, tx, mail, nowMs)
    await putMail(core, tx, kept, nowMs)
    return 'taken'
  })
}

/** Moves the place in the mailbox, and keeps the marks. False when this mail was met before. */
export async function isNew(
  tx: Tx,
  marks: readonly string[],
  place: MailPlace | undefined,
  nowMs: number,
): Promise<boolean> {
  if (place && (await moveCursor.run(tx, { ...place, nowMs })) === 0) return false
  let news = true
  for (const mark of marks) if ((await insertSeen.run(tx, { mark, nowMs })) === 0) news = false
  return news
}

export async function keepFiles(core: Needs, tx: Tx, mail: KnownMail, nowMs: number): Promise<KeptMail> {
  const { accountId, files, ...rest } = mail
  const kept: KeptMail['files'] = []
  // Whoever has no account yet can do nothing that takes a file.
  for (const { name, mediaType, bytes } of accountId === undefined ? [] : files) {
    const owner = { context: personal(accountId ?? ''), accountId: accountId ?? '' }
    const file = await storeArtifact(core, tx, { ...owner, name, mediaType, bytes, nowMs })
    kept.push({ name: file.name, mediaType, sizeBytes: file.sizeBytes, fetchRef: file.id })
  }
  return { ...rest, accountId, files: kept }
}

/** Puts a mail into its thread and before the commands. */
export async function putMail(core: Needs, tx: Tx, mail: KeptMail, nowMs: number): Promise<void> {
  const { address, name, messageId, text, context, button, form, files, problems, replyTo, atMs } = mail
  const thread = await putIntoThread(core, tx, mail, nowMs)
  await forgetBounce.run(tx, { address })
  await putIncoming(core, tx, {
    channel: 'email',
    deliveryId: messageId,
    conversation: mailConversation(address, thread.id),
    isPrivate: true,
    sender: { externalId: address, name },
    text,
    isAddressed: true,
    files,
    directTo: address,
    ...(problems ? { notes: problems } : {}),
    ...(context ? { context } : {}),
    ...(button ? { button } : {}),
    ...(form ? { form: { formId: form.formId } } : {}),
    ...(replyTo ? { replyTo } : {}),
    atMs,
  })
}

/** A mail that leads to nothing: the place moves on, and why is on record unless that would fill the record. */
export async function passMail(
  core: Pick<Core, 'db' | 'clock'>,
  { place, reason, from }: { place?: MailPlace | undefined; reason?: string; from?: string },
): Promise<void> {
  const nowMs = core.clock.nowMs()
  await core.db.write(async function passMail(tx) {
    if (place && (await moveCursor.run(tx, { ...place, nowMs })) === 0) return
    if (reason === undefined) return
    await appendEvents(tx, nowMs, [
      { type: 'mail.dropped', actor: 'system', context: null, subject: from || 'unknown', details: { reason } },
    ])
  })
}
