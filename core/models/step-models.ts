import { insertModelCall } from '#db/model-calls.ts'
import { confirmClaim } from '#db/queue/claims.ts'
import type { Claim } from '#db/queue/queue.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { showUsd } from '../money.ts'
import type { StepWork } from '../runs/decide.ts'
import { requireOpenStep } from '../runs/open-step.ts'
import type { StoredRun } from '../runs/stored.ts'
import { ToolError } from '../tools/tool.ts'
import { ModelCall } from './call.ts'
import { throughCircuit } from './circuit.ts'
import { modelCredential } from './connections.ts'
import { costOfTokens } from './cost.ts'
import type { ModelAnswer, ModelChoice, ModelRequest } from './model.ts'
import { modelKey } from './pins.ts'
import { estimateTokens, mostTokens } from './tokens.ts'

/** What a tool asks: everything else about the call is known already. The signal is the one that the tool was given. */
export type ModelQuestion = Omit<ModelRequest, 'choice' | 'idempotencyKey'> & {
  /** Of the answer; never more than was chosen, or than is held for. */
  maxTokens?: number
}

/**
 * The models as one step may ask them: the one that was chosen for it, within what is held for it, and each call on record
 * before it is made and after. What the calls cost is charged to the step from that record; a tool that gives a
 * `costMicros` of its own leaves it out there.
 */
export interface StepModels {
  readonly choice: ModelChoice
  /** Why this one, in a sentence. */
  readonly explain: string
  /** What the calls of this try have cost so far. */
  readonly spentMicros: bigint
  /** What a question would cost at most, with the longest answer that it may have. */
  worstMicros(question: Omit<ModelQuestion, 'signal'>): bigint
  /** Rejects with a ToolError; its `cause` is the ModelError, where a model or the way to it was to blame. */
  ask(question: ModelQuestion): Promise<{ answer: ModelAnswer; costMicros: bigint }>
}

/** Below that an answer says nothing. */
const ANSWER_TOKENS_MIN = 16

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'models' | 'settings'>

/** `leftMicros`: what the step may spend in this try. Undefined when no model was chosen for the step. */
export function stepModels(
  core: Needs,
  run: StoredRun,
  work: StepWork & { kind: 'tool' },
  { claim, leftMicros }: { claim: Claim; leftMicros: bigint },
): StepModels | undefined {
  const pin = run.pins.models?.[modelKey(run.definition.jobId, work.stepId)]
  if (!pin) return undefined
  const { choice, explain } = pin
  let spentMicros = 0n
  let calls = 0
  const inputOf = ({ system, messages, tools, schema }: Omit<ModelQuestion, 'signal'>): string =>
    JSON.stringify([system, messages, tools ?? [], schema ?? null])
  const once = async (question: ModelQuestion): Promise<{ answer: ModelAnswer; costMicros: bigint }> => {
    const { maxTokens: asked = choice.maxTokens, ...rest } = question
    const input = inputOf(question)
    const maxTokens = affordable(choice, mostTokens(input), Math.min(asked, choice.maxTokens), leftMicros - spentMicros)
    const credential = await modelCredential(core, contextKey(run.context), choice)
    const call = new ModelCall(core, {
      id: core.ids.newId('mcall'),
      runId: run.row.id,
      seq: work.seq,
      rates: choice.rates,
      inputTokens: estimateTokens(input),
    })
    await core.db.write(async function beginModelCall(tx) {
      await confirmClaim(tx, claim)
      await requireOpenStep(tx, { runId: run.row.id, seq: work.seq })
      await insertModelCall.run(tx, {
        id: call.id,
        runId: run.row.id,
        seq: work.seq,
        attempt: work.attempt,
        context: contextKey(run.context),
        accountId: run.row.account_id,
        jobKey: run.row.job_key,
        toolId: work.toolId,
        provider: choice.provider,
        model: choice.model,
        connection: choice.connection,
        inputTokens: estimateTokens(input),
        outputTokens: maxTokens,
        costMicros: costOfTokens(choice.rates, estimateTokens(input), maxTokens),
        nowMs: core.clock.nowMs(),
      })
    })
    calls += 1
    const request: ModelRequest = {
      ...rest,
      choice: { ...choice, maxTokens },
      idempotencyKey: `${run.row.id}:${work.idempotencySuffix}:${calls}`,
    }
    try {
      const answer = await call.make(request, credential)
      return { answer, costMicros: call.costMicros }
    } finally {
      spentMicros += call.costMicros
    }
  }
  return {
    choice,
    explain,
    get spentMicros() {
      return spentMicros
    },
    worstMicros: (question) =>
      costOfTokens(
        choice.rates,
        mostTokens(inputOf(question)),
        Math.min(question.maxTokens ?? choice.maxTokens, choice.maxTokens),
      ),
    ask: (question) => throughCircuit(core, contextKey(run.context), choice, () => once(question)),
  }
}

/** How long an answer may be for what is left of the money. */
function affordable(choice: ModelChoice, inputTokens: number, maxTokens: number, leftMicros: bigint): number {
  const forAnswer = leftMicros - costOfTokens(choice.rates, inputTokens, 0)
  const { outputMicros } = choice.rates
  if (forAnswer >= costOfTokens(choice.rates, 0, maxTokens)) return maxTokens
  const tokens = outputMicros === 0n ? 0n : (forAnswer * 1_000_000n) / outputMicros
  if (forAnswer >= 0n && tokens >= BigInt(Math.min(ANSWER_TOKENS_MIN, maxTokens))) return Number(tokens)
  const left = showUsd(leftMicros < 0n ? 0n : leftMicros)
  throw new ToolError(
    'limit_exceeded',
    `${left} is left of what is held for this step, and asking ${choice.model} may cost more.`,
  )
}
