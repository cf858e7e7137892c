import { listCallbacks } from '#db/callbacks.ts'
import type { Reader } from '#db/db.ts'
import { JOB_TOOL, priceKey } from '../jobs/price-key.ts'
import type { Outcome } from '../providers/outcome.ts'
import { providerOf } from '../providers/provider.ts'
import type { Arrival } from '../runs/arrival.ts'
import type { StepState } from '../runs/state.ts'
import type { StoredRun } from '../runs/stored.ts'
import { costOf } from '../tools/price.ts'

/** What providers have said to steps that wait for them. Only a job that was done costs something. */
export async function arrivedCallbacks(on: Reader, run: StoredRun, waiting: readonly StepState[]): Promise<Arrival[]> {
  const rows = await listCallbacks.all(on, { runId: run.row.id })
  return waiting.flatMap(({ seq }): Arrival[] => {
    const row = rows.findLast((one) => one.seq === seq)
    if (row?.state !== 'received' || row.outcome_json === null) return []
    const outcome = JSON.parse(row.outcome_json) as Outcome
    if (outcome.kind === 'failed') {
      const error = { code: 'provider_error', message: outcome.message }
      return [{ happened: { type: 'step_failed', seq, error, retryable: false }, costMicros: 0n }]
    }
    const price = run.pins.prices[priceKey(JOB_TOOL, providerOf({ definition_json: row.provider_json }).name)]
    const output = { result: outcome.result, providerRunId: row.provider_run_id }
    return [{ happened: { type: 'step_succeeded', seq, output }, costMicros: price ? costOf(price, 1n) : 0n }]
  })
}
