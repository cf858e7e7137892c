import assert from 'node:assert/strict'
import {
  findChatMessage,
  listChatChanges,
  listChatMessages,
  listChatMessagesOf,
  nextChange,
  putChatMessage,
} from '#db/chat-messages.ts'
import type { Reader, Tx } from '#db/db.ts'
import { findIncoming, insertIncoming } from '#db/inbox.ts'
import { findWaitingOf } from '#db/outbox.ts'
import type { ChatMessageTable } from '#db/schema.ts'
import type { Core } from '../core.ts'
import { pairCursor } from '../cursor.ts'
import { sha256 } from '../ids.ts'
import { canonicalJson } from '../json.ts'
import { keyReused } from '../once.ts'
import { inboxKey } from './inbox.ts'
import type { Incoming, IncomingFile, Part } from './message.ts'
import { plainText } from './plain.ts'
import type { FilledIn } from './sender.ts'

/** The conversation in the console and in a terminal, kept here: this product is its own chat platform there. */
export interface WebMessage {
  id: string
  conversationId: string
  at: string
  editedAt: string | null
  from: 'user' | 'bot'
  parts: Part[]
  text: string
  /** Counts the changes of the conversation; what a stream resumes from. */
  seq: number
}

/** A person's own conversation; nobody else reads there. */
export const webConversation = (accountId: string): string => `web_${accountId}`

export interface Said {
  accountId: string
  /** The account's identity on this channel. */
  name: string
  /** With a button: what stands on it. */
  text: string
  files: IncomingFile[]
  /** The token of the button that was pressed. */
  button?: string
  /** The client's id for this message: sent twice, it is said once. */
  deliveryId: string
  /** Who pays, as the request says it. */
  context?: string
  /** A form that is sent; what is in it has been kept, and is here to tell one request from another. */
  form?: { formId: string } & FilledIn
}

/**
 * Keeps what a person said and puts it in line to be handled, in one transaction. Said twice, the first one stands;
 * something else under the same id is refused (`idempotency_key_reused`).
 */
export async function sayOnWeb(
  core: Pick<Core, 'db' | 'clock' | 'queue'>,
  said: Said,
): Promise<{ message: WebMessage; cause: string; replayed: boolean }> {
  const conversation = webConversation(said.accountId)
  const incoming = incomingOf(said, conversation, core.clock.nowMs())
  return core.db.write(async function sayOnWeb(tx) {
    const { deliveryId } = said
    const nowMs = core.clock.nowMs()
    const payloadJson = JSON.stringify(incoming)
    const stored = await insertIncoming.first(tx, { channel: 'web', deliveryId, conversation, payloadJson, nowMs })
    if (!stored) return saidBefore(tx, incoming)
    const cause = `in:${stored.seq}`
    const message = { id: messageId(cause), conversation, author: 'user' as const, cause, parts: partsOf(said), nowMs }
    const changeSeq = await keep(tx, message)
    await core.queue.enqueueNow(tx, {
      kind: 'inbox',
      key: inboxKey('web', conversation),
      runAtMs: nowMs,
      fairGroup: 'web',
    })
    return { message: view({ ...message, changeSeq, editedAtMs: null }), cause, replayed: false }
  })
}

const messageId = (cause: string): string => `msg_${cause}`

type Before = { message: WebMessage; cause: string; replayed: true }

/** What was said under this id before, if anything. For what may be over by now, as a form is once it was sent. */
export async function saidOnWeb(on: Reader, said: Said): Promise<Before | undefined> {
  const incoming = incomingOf(said, webConversation(said.accountId), 0)
  const before = await findIncoming.first(on, { channel: 'web', deliveryId: said.deliveryId })
  return before && saidBefore(on, incoming)
}

async function saidBefore(on: Reader, incoming: Incoming): Promise<Before> {
  const { channel, deliveryId } = incoming
  const row = await findIncoming.first(on, { channel, deliveryId })
  assert(row, 'What is there already can be read')
  if (wordsOf(JSON.parse(row.payload_json) as Incoming) !== wordsOf(incoming)) throw keyReused()
  const cause = `in:${row.seq}`
  const message = await findChatMessage.first(on, { id: messageId(cause) })
  assert(message, 'A message stands beside its delivery')
  return { message: fromRow(message), cause, replayed: true }
}

/** What makes two requests the same. A form is known by what was put into it; the words beside it are only for show. */
const wordsOf = ({ text, button, files, context, form, hints }: Incoming): string =>
  form
    ? canonicalJson([form.formId, hints?.filledHash ?? null, context ?? null])
    : canonicalJson([text, button?.token ?? null, files.map(({ fetchRef }) => fetchRef), context ?? null])

