import fc from 'fast-check'
import type { Pause } from '#core/agents/run/pause.ts'
import type { FailureRule, JobDefinition, Mapping, StepDefinition } from '#core/jobs/definition.ts'
import type { JsonObject } from '#core/json.ts'
import type { Happened, StepWork } from '#core/runs/decide.ts'
import { canRetryRun, hasRunEnded } from '#core/runs/states.ts'
import { Driver, job } from './decide-driver.ts'

interface StepSpec {
  kind: 'tool' | 'job' | 'wait' | 'review'
  waitsFor: number[]
  fan: 'none' | 'input' | 'step' | 'nonsense'
  fanConcurrency: number | undefined
  condition: 'none' | 'input' | 'step'
  rule: FailureRule | undefined
  hasDefault: boolean
  maxAttempts: number
  timeoutMs: number | undefined
  mapping: 'none' | 'output' | 'outputOrDefault' | 'template' | 'item'
}

const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

const stepSpec = (rules: readonly (FailureRule | undefined)[]): fc.Arbitrary<StepSpec> =>
  fc.record({
    kind: fc.constantFrom('tool', 'tool', 'tool', 'tool', 'job', 'wait', 'review'),
    waitsFor: fc.array(fc.nat(11), { maxLength: 3 }),
    fan: fc.constantFrom('none', 'none', 'none', 'none', 'input', 'step', 'nonsense'),
    fanConcurrency: some(fc.integer({ min: 1, max: 3 })),
    condition: fc.constantFrom('none', 'none', 'none', 'input', 'step'),
    rule: fc.constantFrom(...rules),
    hasDefault: fc.boolean(),
    maxAttempts: fc.integer({ min: 1, max: 3 }),
    timeoutMs: some(fc.constant(5_000)),
    mapping: fc.constantFrom('none', 'output', 'outputOrDefault', 'template', 'item'),
  })

/** Definitions of 1–12 steps with everything a step can have; `rules` are the failure rules they may use. */
export const definitions = (rules: readonly (FailureRule | undefined)[]): fc.Arbitrary<JobDefinition> =>
  fc
    .record({
      specs: fc.array(stepSpec(rules), { minLength: 1, maxLength: 12 }),
      inOrder: fc.boolean(),
      order: fc.infiniteStream(fc.nat(1_000)),
      concurrency: some(fc.integer({ min: 1, max: 3 })),
      isReviewed: fc.constantFrom(false, false, false, true),
    })
    .map(({ specs, inOrder, order, concurrency, isReviewed }) => {
      const steps = specs.map((spec, place) => stepFrom(spec, place, inOrder))
      if (!inOrder) shuffle(steps, order)
      return job(steps, {
        outputs: Object.fromEntries(steps.flatMap(({ stepId }) => outputsOf(stepId))),
        ...(concurrency && { limits: { concurrency } }),
        ...(isReviewed && { review: { kind: 'decide' } }),
      })
    })

const outputsOf = (stepId: string) => [
  [stepId, { step: stepId, output: 'value' }],
  [`${stepId}_items`, { step: stepId, output: 'items', path: '0.value' }],
]

function stepFrom(spec: StepSpec, place: number, inOrder: boolean): StepDefinition {
  const earlier = [...new Set(spec.waitsFor)].filter((other) => other < place).map((other) => `s${other}`)
  const before = inOrder ? (place > 0 ? `s${place - 1}` : undefined) : earlier[0]
  const work = {
    tool: { toolId: 'test.tool' },
    job: { jobId: 'other-job' },
    wait: { wait: { ms: 1 + place * 100 } },
    review: { review: { kind: 'decide' as const } },
  }[spec.kind]
  const forEach = fanOf(spec, before)
  const mapping = mappingOf(spec, before)
  return {
    stepId: `s${place}`,
    ...(!inOrder && { dependencies: earlier }),
    ...(forEach && { forEach }),
    ...(spec.condition === 'input' && { condition: 'input.flag' }),
    ...(spec.condition === 'step' && before && { condition: `steps.${before}.ok` }),
    ...(spec.rule && { onFailure: spec.rule }),
    ...(spec.hasDefault && { default: { value: 'spare', list: ['spare'] } }),
    ...(spec.timeoutMs && { timeoutMs: spec.timeoutMs }),
    ...(mapping && { inputMappings: { x: mapping } }),
    retry: { maxAttempts: spec.maxAttempts, backoffMs: 100 },
    ...work,
  }
}

