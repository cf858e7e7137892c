import type { Actor } from '../../actor.ts'
import { contextKey } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { appendEvents, type NewEvent } from '../../events/append.ts'
import type { Json, JsonObject } from '../../json.ts'
import type { ModelQuestion } from '../../models/step-models.ts'
import { estimateTokens } from '../../models/tokens.ts'
import { formatUsd, parseUsd } from '../../money.ts'
import { requireSpender } from '../../teams/spender.ts'
import { ToolError, type ToolResult } from '../../tools/tool.ts'
import { type Agent, agentIn } from '../agent.ts'
import { AGENT_BEGAN, type AgentAtWork } from './at-work.ts'
import { CallMaker } from './call.ts'
import { AGENT_LIMITS, requireProgress, requireRoom, requireTime, tooLong } from './limits.ts'
import { hostsNamedIn, withoutForeignLinks } from './links.ts'
import { LiveWords } from './live-words.ts'
import type { Offers } from './offer.ts'
import { offersFor } from './offers.ts'
import { firstMessage, systemPrompt } from './prompt.ts'
import { Record } from './record.ts'
import { taintsBefore } from './taint.ts'
import type { Transcript } from './transcript.ts'
import type { LoopWorld } from './world.ts'

/**
 * An agent at its step. It does one thing at a time: it asks its model, or makes one call, and each is written before the
 * next. So it can be left at any moment, and whoever executes the step again goes on from what is written.
 */
export class AgentLoop implements AgentAtWork {
  readonly #world: LoopWorld
  readonly #payer: Actor
  readonly #record: Record
  readonly #calls: CallMaker
  #onText: ((piece: string) => void) | undefined

