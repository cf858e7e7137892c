import type { JsonObject } from '../../json.ts'
import type { NewChild } from '../../runs/child.ts'

/** Where a turn stands among all turns. */
export interface TurnPlace {
  runId: string
  seq: number
  group: number
  /** From 1. */
  turn: number
}

/** A call that needs somebody's approval, as a review shows it. */
export interface CallQuestion {
  title: string
  /** Ours, every word: nothing a model wrote is in it. */
  prompt: string
  /** All of what is approved, and nothing else: its hash is what a decision is bound to. */
  payload: JsonObject
  /** Whether who started the run may approve. */
  selfApproval: boolean
}

/**
 * What an agent waits for in the midst of its work. What it brings with it is written in the transaction in which the step
 * begins to wait; with `null` it is there already and the wait only goes on.
 */
export type Pause =
  | { for: 'review'; place: TurnPlace; call: PausedCall; question: CallQuestion | null }
  | { for: 'job'; place: TurnPlace; call: PausedCall; child: Omit<NewChild, 'seq'> | null }

/** The call that waits, by its number among all calls of the step, from 1. */
export interface PausedCall {
  n: number
  toolId: string
  /** Of what the tool is, and of what it is asked. */
  hash: string
  definitionHash: string
}
