import type { FormDesk, Receive, Sender } from '#core/chat/sender.ts'

/** One platform. It owns the platform's limits, formats and calls, and knows nothing of commands or money. */
export interface Channel extends Sender {
  /** Answers the platform's webhook request; undefined where the channel has no webhook. */
  webhook?(request: Request): Promise<Response>
  /**
   * Starts polling or the socket, or registers the webhook; `receive` stores an update. Called once. What only one process
   * may do at a time, polling, is done `inTurn`; without it this process is taken to be the only one. Channels with forms
   * bring what is put into them to `forms`.
   */
  start(receive: Receive, help?: { inTurn?: InTurn; forms?: FormDesk }): Promise<void>
  /** Stops taking updates; what is being received ends first. */
  stop(): Promise<void>
  /** Why it is not connected at the moment, and whether it ever was; undefined while all is well. */
  trouble?(): Trouble | undefined
  /** Brings the platform's command menu up to date; writes only what changed. */
  syncMenu?(menu: Menu): Promise<void>
}

/**
 * Has the work done whenever it is this process's turn: until its signal ends it, and perhaps again later. Resolves when
 * `stop` came and the work has ended.
 */
export type InTurn = (stop: AbortSignal, work: (signal: AbortSignal) => Promise<void>) => Promise<void>

/** What keeps a channel from its platform, in words without secrets. */
export interface Trouble {
  reason: string
  wasConnected: boolean
}

export interface MenuEntry {
  command: string
  description: string
}

/** What the menu offers: everyone in private, everyone in groups, and where it is another one (null: where it is not). */
export interface Menu {
  personal: MenuEntry[]
  group: MenuEntry[]
  chats: { conversation: string; entries: MenuEntry[] | null }[]
}
