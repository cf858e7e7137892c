import type { Tx } from '#db/db.ts'
import { confirmClaim, withoutClaim } from '#db/queue/claims.ts'
import { type Claim, LeaseLostError } from '#db/queue/queue.ts'
import { findRun, findSignals } from '#db/runs.ts'
import { pollProvider, pollsOf } from '../callbacks/poll.ts'
import type { Core } from '../core.ts'
import type { NewEvent } from '../events/append.ts'
import { causedBy } from '../rules/cause.ts'
import { type Advanced, type AdvanceOptions, advance, showRunCard } from './advance.ts'
import { type Ahead, decideAhead, STEPS_AHEAD_MAX } from './ahead.ts'
import { arrivalsFor } from './arrivals.ts'
import { runIdOf } from './card-key.ts'
import { CardPace } from './card-pace.ts'
import type { Happened, StepWork } from './decide.ts'
import { executeTool } from './execute.ts'
import { Executing } from './executing.ts'
import { isAtGate, passGate } from './gate.ts'
import { liveTextOf } from './live-text.ts'
import { isWaitingForFunds } from './state.ts'
import { hasRunEnded } from './states.ts'
import { stepLog } from './step-log.ts'
import { loadRun, type StoredRun } from './stored.ts'
import { supplyStep } from './supply-step.ts'
import { isStepHeard, type StepTold, tellStep } from './telling.ts'
import { watch } from './ticker.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'log' | 'settings' | 'outbound' | 'models'>

/** Works on one run under one claim: calls tools side by side and tells the engine what happened, one thing at a time. */
export async function workOnRun(core: Needs, claim: Claim, signal: AbortSignal): Promise<void> {
  const runId = runIdOf(claim.key)
  for (;;) {
    const run = runId ? await loadRun(core.db, runId) : undefined
    if (run && isAtGate(run)) {
      const passed = await passGate(withCauseOf(core, run), claim, run)
      return passed && new RunSession(core, claim, passed.from, passed).work(signal)
    }
    if (run && !hasRunEnded(run.state.status)) return new RunSession(core, claim, run).work(signal)
    // Asked again meanwhile: somebody may have retried what had ended when it was read.
    if (await core.db.write((tx) => core.queue.release(tx, claim, null))) return
  }
}

/**
 * Writes a new run as started, in the transaction that makes it, under a claim this process already has: its first
 * tools are called as soon as the commit is durable.
 */
export async function startAtOnce(
  given: Needs,
  tx: Tx,
  claim: Claim,
  run: StoredRun,
  created: NewEvent,
): Promise<void> {
  // Whoever submitted may hold a claim of another kind, a conversation's; the run goes on when that is given back.
  const core = { ...given, db: withoutClaim(given.db) }
  const started = await advance(core, tx, run, { type: 'started' }, { created })
  const released = started.hasEnded && (await core.queue.release(tx, claim, null))
  tx.afterCommit(() => {
    core.queue.begin(claim, (signal) => new RunSession(core, claim, run, { ...started, released }).work(signal))
  })
}

type Written = Advanced & { released: boolean }

class RunSession {
  readonly #core: Needs
  readonly #claim: Claim
  readonly #executing = new Executing()
  /** As it is stored. */
  #run: StoredRun
  /** What has happened since, and the run as it stands after it; undefined when all is stored. */
  #ahead: { steps: Ahead[]; run: StoredRun } | undefined
  /** What was decided and written before this session began. */
  readonly #begun: Written | undefined
  #wakeAtMs: number | null = null
  /** When a provider that has not called back is to be asked. */
  #pollAtMs: number | null = null
  readonly #card: CardPace
  #isOver = false
  #turn: Promise<unknown> = Promise.resolve()
  #finish: () => void = () => {}
  #fail: (error: unknown) => void = () => {}

  constructor(core: Needs, claim: Claim, run: StoredRun, begun?: Written) {
    this.#core = withCauseOf(core, run)
    this.#claim = claim
    this.#run = run
    this.#begun = begun
    this.#card = new CardPace(begun ? core.clock.nowMs() : 0)
  }

