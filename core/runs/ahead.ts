import type { Core } from '../core.ts'
import { applyDecision, type Decision, decide, type Happened, type StepWork } from './decide.ts'
import { decideContext } from './decide-context.ts'
import { missingMicros } from './funds.ts'
import type { StoredRun } from './stored.ts'

type ToolWork = StepWork & { kind: 'tool' }

/** A step that succeeded and was not written by itself: what follows from it is written with the next change that is. */
export interface Ahead {
  seq: number
  costMicros: bigint
  atMs: number
  decision: Decision
}

/** More than this at once would hold up others with one long transaction. */
export const STEPS_AHEAD_MAX = 20

/** What was decided about something that happened, and whether the run may go on before it is stored. */
export interface Decided {
  decision: Decision
  ahead?: { run: StoredRun; start: ToolWork[]; step: Ahead }
}

/**
 * Decides what follows from something that happened. When nobody outside could tell whether it was stored, the run may go
 * on at once: a step has succeeded, nothing begins but tools without any effect, all of it is paid for, and the run neither
 * waits nor ends. Then one commit does for several steps. After a crash they are done again, which costs their time and
 * nothing else.
 */
export function decideAhead(
  core: Pick<Core, 'ids' | 'tools'>,
  run: StoredRun,
  happened: Happened,
  { costMicros, nowMs }: { costMicros: bigint; nowMs: number },
): Decided {
  const decision = decide(run.definition, run.state, happened, decideContext(core, run, nowMs))
  if (happened.type !== 'step_succeeded' || !isOrdinary(decision)) return { decision }
  // What a model said costs money to hear again, and what it cost is written with it.
  if (run.pins.models) return { decision }
  // What is said to somebody is written with the step that says it.
  if (happened.send) return { decision }
  const start = decision.start.filter((work): work is ToolWork => isWithoutEffect(core, work))
  if (start.length === 0 || start.length < decision.start.length) return { decision }
  const row = { ...run.row, cost_micros: run.row.cost_micros + costMicros }
  const next = { ...run, row, state: applyDecision(run.state, decision) }
  // Nested runs stand under their parent's hold.
  if (run.row.depth === 0 && missingMicros(next) > 0n) return { decision }
  return { decision, ahead: { run: next, start, step: { seq: happened.seq, costMicros, atMs: nowMs, decision } } }
}

const isWithoutEffect = ({ tools }: Pick<Core, 'tools'>, work: StepWork): boolean =>
  work.kind === 'tool' && tools.find(work.toolId)?.sideEffect === 'none'

/** Nothing ends early, waits for anybody, or is to be woken. */
const isOrdinary = ({ run, abort, wakeAtMs, steps }: Decision): boolean =>
  run === undefined && abort.length === 0 && wakeAtMs === null && steps.every(({ status }) => status !== 'waiting')
