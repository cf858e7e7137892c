import type { Part } from '#core/chat/message.ts'

/** Who pays for what is asked now: a person or a team. */
export interface Context {
  type: 'user' | 'team'
  id: string
  name: string
}

export interface Me {
  accountId: string
  handle: string
  displayName: string
  platformRole: 'user' | 'admin'
  context: Context
  teams: { id: string; name: string; role: string }[]
}

/** Amounts are decimal strings in USD. */
export interface Wallet {
  balanceUsd: string
  heldUsd: string
  availableUsd: string
  creditLimitUsd: string
  debtUsd: string
  limits: WalletLimit[]
}

export interface WalletLimit {
  name: string
  limitUsd: string
  usedUsd: string
  remainingUsd: string
  resetsAt: string | null
}

/** One message of the conversation. Times are ISO 8601; the same id again is an edit of the same message. */
export interface Message {
  id: string
  conversationId: string
  at: string
  editedAt?: string | null
  from: 'user' | 'bot'
  parts: Part[]
  text: string
  /** Counts the changes of the conversation; where a stream goes on from. */
  seq: number
}

/** Oldest first; `nextCursor` leads to what came before. */
export interface MessagePage {
  items: Message[]
  nextCursor: string | null
}

export interface SendBody {
  text: string
  files?: string[]
  button?: string
  form?: { formId: string; values: Record<string, string | boolean | null>; files?: Record<string, string> }
  conversationId?: string
}

export interface SendAnswer {
  message: Message
  replies: Message[]
}

export interface CommandInfo {
  command: string
  usage: string
  summary: string
}

/** A stored file, as the upload answers it. */
export interface Artifact {
  id: string
  name: string
  mediaType: string
  sizeBytes: number
}

export interface Invitation {
  teamName: string
  role: string
  invitedBy: string
  status: 'open' | 'accepted' | 'declined' | 'revoked' | 'expired'
  expiresAt: string
}
