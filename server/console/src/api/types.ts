import type { View } from '#server/openapi/views/all.ts'

/** Who pays for what is asked now: a person or a team. */
export type Context = Me['context']

export type Me = View<'Me'>

/** Amounts are decimal strings in USD. */
export type Wallet = View<'Wallet'>

export type WalletLimit = Wallet['limits'][number]

/** One message of the conversation. Times are ISO 8601; the same id again is an edit of the same message. */
export type Message = View<'Message'>

/** Oldest first; `nextCursor` leads to what came before. */
export type MessagePage = Page<Message>

export interface SendBody {
  text: string
  files?: string[]
  button?: string
  form?: { formId: string; values: Record<string, string | boolean | null>; files?: Record<string, string> }
  conversationId?: string
}

export type SendAnswer = View<'Said'>

export type CommandInfo = View<'Command'>

/** A stored file, as the upload answers it. */
export type Artifact = View<'Artifact'>

export type Invitation = View<'InvitationOffered'>

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }
export type JsonObject = { [name: string]: Json }

/** A run as lists have it. */
export type RunSummary = View<'RunListed'>

export type Run = View<'Run'>

export type RunStep = View<'RunStep'>

export type RunEvent = View<'RunEvent'>

export interface Page<Item> {
  items: Item[]
  nextCursor: string | null
}

export type Variant = View<'Variant'>

export type Review = View<'Review'>
