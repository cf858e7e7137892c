import type { Reader, Tx } from '#db/db.ts'
import { findMail, findThread, insertMail, insertThread, moveThread } from '#db/mail.ts'
import type { Core } from '../core.ts'
import { hashSecret } from '../ids.ts'
import type { Offers } from './mail.ts'

/** Servers cut headers that are longer; the first and the last are what readers put threads together by. */
const REFERENCES_MAX = 50
const SUBJECT_MAX = 200

export interface Thread {
  id: string
  address: string
  subject: string
  references: string[]
  lastIn: string | null
}

export async function threadById(on: Reader, id: string): Promise<Thread | undefined> {
  const row = await findThread.first(on, { id })
  return (
    row && {
      id,
      address: row.address,
      subject: row.subject,
      references: JSON.parse(row.refs_json) as string[],
      lastIn: row.last_in,
    }
  )
}

/** The thread that a mail of this person belongs to: never that of somebody else, whatever its headers say. */
export async function threadOf(
  on: Reader,
  { address, threadId, references }: { address: string; threadId?: string | undefined; references: readonly string[] },
): Promise<Thread | undefined> {
  for (const messageId of references.toReversed()) {
    const mail = await findMail.first(on, { messageId })
    if (mail?.address === address) return threadById(on, mail.thread_id)
  }
  const tagged = threadId === undefined ? undefined : await threadById(on, threadId)
  return tagged?.address === address ? tagged : undefined
}

export async function beginThread(
  tx: Tx,
  { id, address, subject, nowMs }: { id: string; address: string; subject: string; nowMs: number },
): Promise<Thread> {
  const kept = [...subject].slice(0, SUBJECT_MAX).join('')
  await insertThread.run(tx, { id, address, subject: kept, nowMs })
  return { id, address, subject: kept, references: [], lastIn: null }
}

/** Puts a mail of somebody into its thread, which begins with it where there is none. */
export async function putIntoThread(
  { ids }: Pick<Core, 'ids'>,
  tx: Tx,
  mail: Parameters<typeof threadOf>[1] & { messageId: string; subject: string },
  nowMs: number,
): Promise<Thread> {
  const { address, messageId, subject } = mail
  const thread =
    (await threadOf(tx, mail)) ?? (await beginThread(tx, { id: newThreadId(ids.newSecret()), address, subject, nowMs }))
  await addToThread(tx, thread, { messageId, isOurs: false, nowMs })
  return thread
}

/** Sixteen characters that survive whatever mail servers do to the case of addresses. */
export const newThreadId = (secret: string): string =>
  BigInt(`0x${Buffer.from(hashSecret(secret), 'base64url').toString('hex').slice(0, 26)}`)
    .toString(36)
    .padStart(16, '0')
    .slice(-16)

/** Adds a mail to its thread; one that is there already changes nothing. */
export async function addToThread(
  tx: Tx,
  thread: Thread,
  mail: { messageId: string; isOurs: boolean; offers?: Offers; nowMs: number },
): Promise<void> {
  const { messageId, isOurs, offers, nowMs } = mail
  const added = await insertMail.run(tx, {
    messageId,
    threadId: thread.id,
    isOurs: isOurs ? 1 : 0,
    isSent: isOurs ? 0 : 1,
    offersJson: offers ? JSON.stringify(offers) : null,
    nowMs,
  })
  if (added === 0) return
  const [first, ...rest] = [...thread.references, messageId]
  const refsJson = JSON.stringify([first, ...rest.slice(1 - REFERENCES_MAX)])
  await moveThread.run(tx, { id: thread.id, refsJson, lastIn: isOurs ? thread.lastIn : messageId })
}
