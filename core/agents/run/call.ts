import { findRun } from '#db/runs.ts'
import type { Actor } from '../../actor.ts'
import { contextKey } from '../../context.ts'
import { cut } from '../../cut.ts'
import { priceOf } from '../../economy/prices.ts'
import { AppError } from '../../errors.ts'
import { priceKey } from '../../jobs/price-key.ts'
import type { Json, JsonObject } from '../../json.ts'
import { executeTool } from '../../runs/execute.ts'
import { stepLog } from '../../runs/step-log.ts'
import { supplyFor } from '../../runs/supply.ts'
import { applyDefaults, checkInputs } from '../../schema-check.ts'
import type { SendOrder } from '../../sending/order.ts'
import { sendOrdered } from '../../sending/send.ts'
import { requireSpender } from '../../teams/spender.ts'
import { quoteOf } from '../../tools/price.ts'
import { type SideEffect, ToolError } from '../../tools/tool.ts'
import type { Agent } from '../agent.ts'
import { allowedBy } from './approval.ts'
import { bringsOutside, effectOfCall, goesAnywhere } from './effect.ts'
import { callHashOf, definitionHashOf } from './hashes.ts'
import { judge } from './judge.ts'
import { requireMoney, shortOutput } from './limits.ts'
import { type PreparedChild, prepareChild } from './nested.ts'
import type { Offer, Offers } from './offer.ts'
import type { Pause, PausedCall } from './pause.ts'
import { NOT_YOURS, PROPOSED, placeInTask, whyNotProposed } from './propose.ts'
import type { Record } from './record.ts'
import type { OpenCall } from './transcript.ts'
import type { CallStatus } from './turn.ts'
import type { LoopWorld } from './world.ts'

export interface Around {
  agent: Agent
  offers: Offers
  heldMicros: bigint
  signal: AbortSignal
}

/** A call that is offered, with its input complete and what it would do. */
interface Meant extends Around {
  open: OpenCall
  offer: Offer
  input: JsonObject
  call: PausedCall
  effect: SideEffect
}

/** Makes the calls that an agent's model asks for, each once, as far as they are allowed. */
export class CallMaker {
  readonly #world: LoopWorld
  readonly #payer: Actor
  readonly #record: Record

  constructor(world: LoopWorld, payer: Actor, record: Record) {
    this.#world = world
    this.#payer = payer
    this.#record = record
  }