  constructor(world: LoopWorld) {
    const { run, work, core } = world
    this.#world = world
    this.#payer = {
      accountId: run.row.account_id,
      handle: '',
      platformRole: 'user',
      channel: run.row.channel as Actor['channel'],
      context: run.context,
    }
    const group = Number(work.idempotencySuffix.slice(work.idempotencySuffix.lastIndexOf(':') + 1))
    this.#record = new Record(core, { runId: run.row.id, seq: work.seq, group })
    this.#calls = new CallMaker(world, this.#payer, this.#record)
  }

  async work(input: JsonObject, signal: AbortSignal, onText?: (piece: string) => void): Promise<ToolResult> {
    this.#onText = onText
    await this.#record.read()
    const leftMs = AGENT_LIMITS.workedMs - this.#record.transcript.workedMs
    if (leftMs <= 0) throw tooLong()
    // A call that hangs does not count before it has ended, so the time it may take is kept beside it.
    const limit = new AbortController()
    const unset = this.#world.core.clock.after(leftMs, () => limit.abort(tooLong()))
    const stop = (): void => limit.abort(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    try {
      return await this.#goOn(input, limit.signal)
    } catch (error) {
      throw limit.signal.aborted && limit.signal.reason instanceof ToolError ? limit.signal.reason : asToolError(error)
    } finally {
      unset()
      signal.removeEventListener('abort', stop)
    }
  }

  async #goOn(input: JsonObject, signal: AbortSignal): Promise<ToolResult> {
    for (;;) {
      if (signal.aborted) throw stopped()
      const { transcript } = this.#record
      const agent = await this.#agent(input, transcript)
      if (!transcript.start) {
        await this.#begin(agent, input)
        continue
      }
      const offers = await offersFor(this.#world.core, this.#payer, agent.profile)
      const [open] = transcript.open
      if (open) {
        requireTime(transcript.workedMs)
        requireProgress(transcript)
        const pause = await this.#calls.make(open, { agent, offers, heldMicros: this.#held(agent, input), signal })
        if (pause) return { pause, output: {} }
      } else if (transcript.last && transcript.last.toolCalls.length === 0) {
        return this.#result(input, offers, transcript)
      } else {
        await this.#ask(agent, input, offers, signal)
      }
    }
  }

  /** As it is now: its permissions may be changed, and it may be let go, at any moment. Paused, it goes on with what it has begun. */
  async #agent({ agent: name }: JsonObject, { start }: Transcript): Promise<Agent> {
    const { core, run } = this.#world
    const agent = await agentIn(core.db, contextKey(run.context), start?.agentId ?? String(name))
    if (!agent) throw new ToolError('bad_input', `There is no agent ${String(name)} here. /agents lists them.`)
    if (agent.status === 'retired' || (agent.status === 'paused' && !start))
      throw new ToolError('refused', `${agent.name} is ${agent.status}, so it does not work.`)
    return agent
  }

  async #begin(agent: Agent, input: JsonObject): Promise<void> {
    const { core, run, recall } = this.#world
    const memory = await recall(agent, String(input.goal))
    const taints = await taintsBefore(core, run, input)
    const offers = await offersFor(core, this.#payer, agent.profile)
    if (memory.length > 0) taints.push('memory')
    if (offers.list.some(({ isForeign }) => isForeign)) taints.push('descriptions of tools')
    const mark = core.ids.newSecret()
    const start = { kind: 'start', agentId: agent.id, agentVersion: agent.version, mark, memory, taints } as const
    const began: NewEvent = {
      type: AGENT_BEGAN,
      actor: run.row.account_id,
      context: run.row.context,
      subject: agent.id,
      details: { runId: run.row.id },
    }
    await this.#record.write(start, {}, (tx) => appendEvents(tx, core.clock.nowMs(), [began]))
  }

  async #ask(agent: Agent, input: JsonObject, offers: Offers, signal: AbortSignal): Promise<void> {
    const { core } = this.#world
    const { transcript, next } = this.#record
    await requireSpender(core.db, this.#payer, [])
    const live = this.#onText && new LiveWords(this.#hosts(input, offers), this.#onText)
    const question = this.#question(agent, input, offers, { signal, live })
    const maxTokens = requireRoom(
      transcript,
      estimateTokens(JSON.stringify([question.system, question.messages, question.tools])),
    )
    const models = this.#world.models(next.turn, this.#held(agent, input) - transcript.spentMicros)
    if (!models) throw new ToolError('refused', 'No model was chosen for this step when its run was submitted.')
    const startedAtMs = core.clock.nowMs()
    const spent = () => ({ costMicros: models.spentMicros, tookMs: core.clock.nowMs() - startedAtMs })
    try {
      const { answer } = await models.ask({ ...question, maxTokens })
      live?.end()
      const { text, toolCalls, finish, isMock, usage, providerState = null } = answer
      const tokens = usage.inputTokens + usage.outputTokens
      await this.#record.write({ kind: 'model', text, toolCalls, finish, isMock, tokens, providerState }, spent())
    } catch (error) {
      if (!(error instanceof ToolError) || signal.aborted) throw error
      await this.#record.write({ kind: 'lost', message: error.message }, spent())
      throw error
    }
  }

  #question(
    agent: Agent,
    input: JsonObject,
    { list }: Offers,
    { signal, live }: { signal: AbortSignal; live: LiveWords | undefined },
  ): ModelQuestion {
    const { start, messages } = this.#record.transcript
    const { mark = '', memory = [] } = start ?? {}
    const context = typeof input.context === 'string' ? input.context : undefined
    return {
      system: systemPrompt(agent, mark),
      messages: [firstMessage({ goal: String(input.goal), context }, { mark, memory }), ...messages],
      tools: list.map(({ name, description, inputSchema }) => ({ name, description, inputSchema })),
      signal,
      ...(live ? { onText: (piece: string) => live.write(piece) } : {}),
    }
  }

  /** Whose addresses may stand in what it says. */
  #hosts(input: JsonObject, { endpoints }: Offers): ReadonlySet<string> {
    return new Set([
      ...hostsNamedIn(String(input.goal)),
      ...hostsNamedIn(this.#world.core.settings.publicUrl),
      ...[...endpoints.values()].flatMap(({ url }) => hostsNamedIn(url)),
    ])
  }

  /** What is held for this step, within what the agent may spend now and what it was told. */
  #held({ profile }: Agent, { maxCostUsd }: JsonObject): bigint {
    const caps = [parseUsd(profile.maxRunUsd), typeof maxCostUsd === 'string' ? parseUsd(maxCostUsd) : undefined]
    return caps.reduce<bigint>((least, cap) => (cap !== undefined && cap < least ? cap : least), this.#world.heldMicros)
  }

  #result(input: JsonObject, offers: Offers, transcript: Transcript): ToolResult {
    const { answers, tokens, spentMicros, calls, proposals, taints, isMock, last } = transcript
    if (last?.finish === 'refused' && last.text === '') throw new ToolError('refused', 'The model refused to answer.')
    const text = withoutForeignLinks(last?.text ?? '', this.#hosts(input, offers))
    const value = jsonIn(text)
    return {
      output: {
        text,
        ...(value === undefined ? {} : { value }),
        calls: calls.map((call) => ({ ...call })),
        ...(proposals.length > 0 ? { proposed: proposals.map((one) => ({ ...one })) } : {}),
        tainted: taints.length > 0,
        usage: { answers, tokens, costUsd: formatUsd(spentMicros) },
        mock: isMock,
      },
      // Its turns say what it cost; see charge.ts.
      costMicros: 0n,
    }
  }
}

/** An answer that is JSON as a whole, perhaps in a block of code. */
function jsonIn(text: string): Json | undefined {
  const [, inside = text] = /^\s*```(?:json)?\s*\n([\s\S]*?)\n\s*```\s*$/.exec(text) ?? []
  if (!/^\s*[[{]/.test(inside)) return undefined
  try {
    return JSON.parse(inside) as Json
  } catch {
    return undefined
  }
}

const stopped = (): ToolError => new ToolError('cancelled', 'The agent was stopped.')

/** Who it works for may not do it any more, or what it names is gone: that is no fault inside. */
function asToolError(error: unknown): unknown {
  return error instanceof AppError ? new ToolError('refused', error.message) : error
}
