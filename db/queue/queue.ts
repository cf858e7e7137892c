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
  /** The item in the queue underneath, where there is one. */
  jobId?: string
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
  enqueue(tx: Tx, item: WorkItem): Promise<void>
  /** Puts in a new item that this process works on from the commit on; where the queue cannot, it is left out. */
  enqueueClaimed?(tx: Tx, item: WorkItem, leaseMs: number): Promise<Claim>
  claimDue(kind: WorkKind, limit: number, leaseMs: number): Promise<Claim[]>
  /** When something of this kind will be due; undefined when the store cannot say or nothing waits. */
  nextDueMs(kind: WorkKind): Promise<number | undefined>
  /** False for the claims that are lost. */
  extend(claims: readonly Claim[], leaseMs: number): Promise<Map<Claim, boolean>>
  /**
   * Ends the claim: for good, or until `nextAtMs`. False when somebody asked for another look meanwhile:
   * then the claim stays and its holder goes on. Throws LeaseLostError when it is not ours any more.
   */
  release(tx: Tx, claim: Claim, nextAtMs: number | null): Promise<boolean>
  /** Frees what dead workers held. */
  sweep(): Promise<void>
}
