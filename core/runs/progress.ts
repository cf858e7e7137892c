import { contextKey } from '../context.ts'
import type { Shortage } from '../economy/shortage.ts'
import type { NewEvent } from '../events/append.ts'
import type { JsonObject } from '../json.ts'
import { formatUsd } from '../money.ts'
import type { Ahead } from './ahead.ts'
import { triesOf } from './decide/rounds.ts'
import { applyDecision, type Decision, type RunEvent, type StepWork } from './decide.ts'
import { logged } from './payload.ts'
import { hasStepEnded } from './states.ts'
import { NO_FACTS, type StepFacts, type StoredRun } from './stored.ts'

/** One transaction's worth of decisions about one run. */
export class Progress {
  run: StoredRun
  readonly changed = new Set<number>()
  readonly events: NewEvent[] = []
  abort: number[] = []
  wakeAtMs: number | null = null
  statusChanged = false
  /** Nested runs that end with their steps here; what they cost is added. */
  readonly endedNested = new Set<string>()
  /** Why the last step that found no money found none. */
  shortage: Shortage | undefined
  readonly #facts: Map<number, StepFacts>
  #nowMs: number
  readonly #context: string
  #start: StepWork[] = []

  constructor(run: StoredRun, nowMs: number) {
    this.#facts = new Map(run.facts)
    this.#nowMs = nowMs
    this.#context = contextKey(run.context)
    // A copy of its own, which is then written into: each copy of a row costs as much as a statement.
    this.run = { ...run, row: { ...run.row }, facts: this.#facts }
  }

  apply(decision: Decision): void {
    const ended = new Set(decision.steps.filter(({ status }) => status !== 'running').map(({ seq }) => seq))
    this.#start = [...this.#start.filter(({ seq }) => !ended.has(seq)), ...decision.start]
    this.abort = [...this.abort, ...decision.abort]
    this.wakeAtMs = decision.wakeAtMs
    for (const step of decision.steps) {
      this.changed.add(step.seq)
      const fact = this.#facts.get(step.seq) ?? NO_FACTS
      const isOver = hasStepEnded(step.status)
      this.#facts.set(step.seq, {
        ...fact,
        startedAtMs: fact.startedAtMs ?? (step.status === 'running' ? this.#nowMs : null),
        finishedAtMs: isOver ? (fact.finishedAtMs ?? this.#nowMs) : null,
      })
    }
    this.statusChanged ||= decision.run !== undefined
    const { run } = this
    if (decision.run && run.row.started_at_ms === null) run.row.started_at_ms = this.#nowMs
    run.state = applyDecision(run.state, decision)
    for (const event of decision.events) this.events.push(this.#event(event, decision))
  }

  /** What was decided earlier and is written only now. Its tools have been called. */
  catchUp(earlier: readonly Ahead[]): void {
    const nowMs = this.#nowMs
    for (const { seq, costMicros, atMs, decision } of earlier) {
      this.#nowMs = atMs
      this.addCost(seq, costMicros)
      this.apply(decision)
    }
    this.#nowMs = nowMs
    this.#start = []
  }

  addCost(seq: number, costMicros: bigint): void {
    if (costMicros === 0n) return
    const fact = this.#facts.get(seq) ?? NO_FACTS
    this.#facts.set(seq, { ...fact, costMicros: fact.costMicros + costMicros })
    this.changed.add(seq)
    this.run.row.cost_micros += costMicros
  }

  /** Those that this has brought to their end. */
  ended(): number[] {
    return [...this.changed].filter((seq) => hasStepEnded(this.run.state.steps[seq]?.status ?? 'pending'))
  }

  setChild(seq: number, childRunId: string): void {
    this.#facts.set(seq, { ...(this.#facts.get(seq) ?? NO_FACTS), childRunId })
    this.changed.add(seq)
  }

  startingTools(): (StepWork & { kind: 'tool' })[] {
    return this.#start.filter((work): work is StepWork & { kind: 'tool' } => work.kind === 'tool')
  }

  takeJobs(): (StepWork & { kind: 'job' })[] {
    const jobs = this.#start.filter((work): work is StepWork & { kind: 'job' } => work.kind === 'job')
    this.#start = this.#start.filter((work) => work.kind === 'tool')
    return jobs
  }

  isWorthWriting(): boolean {
    // The cost so far stands with the steps; the run's own row has it when it ends.
    return this.statusChanged
  }

  #event({ type, seq, details: given }: RunEvent, { start }: Decision): NewEvent {
    const details: JsonObject = { ...given }
    if (seq !== undefined) this.#tellOfStep(details, type, seq, start)
    return { type, actor: 'system', context: this.#context, subject: this.run.row.id, details }
  }

  #tellOfStep(details: JsonObject, type: string, seq: number, start: Decision['start']): void {
    const step = this.run.state.steps[seq]
    if (!step) return
    details.stepId = step.stepId
    details.attempt = triesOf(step)
    if (step.itemIndex !== null) details.itemIndex = step.itemIndex
    const fact = this.#facts.get(seq)
    if (fact?.startedAtMs && fact.finishedAtMs) details.durationMs = fact.finishedAtMs - fact.startedAtMs
    if (type === 'step.started') {
      const work = start.find((one) => one.seq === seq)
      if (work) details.input = logged(work.input)
      return
    }
    if (fact && fact.costMicros > 0n) details.costUsd = formatUsd(fact.costMicros)
    if (type === 'step.succeeded' && step.output) details.output = logged(step.output)
  }
}
