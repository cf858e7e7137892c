import type { Message, MessagePage } from '../api/types.ts'

/** What is known of the conversation, oldest first. `olderCursor` is null when the beginning is reached. */
export interface History {
  items: Message[]
  olderCursor: string | null
}

/**
 * The stream said something: a new message goes to its place, a known one is replaced where it stands. An edit of one
 * that is older than all that is loaded waits for its page.
 */
export function upsert(history: History, message: Message): History {
  const index = history.items.findIndex((item) => item.id === message.id)
  const known = history.items[index]
  if (!known) return isOlder(history, message) ? history : { ...history, items: insert(history.items, message) }
  if (isStale(message, known)) return history
  return { ...history, items: history.items.with(index, message) }
}

/**
 * The newest page was read again. Edits that the stream brought meanwhile stay. When the page does not touch what is
 * known, something between is missing: the page takes its place, and only what is newer still is kept.
 */
export function mergeNewest(known: History | undefined, page: MessagePage): History {
  const fresh: History = { items: page.items, olderCursor: page.nextCursor }
  if (!known?.items.length) return fresh
  const ids = new Set(known.items.map((item) => item.id))
  if (page.items.some((item) => ids.has(item.id))) {
    return page.items.reduce((history, item) => (isNews(history, item) ? upsert(history, item) : history), known)
  }
  const newest = page.items.at(-1)
  return known.items.filter((item) => newest && isBefore(newest, item)).reduce(upsert, fresh)
}

/** The newest change that is known; 0 when there is none. */
export const positionOf = (history: History | undefined): number =>
  Math.max(0, ...(history?.items ?? []).map(({ seq }) => seq))

/** An older page was read. */
export function prepend(history: History, page: MessagePage): History {
  const ids = new Set(history.items.map((item) => item.id))
  const older = page.items.filter((item) => !ids.has(item.id))
  return { items: [...older, ...history.items], olderCursor: page.nextCursor }
}

/** A page is a snapshot of a moment ago: of two equal revisions the one already here (perhaps streamed) is kept. */
function isNews(history: History, message: Message): boolean {
  const known = history.items.find((item) => item.id === message.id)
  return !known || revisionMs(message) > revisionMs(known)
}

function isOlder({ items, olderCursor }: History, message: Message): boolean {
  const oldest = items[0]
  return olderCursor !== null && oldest !== undefined && isBefore(message, oldest)
}

/** The stream may have been faster than the answer that carries the same message, by less than a millisecond too. */
const isStale = (message: Message, known: Message): boolean =>
  revisionMs(message) < revisionMs(known) || (revisionMs(message) === revisionMs(known) && message.seq < known.seq)

const revisionMs = (message: Message): number => Date.parse(message.editedAt ?? message.at)

function insert(items: Message[], message: Message): Message[] {
  // Nearly always the newest: look from the end.
  let index = items.length
  while (index > 0 && isBefore(message, items[index - 1] as Message)) index -= 1
  return items.toSpliced(index, 0, message)
}

function isBefore(one: Message, other: Message): boolean {
  const byTime = Date.parse(one.at) - Date.parse(other.at)
  // As the server puts those of one moment.
  return byTime === 0 ? one.seq < other.seq : byTime < 0
}
