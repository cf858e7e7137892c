import type { Tx } from '#db/db.ts'
import { chargeCallsOfRun, chargeCallsOfStep, endModelCall, type ModelCallRow } from '#db/model-calls.ts'
import { hasAgents, isAgentStep } from '../jobs/definition.ts'
import { formatUsd } from '../money.ts'
import type { Happened } from '../runs/decide.ts'
import type { Progress } from '../runs/progress.ts'
import { callsUnderWay } from './under-way.ts'

/**
 * What models were asked for a step becomes the step's cost in the transaction of the step's own move: nobody else adds it,
 * and it is added once. When a worker died, and at the end of a run, that are all calls that stand with no step yet; those
 * that have not ended count as what was expected of them, or as what had come of them by now where this process makes them.
 * Runs without such steps pay nothing for it.
 */
export async function chargeModels(
  tx: Tx,
  progress: Progress,
  what: Happened | 'run_ended',
  nowMs: number,
): Promise<void> {
  const { row, pins } = progress.run
  if (!pins.models) return
  const isAll = what === 'run_ended' || what.type === 'recovered'
  if (!isAll && !('seq' in what)) return
  const { definition, state } = progress.run
  if (what !== 'run_ended' && what.type === 'recovered' && hasAgents(definition)) {
    // An agent goes on; what is held for it stands for what it has asked.
    for (const { seq, stepId } of state.steps) {
      if (!isAgentStep(definition, stepId)) await chargeStep(tx, progress, seq, nowMs)
    }
    return
  }
  if (!isAll) return chargeStep(tx, progress, what.seq, nowMs)
  await endThoseUnderWay(tx, row.id, undefined, nowMs)
  note(progress, await chargeCallsOfRun.all(tx, { runId: row.id, nowMs }))
}

async function chargeStep(tx: Tx, progress: Progress, seq: number, nowMs: number): Promise<void> {
  const runId = progress.run.row.id
  await endThoseUnderWay(tx, runId, seq, nowMs)
  note(progress, await chargeCallsOfStep.all(tx, { runId, seq, nowMs }))
}

function note(progress: Progress, charged: readonly ModelCallRow[]): void {
  for (const call of charged) {
    progress.addCost(call.seq, call.cost_micros)
    progress.events.push({
      type: 'model.asked',
      actor: 'system',
      context: call.context,
      subject: call.run_id,
      details: detailsOf(progress, call),
    })
  }
}

/** Better than what was expected is what is known of a call that this process makes. */
async function endThoseUnderWay(tx: Tx, runId: string, seq: number | undefined, nowMs: number): Promise<void> {
  for (const { id, soFar } of callsUnderWay(runId, seq)) {
    const { usage, costMicros } = soFar()
    const { inputTokens, outputTokens, cachedInputTokens } = usage
    await endModelCall.run(tx, {
      id,
      status: 'aborted',
      errorCode: 'aborted',
      inputTokens,
      outputTokens,
      cachedInputTokens,
      isEstimated: 1,
      costMicros,
      nowMs,
    })
  }
}

const detailsOf = ({ run }: Progress, call: ModelCallRow) => ({
  stepId: run.state.steps[call.seq]?.stepId ?? '',
  attempt: call.attempt,
  provider: call.provider,
  model: call.model,
  outcome: call.status,
  ...(call.error_code === null ? {} : { code: call.error_code }),
  inputTokens: call.input_tokens,
  outputTokens: call.output_tokens,
  cachedInputTokens: call.cached_input_tokens,
  estimated: call.is_estimated === 1,
  costUsd: formatUsd(call.cost_micros),
  durationMs: (call.ended_at_ms ?? call.began_at_ms) - call.began_at_ms,
})