const filledHash = ({ values, files = {} }: FilledIn): string => {
  const refs = Object.entries(files).map(([name, { fetchRef }]) => [name, fetchRef])
  return sha256(canonicalJson([values, Object.fromEntries(refs)]))
}

/** Shows a message in a web conversation. The same id again replaces it in place. */
export function showOnWeb(
  core: Pick<Core, 'db' | 'clock'>,
  message: { id: string; conversation: string; cause: string; parts: Part[] },
): Promise<void> {
  return core.db.write(async function showOnWeb(tx) {
    await keep(tx, { ...message, author: 'bot', nowMs: core.clock.nowMs() })
  })
}

/** Changes after a position, oldest first: new messages and edits alike. */
export async function webChanges(on: Reader, conversation: string, after: number, limit = 200): Promise<WebMessage[]> {
  return (await listChatChanges.all(on, { conversation, after, limit })).map(fromRow)
}

/** The newest messages before a cursor, oldest first. */
export async function webHistory(
  on: Reader,
  conversation: string,
  { cursor, limit }: { cursor?: string; limit: number },
): Promise<{ items: WebMessage[]; nextCursor: string | null }> {
  const before = cursor === undefined ? { atMs: Number.MAX_SAFE_INTEGER, changeSeq: 0 } : readCursor(cursor)
  const rows = await listChatMessages.all(on, { conversation, ...before, limit: limit + 1 })
  const items = rows.slice(0, limit).map(fromRow).reverse()
  const oldest = rows.slice(0, limit).at(-1)
  return { items, nextCursor: rows.length > limit && oldest ? `${oldest.at_ms}-${oldest.change_seq}` : null }
}

/** Two messages may be of one moment: a moment alone would leave one of them out between two pages. */
function readCursor(cursor: string): { atMs: number; changeSeq: number } {
  const [atMs, changeSeq] = pairCursor(cursor, '-')
  return { atMs, changeSeq }
}

/** What was answered to one message so far. */
export async function repliesTo(on: Reader, cause: string): Promise<WebMessage[]> {
  return (await listChatMessagesOf.all(on, { cause })).map(fromRow)
}

/** True once the message is handled; its answers may still be on their way to the conversation. */
export async function isHandled(on: Reader, deliveryId: string): Promise<boolean> {
  const row = await findIncoming.first(on, { channel: 'web', deliveryId })
  return row !== undefined && row.status !== 'new'
}

/** True once everything that was answered to a handled message is in the conversation; that may be nothing. */
export async function isAnswered(on: Reader, accountId: string, cause: string): Promise<boolean> {
  const conversation = webConversation(accountId)
  return (await findWaitingOf.first(on, { channel: 'web', conversation, cause })) === undefined
}

function incomingOf(
  { accountId, name, text, files, button, deliveryId, context, form }: Said,
  conversation: string,
  atMs: number,
): Incoming {
  return {
    channel: 'web',
    deliveryId,
    conversation,
    isPrivate: true,
    sender: { externalId: accountId, name },
    text,
    isAddressed: true,
    ...(button ? { button: { token: button } } : {}),
    files,
    ...(context ? { context } : {}),
    ...(form ? { form: { formId: form.formId }, hints: { filledHash: filledHash(form) } } : {}),
    atMs,
  }
}

const partsOf = ({ text, files }: Said): Part[] => [
  ...(text ? [{ type: 'text' as const, text }] : []),
  ...files.map(({ name, mediaType, sizeBytes, fetchRef }) => ({
    type: 'file' as const,
    artifactId: fetchRef,
    name,
    mediaType,
    sizeBytes,
  })),
]

interface Kept {
  id: string
  conversation: string
  author: 'user' | 'bot'
  cause: string
  parts: Part[]
  nowMs: number
}

async function keep(tx: Tx, { parts, ...message }: Kept): Promise<number> {
  const change = await nextChange.first(tx, { channel: 'web', id: message.conversation })
  const changeSeq = change?.change_seq ?? 1
  await putChatMessage.run(tx, { ...message, changeSeq, partsJson: JSON.stringify(parts) })
  return changeSeq
}

const fromRow = (row: ChatMessageTable): WebMessage =>
  view({
    id: row.id,
    conversation: row.conversation,
    author: row.author,
    cause: row.cause,
    parts: JSON.parse(row.parts_json),
    nowMs: row.at_ms,
    changeSeq: row.change_seq,
    editedAtMs: row.edited_at_ms,
  })

const view = (message: Kept & { changeSeq: number; editedAtMs: number | null }): WebMessage => ({
  id: message.id,
  conversationId: message.conversation,
  at: new Date(message.nowMs).toISOString(),
  editedAt: message.editedAtMs === null ? null : new Date(message.editedAtMs).toISOString(),
  from: message.author,
  parts: message.parts,
  text: plainText(message.parts),
  seq: message.changeSeq,
})