function fanOf(spec: StepSpec, before: string | undefined): NonNullable<StepDefinition['forEach']> | undefined {
  const limit = spec.fanConcurrency ? { concurrency: spec.fanConcurrency } : {}
  if (spec.fan === 'none') return undefined
  if (spec.fan === 'step' && before) return { step: before, output: 'list', ...limit }
  return { input: spec.fan === 'nonsense' ? 'flag' : 'list', ...limit }
}

function mappingOf(spec: StepSpec, before: string | undefined): Mapping | undefined {
  if (spec.mapping === 'item') return spec.fan === 'none' ? undefined : { item: true }
  if (spec.mapping === 'none' || !before) return undefined
  if (spec.mapping === 'template') return { template: `{{ steps.${before}.value }}!`, default: 'blank' }
  return { step: before, output: 'value', ...(spec.mapping === 'outputOrDefault' && { default: 'nothing' }) }
}

function shuffle<T>(items: T[], numbers: Iterator<number>): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = (numbers.next().value as number) % (last + 1)
    ;[items[last], items[other]] = [items[other] as T, items[last] as T]
  }
}

export interface WorldOptions {
  /** Decides what tools answer: the same seed, step, element and attempt give the same answer. */
  resultSeed: number
  /** Decides what comes next. */
  orderSeed: number
  inputs: JsonObject
  maxParallel: number
  crashes: number
  maybeCancel: boolean
  /** People send reviews back now and then. */
  maybeChanges?: boolean
}

/** Runs a definition to its end in a world where anything may happen in any order, some of it twice. */
export function runToEnd(definition: JobDefinition, options: WorldOptions, retries = 0): Driver {
  const random = numbersFrom(options.orderSeed)
  const run = new Driver(definition, { inputs: options.inputs, maxParallel: options.maxParallel, random })
  const world: World = {
    run,
    options,
    random,
    open: new Map(),
    said: [],
    crashesLeft: options.crashes,
    succeeded: new Set(),
    pauses: new Map(),
  }
  if (options.maybeCancel && random() < 0.02) send(world, { type: 'cancel', reason: 'Before it began.' })
  send(world, { type: 'started' })
  goToEnd(world)
  for (const again of world.said.slice(-5)) send(world, again)
  return retries > 0 ? retryToEnd(world, retries) : run
}

/** Whatever can be retried is, and this time the world answers something else. */
function retryToEnd(world: World, retries: number): Driver {
  const { run } = world
  for (let number = 1; number <= retries && canRetryRun(run.state.status); number++) {
    const stays = run.state.steps.filter(({ status }) => status === 'succeeded')
    if (!run.retry()) break
    world.succeeded = new Set(stays.filter((row) => run.state.steps[row.seq] === row).map(({ seq }) => seq))
    // Whoever executed something before the end tells nobody any more.
    world.said = []
    world.options = { ...world.options, resultSeed: world.options.resultSeed + number }
    send(world, { type: 'recovered' })
    goToEnd(world)
  }
  return run
}

function goToEnd(world: World): void {
  for (let events = 0; !hasRunEnded(world.run.state.status); events++) {
    if (events > 20_000) throw new Error(`no end: ${world.run.picture}`)
    send(world, nextEvent(world))
  }
}

interface World {
  run: Driver
  options: WorldOptions
  random: () => number
  /** Work that was handed out and not answered yet. */
  open: Map<number, StepWork>
  said: Happened[]
  crashesLeft: number
  succeeded: Set<number>
  /** How often the tool of each step has paused. */
  pauses: Map<string, number>
}

function send(world: World, happened: Happened): void {
  if (happened.type === 'recovered') world.open.clear()
  const decision = world.run.send(happened)
  for (const seq of decision.abort) world.open.delete(seq)
  for (const { type, seq } of decision.events) {
    if (type !== 'step.reopened' || seq === undefined) continue
    if (world.open.get(seq)?.kind === 'tool') throw new Error(`step ${seq} executes and was begun again`)
    world.succeeded.delete(seq)
  }
  for (const work of decision.start) {
    if (world.succeeded.has(work.seq)) throw new Error(`step ${work.seq} had succeeded and was started again`)
    if (world.open.has(work.seq)) throw new Error(`step ${work.seq} is executing and was started again`)
    world.open.set(work.seq, work)
  }
  for (const row of decision.steps) if (row.status === 'succeeded') world.succeeded.add(row.seq)
  if (world.open.size > world.options.maxParallel) throw new Error('too many at once')
  if (happened.type !== 'recovered' && happened.type !== 'timer') world.said.push(happened)
}