  /** Resolves when the claim is released; rejects when it was lost, after aborting what still executes. */
  async work(signal: AbortSignal): Promise<void> {
    const ended = new Promise<void>((resolve, reject) => {
      this.#finish = resolve
      this.#fail = reject
    })
    const stop = (): void => this.#fail(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    const unwatch = watch(() => void this.#inTurn(() => this.#lookAround()))
    try {
      this.#begin()
      await ended
    } catch (error) {
      // The run that it belongs to has ended, and this one with it: that is no lease lost to others.
      if (!(error instanceof LeaseLostError && (await this.#hasEndedElsewhere()))) throw error
    } finally {
      unwatch()
      // What is aborted below fails, and that is no failure of its step: whoever comes next does it again.
      this.#isOver = true
      signal.removeEventListener('abort', stop)
      this.#executing.abortAll()
    }
  }

  async #hasEndedElsewhere(): Promise<boolean> {
    const { row } = this.#run
    if (row.parent_run_id === null) return false
    const stored = await findRun.first(this.#core.db, { id: row.id })
    return stored !== undefined && stored.finished_at_ms !== null
  }

  #begin(): void {
    const begun = this.#begun
    if (begun) {
      void this.#inTurn(async () => this.#goOn(begun))
      return
    }
    const isNew = this.#run.state.status === 'queued'
    void this.#inTurn(() => this.#happen({ type: isNew ? 'started' : 'recovered' }, 0n))
    if (!isNew) void this.#inTurn(() => this.#lookAround(true))
  }

  /** One thing at a time: what the engine knows must be what is stored. */
  #inTurn(action: () => Promise<void>): Promise<void> {
    const next = this.#turn.then(action).catch((error) => this.#fail(error))
    this.#turn = next
    return next
  }

  async #happen(happened: Happened, costMicros: bigint): Promise<void> {
    if (this.#isOver || hasRunEnded(this.#run.state.status)) return
    const nowMs = this.#core.clock.nowMs()
    const run = this.#ahead?.run ?? this.#run
    // Money may have come from outside: then the row tells more than is known here.
    if (run.state.steps.some(isWaitingForFunds)) return this.#goOn(await this.#write(happened, { costMicros }))
    const { decision, ahead } = decideAhead(this.#core, run, happened, { costMicros, nowMs })
    const steps = this.#ahead?.steps ?? []
    if (!ahead || steps.length >= STEPS_AHEAD_MAX) {
      return this.#goOn(await this.#write(happened, { costMicros, decision }))
    }
    this.#ahead = { steps: [...steps, ahead.step], run: ahead.run }
    for (const work of ahead.start) this.#execute(work)
  }

  #goOn(advanced: Written): void {
    this.#run = advanced.run
    this.#wakeAtMs = advanced.wakeAtMs
    for (const seq of advanced.abort) this.#executing.abort(seq)
    if (this.#isOver) return
    for (const work of advanced.start) this.#execute(work)
    if (advanced.released) this.#end()
    else if (this.#executing.isEmpty) void this.#inTurn(() => this.#lookAround(true))
  }

  async #write(happened: Happened, known: Pick<AdvanceOptions, 'costMicros' | 'decision'>): Promise<Written> {
    const nowMs = this.#core.clock.nowMs()
    const showCard = this.#card.isDue(nowMs)
    const options = { ...known, showCard, ahead: this.#ahead?.steps ?? [] }
    const written = await this.#core.db.write((tx) => this.#advance(tx, happened, options), { together: true })
    this.#ahead = undefined
    if (showCard) this.#card.shown(nowMs)
    else this.#card.passed(written)
    return written
  }

  // The last write of a run ends its claim as well: one transaction less.
  async #advance(tx: Tx, happened: Happened, options: AdvanceOptions): Promise<Written> {
    await confirmClaim(tx, this.#claim)
    const advanced = await advance(this.#core, tx, this.#run, happened, options)
    const released = advanced.hasEnded && (await this.#core.queue.release(tx, this.#claim, null))
    return { ...advanced, released }
  }

  #execute(work: StepWork & { kind: 'tool' }): void {
    const { tools, clock } = this.#core
    const runId = this.#run.row.id
    const startedAtMs = clock.nowMs()
    const live = liveTextOf(this.#run, work)
    void executeTool(this.#run, work, {
      tools,
      signal: this.#executing.begin(work.seq),
      nowMs: startedAtMs,
      log: stepLog(this.#core, runId, work),
      ...(live ? { onText: live.write } : {}),
      supply: (call, input) => supplyStep(this.#core, this.#run, call, input, this.#claim),
    }).then(({ happened, costMicros }) => {
      live?.end()
      if (isStepHeard()) tellStep(stepTold(runId, work, happened, { startedAtMs, endedAtMs: clock.nowMs() }))
      return this.#inTurn(() => {
        // Not before its turn: a result that is not told yet is something left to do.
        this.#executing.end(work.seq)
        return this.#happen(happened, costMicros)
      })
    })
  }

  /** The claim is given back: whatever is still to come in this session has no right to anything. */
  #end(): void {
    this.#isOver = true
    this.#finish()
  }

  /** What others did to this run meanwhile; and when nothing is left to do here, the claim is given back. */
  async #lookAround(always = false): Promise<void> {
    if (this.#isOver) return
    const { db, clock } = this.#core
    // Others are to see how far it is.
    if (this.#ahead) await this.#happen({ type: 'timer' }, 0n)
    if (this.#card.isBehind) await this.#showCard()
    if (hasRunEnded(this.#run.state.status)) return this.#leave()
    const signals = await findSignals.first(db, { runId: this.#run.row.id, key: this.#claim.key })
    if (!always && !signals?.cancel_reason && !signals?.dirty && !this.#isTimerDue()) return
    if (signals?.cancel_reason) {
      await this.#happen({ type: 'cancel', reason: signals.cancel_reason }, 0n)
    }
    for (const { happened, costMicros } of await arrivalsFor(db, this.#run)) await this.#happen(happened, costMicros)
    if (isDue(this.#wakeAtMs, clock.nowMs())) await this.#happen({ type: 'timer' }, 0n)
    await this.#pollProviders()
    if (hasRunEnded(this.#run.state.status)) return this.#leave()
    if (!this.#executing.isEmpty) return
    const nextAtMs = earlier(this.#wakeAtMs, this.#pollAtMs)
    if (nextAtMs !== null && nextAtMs <= clock.nowMs()) return
    const released = await db.write((tx) => this.#core.queue.release(tx, this.#claim, nextAtMs), { together: true })
    if (released) this.#end()
    else await this.#lookAround(true)
  }

  /**
   * Gives up the claim on a run that has ended here. Asked to look again: it may have been retried, and what this session
   * knows of it is old, so whoever claims it next reads it anew.
   */
  async #leave(): Promise<void> {
    if (this.#isOver) return
    const { db, clock, queue } = this.#core
    await db.write(async (tx) => {
      if (!(await queue.release(tx, this.#claim, null))) await queue.release(tx, this.#claim, clock.nowMs())
    })
    this.#end()
  }

  /** Changes came faster than the card follows; the last of them must show too. */
  async #showCard(): Promise<void> {
    const nowMs = this.#core.clock.nowMs()
    if (!this.#card.isDue(nowMs) && !this.#executing.isEmpty) return
    const session = this
    await this.#core.db.write(async function showCardAgain(tx) {
      await confirmClaim(tx, session.#claim)
      await showRunCard(session.#core, tx, session.#run)
    })
    this.#card.shown(nowMs)
  }

  /** Asks those that have not called back for a while; like tools, beside everything else. */
  async #pollProviders(): Promise<void> {
    const { due, nextAtMs } = await pollsOf(this.#core, this.#run)
    this.#pollAtMs = nextAtMs
    for (const row of due) {
      if (this.#executing.has(row.seq)) continue
      void pollProvider(this.#core, row, this.#executing.begin(row.seq)).then(
        () =>
          this.#inTurn(() => {
            this.#executing.end(row.seq)
            return this.#lookAround(true)
          }),
        (error) => this.#fail(error),
      )
    }
  }

  #isTimerDue(): boolean {
    const nextAtMs = earlier(this.#wakeAtMs, this.#pollAtMs)
    return isDue(nextAtMs, this.#core.clock.nowMs()) && !hasRunEnded(this.#run.state.status)
  }
}

const isDue = (atMs: number | null, nowMs: number): boolean => atMs !== null && atMs <= nowMs

const earlier = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other)

function stepTold(
  runId: string,
  { stepId, toolId, attempt }: StepWork & { kind: 'tool' },
  happened: Happened,
  times: Pick<StepTold, 'startedAtMs' | 'endedAtMs'>,
): StepTold {
  const told = { runId, stepId, toolId, attempt, ...times }
  if (happened.type === 'step_failed') return { ...told, outcome: 'failed', errorCode: happened.error.code }
  return { ...told, outcome: happened.type === 'step_succeeded' ? 'succeeded' : 'waiting' }
}

/** What a run does that a rule has started is what that rule has caused. */
const withCauseOf = (core: Needs, { pins }: StoredRun): Needs =>
  pins.cause ? { ...core, db: causedBy(core.db, pins.cause) } : core
