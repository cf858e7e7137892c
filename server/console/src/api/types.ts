import type { Part } from '#core/chat/message.ts'
import type { RunAction } from '#core/runs/actions.ts'
import type { RunStatus, StepStatus } from '#core/runs/states.ts'

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
  /** How they are known elsewhere. */
  identities: { channel: string; externalId: string; name: string }[]
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

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }
export type JsonObject = { [name: string]: Json }

/** Why something did not go well: a code for programs, a sentence for people. */
export interface Failure {
  code: string
  message: string
}

/** A run as lists have it. */
export interface RunSummary {
  id: string
  jobId: string
  jobVersion: number
  context: Pick<Context, 'type' | 'id'>
  initiator: { accountId: string; channel: string; handle: string | null }
  status: RunStatus
  inputs: JsonObject
  outputs: JsonObject | null
  estimateUsd: string
  maxUsd: string
  costUsd: string
  variants: string[]
  reviewId: string | null
  createdAt: string
  startedAt: string | null
  finishedAt: string | null
  error: Failure | null
}

export interface Run extends RunSummary {
  title: string
  parentRunId: string | null
  steps: RunStep[]
  /** What is lacking, while it waits for money or for room under a limit. */
  waitingFor: { message: string; neededUsd: string; missingUsd: string; expiresAt: string } | null
  /** What this person may do about it now. */
  actions: (RunAction | 'accept')[]
}

export interface RunStep {
  stepId: string
  displayName: string
  toolId: string | null
  status: StepStatus
  attempts: number
  costUsd: string
  startedAt: string | null
  finishedAt: string | null
  output: JsonObject | null
  error: Failure | null
  waitsFor: { kind: 'timer' | 'callback' | 'review' | 'job' | 'funds'; until: string | null } | null
  childRunId: string | null
}

export interface RunEvent {
  seq: number
  at: string
  type: string
  handle: string | null
  details: JsonObject
}

export interface Page<Item> {
  items: Item[]
  nextCursor: string | null
}

export interface Variant {
  id: string
  sourceRunId: string
  number: number
  outputs: JsonObject
  accepted: { at: string } | null
}

export interface Review {
  id: string
  status: 'open' | 'approved' | 'rejected' | 'changes_requested' | 'expired'
  prompt: string | null
  approvers: { people: string[]; roles: string[]; count: number }
  decisions: { handle: string; decision: string; comment: string | null; at: string }[]
  canDecide: boolean
}