function nextEvent(world: World): Happened {
  const { random, run, options } = world
  const dice = random()
  if (options.maybeCancel && dice < 0.004) return { type: 'cancel', reason: 'Somebody pressed Stop.' }
  if (dice < 0.05 && world.crashesLeft-- > 0) return { type: 'recovered' }
  if (dice < 0.15) return pick(world.said, random) ?? { type: 'started' }
  const answers = [...[...world.open.values()].map((work) => () => answer(world, work)), ...outside(world)]
  const isTimeToWait = answers.length === 0 || dice < 0.3
  if (!isTimeToWait) return (pick(answers, random) ?? (() => ({ type: 'timer' as const })))()
  const dueMs = Math.min(...run.state.steps.map((row) => row.wakeAtMs ?? Number.POSITIVE_INFINITY))
  if (Number.isFinite(dueMs))
    run.nowMs = Math.max(run.nowMs, answers.length === 0 ? dueMs : run.nowMs + Math.floor(random() * 60))
  return { type: 'timer' }
}

/** People's decisions and the ends of nested jobs. */
function outside({ run, options }: World): (() => Happened)[] {
  return run.state.steps
    .filter((row) => row.status === 'waiting' && (row.waitFor === 'review' || row.waitFor === 'job'))
    .map((row) => () => {
      if (isTool(run, row.seq)) return { type: 'step_resumed', seq: row.seq }
      const name = nameOf(run, row.seq)
      const isSentBack = hash(`${options.resultSeed} changes ${name} ${row.attempt}`) % 3 > 0
      if (options.maybeChanges && row.waitFor === 'review' && row.attempt < 400 && isSentBack) {
        return { type: 'changes_requested', seq: row.seq, comment: `Not yet, ${name}.` }
      }
      return result(options.resultSeed, row.seq, name, row.attempt)
    })
}

function answer(world: World, work: StepWork): Happened {
  const { run, open, options } = world
  open.delete(work.seq)
  if (work.kind === 'job') return { type: 'child_started', seq: work.seq, attempt: work.attempt }
  const name = nameOf(run, work.seq)
  const said = result(options.resultSeed, work.seq, name, work.attempt)
  const paused = world.pauses.get(name) ?? 0
  if (hash(`${options.resultSeed} pause ${name} ${paused}`) % 4 === 0) {
    world.pauses.set(name, paused + 1)
    return {
      type: 'step_paused',
      seq: work.seq,
      attempt: work.attempt,
      pauses: work.pauses,
      pause: pauseFor(paused % 2 ? 'job' : 'review'),
    }
  }
  const asksToWait = said.type === 'step_succeeded' && hash(`${options.resultSeed} wait ${name}`) % 8 === 0
  return asksToWait ? { ...said, type: 'step_waiting', untilMs: run.nowMs + 40 } : said
}

const isTool = (run: Driver, seq: number): boolean => {
  const row = run.state.steps[seq]
  const step = run.definition.steps[row?.parentSeq ?? seq]
  return step !== undefined && 'toolId' in step
}

const CALL = { n: 1, toolId: 't', hash: '', definitionHash: '' }
const PLACE = { runId: '', seq: 0, group: 1, turn: 1 }

const pauseFor = (what: Pause['for']): Pause =>
  what === 'job'
    ? { for: 'job', place: PLACE, call: CALL, child: null }
    : { for: 'review', place: PLACE, call: CALL, question: null }

type Result = Extract<Happened, { type: 'step_succeeded' | 'step_failed' }>

/** What the world answers to one try of one step: the same whenever it is asked. */
function result(seed: number, seq: number, name: string, attempt: number): Result {
  const number = hash(`${seed} ${name} ${attempt}`)
  if (number % 4 === 0) {
    const error = { code: 'provider_error', message: `No from ${name}.` }
    return { type: 'step_failed', seq, error, retryable: number % 3 !== 0, attempt }
  }
  const list = Array.from({ length: number % 5 }, (_, index) => `${name}/${index}`)
  const output = { ok: number % 2 === 0, list, ...(number % 7 !== 0 && { value: `${name}#${attempt}` }) }
  return { type: 'step_succeeded', seq, output, attempt }
}

/** Names a copy by its element: seqs of copies depend on which list was there first. */
function nameOf(run: Driver, seq: number): string {
  const row = run.state.steps[seq]
  return `${row?.stepId}[${row?.itemIndex ?? ''}]`
}

const pick = <T>(items: readonly T[], random: () => number): T | undefined => items[Math.floor(random() * items.length)]

/** FNV-1a, stirred. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d)
  return (value ^ (value >>> 13)) >>> 0
}

function numbersFrom(seed: number): () => number {
  let count = 0
  return () => hash(`${seed} ${count++}`) / 2 ** 32
}
