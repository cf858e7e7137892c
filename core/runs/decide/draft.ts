import assert from 'node:assert'
import type { FailureRule, JobDefinition, StepDefinition } from '#core/jobs/definition.ts'
import type { Json, JsonObject } from '#core/json.ts'
import type { ResolvedInputs, Scope } from '../mapping.ts'
import { type Failure, pendingStep, type RunState, type StepState } from '../state.ts'
import { canMoveStep, type StepStatus } from '../states.ts'
import type { DecideContext, RunEvent, StepWork } from './decision.ts'
import { type Outline, outlineOf } from './outline.ts'
import { heldIn } from './rounds.ts'

/** A run while one decision is being made: rows are replaced, never written into, so the state given stays as it was. */
export interface Draft {
  outline: Outline
  at: DecideContext
  /** The run before this decision. */
  before: RunState
  /** Index = seq. */
  rows: StepState[]
  changed: Set<number>
  start: StepWork[]
  abort: number[]
  events: RunEvent[]
  /** Places in the definition that begin nothing: they are done again as soon as nothing of them executes any more. */
  held: Set<number>
  /** Set when a failure ends the run. */
  halt: Failure | null
  /** Copies by the seq of their forEach step, in list order. */
  copies: Map<number, number[]>
  /** Worked out once per decision: by seq, by seq of the definition's step, by seq of the forEach step. */
  inputs: Map<number, ResolvedInputs>
  scopes: Map<number, Scope>
  lists: Map<number, Json[] | string>
}

export function openDraft(definition: JobDefinition, state: RunState, at: DecideContext): Draft {
  const copies = new Map<number, number[]>()
  for (let seq = definition.steps.length; seq < state.steps.length; seq++) {
    const parentSeq = state.steps[seq]?.parentSeq ?? null
    if (parentSeq !== null) copiesOf(copies, parentSeq).push(seq)
  }
  const outline = outlineOf(definition)
  return {
    outline,
    at,
    before: state,
    rows: state.steps.slice(),
    changed: new Set(),
    start: [],
    abort: [],
    events: [],
    held: heldIn(outline, state.steps),
    halt: null,
    copies,
    inputs: new Map(),
    scopes: new Map(),
    lists: new Map(),
  }
}

function copiesOf(copies: Map<number, number[]>, parentSeq: number): number[] {
  const found = copies.get(parentSeq)
  if (found) return found
  const fresh: number[] = []
  copies.set(parentSeq, fresh)
  return fresh
}

export function rowOf(draft: Draft, seq: number): StepState {
  const row = draft.rows[seq]
  // The message is made only when it is needed: this is asked many times in every decision.
  if (row?.seq !== seq) assert.fail(`no step ${seq} in this run`)
  return row
}

/** What the definition says about a row; nothing for the review of the result, which no step of the definition is. */
export const stepOf = (draft: Draft, row: StepState): StepDefinition | undefined =>
  draft.outline.steps[row.parentSeq ?? row.seq]

/** A step that only stands for its copies and executes nothing itself. */
export const isFanOut = (draft: Draft, row: StepState): boolean =>
  row.parentSeq === null && stepOf(draft, row)?.forEach !== undefined

export const isExecuting = (draft: Draft, row: StepState): boolean => row.status === 'running' && !isFanOut(draft, row)

/** How often a tool has paused in this try, which is remembered with its step until it ends or is tried again. */
export const pausesOf = ({ pendingOutput }: StepState): number => Number(pendingOutput?.pauses ?? 0)

/** Halt when nothing is said: nobody wants the second half of a job after its first half failed unseen. */
export const failureRuleOf = (draft: Draft, row: StepState): FailureRule => stepOf(draft, row)?.onFailure ?? 'halt'

type Patch = Partial<Omit<StepState, 'seq' | 'stepId' | 'parentSeq' | 'itemIndex' | 'status'>>

/** The only way a step changes its status. An illegal move is a bug of this folder. */
export function move(draft: Draft, seq: number, to: StepStatus, patch: Patch): void {
  const row = rowOf(draft, seq)
  if (!canMoveStep(row.status, to)) assert.fail(`step ${seq} may not go from ${row.status} to ${to}`)
  draft.rows[seq] = { ...row, status: to, ...patch }
  draft.changed.add(seq)
}

export function tell(draft: Draft, type: string, seq: number, details?: JsonObject): void {
  draft.events.push(details ? { type, seq, details } : { type, seq })
}

/** A new row behind all others, pending; gives its seq. */
export function addRow(draft: Draft, row: Pick<StepState, 'stepId' | 'parentSeq' | 'itemIndex'>): number {
  const seq = draft.rows.length
  draft.rows.push({ ...pendingStep(seq, row.stepId), parentSeq: row.parentSeq, itemIndex: row.itemIndex })
  draft.changed.add(seq)
  if (row.parentSeq !== null) copiesOf(draft.copies, row.parentSeq).push(seq)
  return seq
}
