import assert from 'node:assert'
import type { JobDefinition, StepDefinition } from '#core/jobs/definition.ts'
import { planOf } from '#core/jobs/graph.ts'
import type { JsonObject } from '#core/json.ts'
import {
  applyDecision,
  type Decision,
  decide,
  type Happened,
  type RunEvent,
  retrySteps,
  type StepWork,
} from '#core/runs/decide.ts'
import { initialState, type RunState, type StepState } from '#core/runs/state.ts'
import {
  canMoveRun,
  canMoveStep,
  canReopenStep,
  canRetryRun,
  hasRunEnded,
  hasStepEnded,
  type StepStatus,
} from '#core/runs/states.ts'
import { DEFAULT_RETRY, type RetryPolicy } from '#core/tools/tool.ts'

export interface DriverOptions {
  inputs?: JsonObject
  maxParallel?: number
  retry?: RetryPolicy
  random?: () => number
}

/** A run in memory: sends events, applies what is decided, and checks every decision against the promises of `decide`. */
export class Driver {
  state: RunState
  nowMs = 1_000_000
  readonly definition: JobDefinition
  readonly events: RunEvent[] = []
  readonly #options: Required<DriverOptions>
  readonly #dependencies: Map<string, readonly string[]>

  constructor(definition: JobDefinition, options: DriverOptions = {}) {
    this.definition = definition
    this.#options = { inputs: {}, maxParallel: 8, retry: DEFAULT_RETRY, random: () => 0.5, ...options }
    this.state = frozen(initialState(definition, this.#options.inputs))
    const plan = planOf(definition)
    this.#dependencies = new Map(definition.steps.map((step) => [step.stepId, plan.dependenciesOf(step.stepId)]))
  }

  send(happened: Happened): Decision {
    const { random, maxParallel, retry } = this.#options
    const at = { nowMs: this.nowMs, random, maxParallel, retryOf: () => retry }
    const before = this.state
    const decision = decide(this.definition, before, happened, at)
    this.state = frozen(applyDecision(before, decision))
    this.events.push(...decision.events)
    checkRows(before, decision)
    checkEvents(before, decision)
    this.#checkStarts(before, decision)
    checkRun(before, this.state, decision)
    return decision
  }

  /** A person's retry; the next worker finds the run as after a crash. False when there is nothing to do again. */
  retry(): boolean {
    const before = this.state
    assert(canRetryRun(before.status))
    const { steps, again } = retrySteps(this.definition, before)
    if (steps.length === 0) return false
    const rows = before.steps.slice()
    for (const row of steps) {
      assert.equal(rows[row.seq]?.stepId, row.stepId)
      assert(row.status === 'pending' || (row.status === 'running' && isParent(this.definition, row)))
      assert.equal(row.output, null)
      rows[row.seq] = row
    }
    // What stays has ended well, and nothing it depends on goes again.
    for (const row of rows) {
      if (steps.includes(row)) continue
      assert(row.status === 'succeeded' || (row.status === 'skipped' && row.error === null), nameOf(row))
      if (row.parentSeq !== null || row.stepId.startsWith('$')) continue
      for (const dependency of this.#dependencies.get(row.stepId) ?? [])
        assert(!again.has(dependency), `${row.stepId} stays, ${dependency} goes again`)
    }
    this.state = frozen({ ...before, status: 'running', outputs: null, error: null, steps: rows })
    return true
  }

  /** Moves the clock and tells the run. */
  pass(ms: number): Decision {
    this.nowMs += ms
    return this.send({ type: 'timer' })
  }

  succeed(stepId: string, output: JsonObject = {}, itemIndex: number | null = null): Decision {
    return this.send({ type: 'step_succeeded', seq: this.row(stepId, itemIndex).seq, output })
  }

  fail(stepId: string, retryable = false, itemIndex: number | null = null): Decision {
    const error = { code: 'provider_error', message: 'The provider said no.' }
    return this.send({ type: 'step_failed', seq: this.row(stepId, itemIndex).seq, error, retryable })
  }

  row(stepId: string, itemIndex: number | null = null): StepState {
    const row = this.state.steps.find((step) => step.stepId === stepId && step.itemIndex === itemIndex)
    assert(row, `no row ${stepId} ${itemIndex}`)
    return row
  }

  /** `collect:succeeded format:running`, copies as `fetch[0]:ready`. */
  get picture(): string {
    return this.state.steps.map((row) => `${nameOf(row)}:${row.status}`).join(' ')
  }

  get executing(): number {
    return this.state.steps.filter((row) => row.status === 'running' && !isParent(this.definition, row)).length
  }

  #checkStarts(before: RunState, decision: Decision): void {
    for (const work of decision.start) {
      const row = this.state.steps[work.seq]
      assert(row)
      assert.equal(row.status, 'running')
      assert.equal(row.attempt, work.attempt)
      const isOver = hasStepEnded(before.steps[work.seq]?.status ?? 'pending')
      assert(!isOver || wasReopened(decision, work.seq), 'an ended step was started')
      assert(decision.steps.includes(row))
      for (const dependency of this.#dependencies.get(work.stepId) ?? [])
        assert(hasStepEnded(this.row(dependency).status), `${work.stepId} started before ${dependency} ended`)
    }
    if (decision.start.length > 0) {
      const most = Math.min(this.#options.maxParallel, this.definition.limits?.concurrency ?? Number.POSITIVE_INFINITY)
      assert(this.executing <= most, `${this.executing} execute at once`)
    }
  }
}

function checkRows(before: RunState, decision: Decision): void {
  let fresh = before.steps.length
  for (const row of decision.steps) {
    const old = before.steps[row.seq]
    if (old && wasReopened(decision, row.seq)) {
      assert(canReopenStep(old.status), `step ${row.seq} was done again when it was ${old.status}`)
      assert(row.status === 'pending' || canMoveStep('pending', row.status), `pending → ${row.status}`)
      assert(row.attempt > old.attempt, 'its tries must be told from those of the round before')
    } else if (old) {
      assert(!hasStepEnded(old.status), `step ${row.seq} had ended`)
      assert(canMoveStep(old.status, row.status), `${old.status} → ${row.status}`)
    } else assert.equal(row.seq, fresh++)
    assert.equal(row.wakeAtMs === null || row.status === 'waiting', true)
    assert.equal(row.waitFor !== null, row.status === 'waiting')
    if (row.status === 'failed') assert(row.error)
    if (row.status === 'succeeded') assert(row.output)
  }
}

const wasReopened = ({ events }: Decision, seq: number): boolean =>
  events.some((event) => event.type === 'step.reopened' && event.seq === seq)

const TARGETS: Record<string, StepStatus> = {
  'step.reopened': 'pending',
  'step.changes_requested': 'waiting',
  'step.ready': 'ready',
  'step.interrupted': 'ready',
  'step.started': 'running',
  'step.waiting': 'waiting',
  'step.retrying': 'waiting',
  'step.succeeded': 'succeeded',
  'step.failed': 'failed',
  'step.skipped': 'skipped',
  'step.cancelled': 'cancelled',
}

/** Following a step's events from where it stood leads, by legal moves, to where it stands. */
function checkEvents(before: RunState, decision: Decision): void {
  const at = new Map<number, StepStatus>()
  for (const { type, seq } of decision.events) {
    if (seq === undefined) continue
    const to = TARGETS[type]
    assert(to, `unknown event ${type}`)
    const from = at.get(seq) ?? before.steps[seq]?.status ?? 'pending'
    if (type === 'step.reopened') assert(canReopenStep(from), `step ${seq} reopened from ${from}`)
    else assert(canMoveStep(from, to), `event ${type} of step ${seq}: ${from} → ${to}`)
    at.set(seq, to)
  }
  for (const row of decision.steps) {
    const told = at.get(row.seq) ?? before.steps[row.seq]?.status ?? (row.status === 'ready' ? 'ready' : 'pending')
    assert.equal(told, row.status, `the events of step ${row.seq} end at ${told}, the row at ${row.status}`)
  }
  const changed = new Set(decision.steps.map((row) => row.seq))
  for (const seq of at.keys()) assert(changed.has(seq), `an event of step ${seq}, which did not change`)
}

function checkRun(before: RunState, after: RunState, decision: Decision): void {
  const runEvents = decision.events.filter((event) => event.seq === undefined).map((event) => event.type)
  if (decision.run) {
    assert(canMoveRun(before.status, after.status), `run: ${before.status} → ${after.status}`)
    const last = after.status === 'running' ? /^run\.(started|resumed)$/ : new RegExp(`^run\\.${after.status}$`)
    assert.match(runEvents.at(-1) ?? '', last)
  } else assert.deepEqual(runEvents, [])
  const timers = after.steps.flatMap((row) => row.wakeAtMs ?? [])
  assert.equal(decision.wakeAtMs, timers.length === 0 ? null : Math.min(...timers))
  if (!hasRunEnded(after.status)) return
  assert.deepEqual(decision.start, [])
  assert(after.outputs)
  for (const row of after.steps) assert(hasStepEnded(row.status), `${nameOf(row)} is ${row.status} in an ended run`)
}

const isParent = (definition: JobDefinition, row: StepState): boolean =>
  row.parentSeq === null && definition.steps[row.seq]?.forEach !== undefined

const nameOf = (row: StepState): string => (row.itemIndex === null ? row.stepId : `${row.stepId}[${row.itemIndex}]`)

/** Writing into a state that was decided upon throws. */
function frozen(state: RunState): RunState {
  for (const row of state.steps) Object.freeze(row)
  Object.freeze(state.steps)
  return Object.freeze(state)
}

type Loose = Partial<Omit<JobDefinition, 'steps'>>

/** A definition with the parts a test does not care about filled in. */
export const job = (steps: StepDefinition[], rest: Loose = {}): JobDefinition => ({
  jobId: 'test-job',
  displayName: 'Test job',
  description: 'For a test.',
  inputSchema: { type: 'object' },
  outputs: {},
  steps,
  ...rest,
})

export const started = (definition: JobDefinition, options: DriverOptions = {}): [Driver, Decision] => {
  const driver = new Driver(definition, options)
  return [driver, driver.send({ type: 'started' })]
}

export const idsOf = (work: StepWork[]): string[] => work.map((one) => one.stepId)
