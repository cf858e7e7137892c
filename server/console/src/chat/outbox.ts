import type { Artifact, Message } from '../api/types.ts'

/** A message the server has not confirmed yet. Kept in the tab's storage, so that a reload loses nothing. */
export interface Unsent {
  /** Sent along as Idempotency-Key: trying again never says it twice. */
  key: string
  text: string
  files: Artifact[]
  at: string
  /** Time of the newest message that was known when this one was written, in the server's clock. */
  afterMs: number
  state: 'sending' | 'failed' | 'sent'
  /** Why it failed. */
  reason?: string
  /** What it became, once the server has said so. */
  messageId?: string
}

/** What is in the composer and not sent. */
export interface Draft {
  text: string
  files: Artifact[]
}

/**
 * True when the server has this message after all: the stream may be faster than the answer, and an answer may be lost
 * after the message was stored.
 */
function hasLanded(unsent: Unsent, message: Message): boolean {
  if (unsent.messageId) return unsent.messageId === message.id
  if (message.from !== 'user' || Date.parse(message.at) <= unsent.afterMs) return false
  const sentFiles = message.parts.flatMap((part) => (part.type === 'file' ? [part.artifactId] : []))
  const hasFiles = unsent.files.every((file) => sentFiles.includes(file.id))
  return hasFiles && (unsent.text ? message.text.startsWith(unsent.text) : unsent.files.length > 0)
}

/** Drops what has landed. Each message of the conversation accounts for one unsent one. */
export function withoutLanded(unsent: Unsent[], items: Message[]): Unsent[] {
  if (unsent.length === 0) return unsent
  const free = new Set(items)
  const left = unsent.filter((one) => {
    const match = items.find((item) => free.has(item) && hasLanded(one, item))
    if (match) free.delete(match)
    return !match
  })
  return left.length === unsent.length ? unsent : left
}

const key = (kind: 'draft' | 'unsent', accountId: string): string => `muster-${kind}-${accountId}`

export const readDraft = (accountId: string): Draft => read(key('draft', accountId)) ?? { text: '', files: [] }

export const writeDraft = (accountId: string, draft: Draft): void =>
  write(key('draft', accountId), draft.text || draft.files.length ? draft : undefined)

const CLOSED = 'The page was closed before the server answered.'

/** What was on its way when the page was closed is shown as not sent: nobody knows whether it arrived. */
export const readUnsent = (accountId: string): Unsent[] =>
  (read<Unsent[]>(key('unsent', accountId)) ?? [])
    .filter((one) => one.state !== 'sent')
    .map((one) => (one.state === 'failed' ? one : { ...one, state: 'failed', reason: CLOSED }))

export const writeUnsent = (accountId: string, unsent: Unsent[]): void =>
  write(key('unsent', accountId), unsent.length ? unsent : undefined)

function read<Value>(name: string): Value | undefined {
  try {
    const stored = sessionStorage.getItem(name)
    return stored ? (JSON.parse(stored) as Value) : undefined
  } catch {
    return undefined
  }
}

/** Storage may be full or off; then the draft lives as long as the page. */
function write(name: string, value: unknown): void {
  try {
    if (value === undefined) sessionStorage.removeItem(name)
    else sessionStorage.setItem(name, JSON.stringify(value))
  } catch {
    // Nothing to mend here.
  }
}
