import type { Tx } from '../db.ts'

/** run: advance this run. inbox: handle this conversation's updates. outbox: deliver this conversation's messages. */
export type WorkKind = 'run' | 'inbox' | 'outbox'
export const WORK_KINDS: readonly WorkKind[] = ['run', 'inbox', 'outbox']

export interface WorkItem {
  kind: WorkKind
  /** One item per key: putting it in again while it waits changes nothing, while it is worked on makes its holder look again. */
  key: string
  runAtMs: number
  /** Groups take turns: the context of a run, the channel of a message. */
  fairGroup: string
}

/** The right to work on a key until the lease ends. Every write that depends on it confirms it first. */
export interface Claim {
  kind: WorkKind
  key: string
  fairGroup: string
  /** Different for each claim ever made. */
  token: string
}

/** How many runs are worked on at once, all processes together. A team's own limit stands in its row. */
export interface RunLimits {
  /** Of one context that has no limit of its own. */
  perContext: number
  /** Of all; null for no limit beside what the processes can hold. */
  instance: number | null
}

/** Another worker has taken over; nothing more may be written under this claim. */
export class LeaseLostError extends Error {
  constructor(key: string) {
    super(`The lease on ${key} was lost`)
    this.name = 'LeaseLostError'
  }
}

/** What the two databases do differently about work; the dispatcher does the rest. */
export interface WorkStore {
  /** From here on work can be put in. */
  open(): Promise<void>
  close(): Promise<void>
  /** Called before this process begins to work: takes over at once what dead processes left. */
  takeOver(): Promise<void>
  /** Calls back when another process calls for workers; where nothing can call, it never does. */
  onCall(listener: () => void): Promise<void>
  enqueue(tx: Tx, item: WorkItem): Promise<void>
  /** Has a working process called, at the item's time, because this one may not be there to see to it. */
  call(tx: Tx, item: WorkItem): Promise<void>
  /**
   * Puts in a new item that this process works on from the commit on. Undefined when a limit that somebody set applies
   * to it: then it waits in the queue, where limits are counted.
   */
  enqueueClaimed(tx: Tx, item: WorkItem, leaseMs: number): Promise<Claim | undefined>
  claimDue(kind: WorkKind, limit: number, leaseMs: number): Promise<Claim[]>
  /** When the next item of any kind will be due. */
  nextDueMs(): Promise<number | undefined>
  /** False for the claims that are lost. */
  extend(claims: readonly Claim[], leaseMs: number): Promise<Map<Claim, boolean>>
  /**
   * Ends the claim: for good, or until `nextAtMs`. False when somebody asked for another look meanwhile:
   * then the claim stays and its holder goes on. Throws LeaseLostError when it is not ours any more.
   */
  release(tx: Tx, claim: Claim, nextAtMs: number | null): Promise<boolean>
  /** Frees what dead workers held; true when there was something. */
  sweep(): Promise<boolean>
}
