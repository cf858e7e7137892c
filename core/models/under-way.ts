import type { ModelUsage } from './model.ts'

/** A call that this process makes, and what it would have cost if it ended now. */
export interface CallUnderWay {
  id: string
  runId: string
  seq: number
  soFar(): { usage: ModelUsage; costMicros: bigint }
}

const calls = new Map<string, CallUnderWay>()

/** Known from here on, until what is given back is called. */
export function noteCall(call: CallUnderWay): () => void {
  calls.set(call.id, call)
  return () => calls.delete(call.id)
}

export const callsUnderWay = (runId: string, seq?: number): CallUnderWay[] =>
  [...calls.values()].filter((call) => call.runId === runId && (seq === undefined || call.seq === seq))
