import type { MessageView } from '#tests/peers/telegram/index.ts'
import type { Backlog, Tables } from './database.ts'
import type { Guard } from './guards.ts'
import type { CrashJob } from './jobs.ts'

/** A command that was sent, and who is to pay for it. */
export interface SentCommand {
  updateId: number
  externalId: string
  conversation: string
  payer: 'personal' | 'team'
  job: CrashJob
  /** In this command's result and in no other's. */
  word: string
}

export interface Kill {
  atMs: number
  /** Of a process that only stood still: when it went on. */
  frozenUntilMs?: number
  /** What the killed process left behind, where it was looked at. */
  left?: Backlog
}

/** What the provider did for somebody, and cannot take back. */
export interface Effect {
  /** The provider's own id of it. */
  id: string
  /** What it was asked for: `run:step:group`. It tells, and nothing is recognized by it. */
  reference: string
  submissions: number
  polls: number
  made: unknown
}

/** The bot's messages by conversation, in the order in which they arrived. */
export type Chats = ReadonlyMap<string, readonly MessageView[]>

/** All that is known when the story is over: what is stored, what arrived, what was sent, what was done to the program. */
export interface Facts {
  tables: Tables
  guards: readonly Guard[]
  botId: number
  commands: readonly SentCommand[]
  /** Of everything that anybody ever sent. */
  updateIds: readonly number[]
  chats: Chats
  effects: readonly Effect[]
  /** Answers to callbacks that a provider would take for its own mistake. */
  refusedCallbacks: readonly string[]
  kills: readonly Kill[]
  /** What the processes logged as errors. */
  errors: readonly string[]
  /** What Telegram found wrong with the calls. */
  complaints: readonly string[]
}