  /** Takes one call as far as it gets: its result is written, or the step has to wait. */
  async make(open: OpenCall, around: Around): Promise<Pause | undefined> {
    const offer = around.offers.list.find(({ name }) => name === open.call.name)
    if (!offer) {
      const message = `There is no tool ${cut(open.call.name, 64)} for you.`
      return this.#end(open, open.call.name, null, 'refused', message)
    }
    const input = applyDefaults(offer.inputSchema, open.call.input)
    const { core, run } = this.#world
    const definitionHash = await definitionHashOf(core.db, contextKey(run.context), offer, input, around.offers)
    const { toolId } = offer
    const call = { n: open.n, toolId, hash: callHashOf(toolId, definitionHash, input), definitionHash }
    const effect = effectOfCall(offer, this.#complete(toolId, input), around.offers.endpoints)
    const meant: Meant = { ...around, open, offer, input, call, effect }
    if (open.begun?.childRunId) return this.#takeRun(meant, open.begun.childRunId)
    const problems = checkInputs(offer.inputSchema, this.#complete(toolId, input))
    if (problems.length > 0) {
      const list = problems.map(({ path, message }) => `${path} ${message}`).join('; ')
      return this.#end(open, toolId, null, 'failed', `The input does not fit: ${list}.`)
    }
    const verdict = judge(
      around.agent.profile,
      { effect, goesAnywhere: goesAnywhere(toolId, this.#complete(toolId, input)) },
      this.#record.transcript.taints,
    )
    if (verdict.kind === 'refuse') return this.#end(open, toolId, null, 'refused', verdict.why)
    const place = await placeInTask(core.db, run, offer, effect)
    if (place === 'refused') return this.#end(open, toolId, null, 'refused', NOT_YOURS)
    if (place === 'proposed') return this.#propose(meant)
    const why = verdict.kind === 'ask' ? verdict.why : undefined
    const allowed = await allowedBy(this.#world, { ...meant, place: this.#record.next }, why)
    if (allowed.kind === 'wait') return allowed.pause
    if (allowed.kind === 'no') return this.#end(open, toolId, allowed.taint, allowed.status, allowed.message)
    try {
      return offer.target.kind === 'run' ? await this.#startRun(meant) : await this.#callTool(meant)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return this.#end(open, toolId, null, 'refused', error.message)
    }
  }

  /** Saved inputs fill what the call leaves open, as in a step of a job. */
  #complete = (toolId: string, input: JsonObject): JsonObject => ({ ...this.#world.run.toolDefaults[toolId], ...input })

  /** What is proposed is shown whole with the result of the task; that is the approval, so nobody is asked here. */
  #propose({ open, offer: { toolId }, input }: Meant): Promise<undefined> {
    const why = whyNotProposed(this.#record.transcript.proposals, input)
    if (why !== undefined) return this.#end(open, toolId, null, 'refused', why)
    // What is saved for it stands beside it there, as it is by then.
    return this.#end(open, toolId, null, 'proposed', PROPOSED, { proposed: input })
  }

  async #startRun(meant: Meant): Promise<Pause | undefined> {
    const { offer, input, heldMicros, call } = meant
    if (offer.target.kind !== 'run') throw new Error(`${offer.toolId} is no run`)
    const { core, run } = this.#world
    const prepared = await this.#prepared(meant, () =>
      prepareChild(core, run, this.#payer, (offer.target as { of: { tool: string } | { job: string } }).of, input),
    )
    if (!prepared) return undefined
    requireMoney(this.#record.transcript, prepared.maxMicros, heldMicros, offer.toolId)
    return { for: 'job', place: this.#record.next, call, child: prepared.child }
  }

  async #prepared(meant: Meant, prepare: () => Promise<PreparedChild>): Promise<PreparedChild | undefined> {
    try {
      return await prepare()
    } catch (error) {
      if (!(error instanceof ToolError)) throw error
      await this.#end(meant.open, meant.offer.toolId, null, 'refused', error.message)
      return undefined
    }
  }

  /** The run that this call became: its end is the call's result. */
  async #takeRun(meant: Meant, childRunId: string): Promise<Pause | undefined> {
    const { open, offer, call, effect } = meant
    const child = await findRun.first(this.#world.core.db, { id: childRunId })
    if (!child?.finished_at_ms) return { for: 'job', place: this.#record.next, call, child: null }
    const isDone = child.status === 'succeeded' || child.status === 'partially_completed'
    const output: Json = isDone
      ? JSON.parse(child.outputs_json ?? '{}')
      : (JSON.parse(child.error_json ?? 'null') ?? { code: child.status })
    const status = isDone ? 'succeeded' : 'failed'
    return this.#end(open, offer.toolId, taintBy(offer, effect, status), status, output, {
      costMicros: child.cost_micros,
    })
  }

  async #callTool(meant: Meant): Promise<undefined> {
    const { open, offer, input, call, effect, heldMicros, signal } = meant
    const { core, claim, run, work } = this.#world
    const { toolId } = offer
    const key = priceKey(toolId)
    const price = await priceOf(core.db, key, core.clock.nowMs())
    if (!price) throw new AppError('price_unknown', `There is no price for ${key}, so it cannot be used.`)
    const { maxMicros } = quoteOf(price)
    requireMoney(this.#record.transcript, maxMicros, heldMicros, toolId)
    const allowed = { ids: [toolId, key] }
    if (open.begun) await requireSpender(core.db, this.#payer, allowed.ids)
    else {
      const turn = { kind: 'call', n: open.n, toolId, hash: call.hash, childRunId: null } as const
      await this.#record.write(turn, {}, (tx) => requireSpender(tx, this.#payer, allowed.ids))
    }
    if (signal.aborted) throw new ToolError('cancelled', 'The agent was stopped.')
    const startedAtMs = core.clock.nowMs()
    const { happened, costMicros } = await executeTool(
      { ...run, pins: { ...run.pins, prices: { ...run.pins.prices, [key]: price } } },
      {
        kind: 'tool',
        seq: work.seq,
        stepId: work.stepId,
        toolId,
        input,
        timeoutMs: null,
        attempt: 1,
        // The same each time this very call is made.
        idempotencySuffix: `${work.idempotencySuffix}:call-${open.n}`,
        pauses: 0,
        comment: '',
      },
      {
        tools: core.tools,
        signal,
        nowMs: startedAtMs,
        log: stepLog(core, run.row.id, { ...work, toolId }),
        supply: (one, given) => supplyFor(core, run, one, given, claim),
      },
    )
    if (signal.aborted) throw new ToolError('cancelled', 'The agent was stopped.')
    // What was set aside for it is the most it is charged.
    const spent = {
      costMicros: costMicros < maxMicros ? costMicros : maxMicros,
      tookMs: core.clock.nowMs() - startedAtMs,
    }
    if (happened.type === 'step_succeeded') {
      const { output, send } = happened
      const more = { ...spent, ...(send ? { send } : {}) }
      return this.#end(open, toolId, taintBy(offer, effect, 'succeeded'), 'succeeded', output, more)
    }
    const why = happened.type === 'step_failed' ? { ...happened.error } : { message: 'It cannot be used by an agent.' }
    return this.#end(open, toolId, taintBy(offer, effect, 'failed'), 'failed', why, spent)
  }

  async #end(
    { n }: OpenCall,
    toolId: string,
    taint: string | null,
    status: CallStatus,
    output: Json,
    {
      send,
      proposed,
      ...spent
    }: { costMicros?: bigint; tookMs?: number; send?: SendOrder; proposed?: JsonObject } = {},
  ): Promise<undefined> {
    const { core, run } = this.#world
    const turn = {
      kind: 'result',
      n,
      toolId,
      status,
      output: shortOutput(output),
      taint,
      ...(proposed && { proposed }),
    } as const
    // What it wants said goes out with the record of the call: a call that is on record is not made again.
    await this.#record.write(turn, spent, send && ((tx) => sendOrdered(core, tx, run, send)))
  }
}

const taintBy = (offer: Offer, effect: SideEffect, status: CallStatus): string | null =>
  bringsOutside(offer, effect, status) ? offer.toolId : null
