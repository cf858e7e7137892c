import type { Reader } from '#db/db.ts'
import type { ContextKey } from '../context.ts'
import type { Effort, ModelChoice } from '../models/model.ts'
import type { Settings } from '../settings.ts'

/** What a model is wanted for. */
export interface ModelWanted {
  context: ContextKey
  /** Name of the job; null for a tool by itself. */
  jobId: string | null
  agentId: string | null
  toolId: string
  /** What the step itself asks for; policy may refuse or clamp it. */
  asked: { model?: string; effort?: Effort; maxTokens?: number }
  nowMs: number
  /** What the operator has connected; see models/connections.ts. */
  settings?: Settings
}

export type PolicyCase =
  | 'team_default'
  | 'job_override'
  | 'override_refused'
  | 'no_connection'
  | 'budget'
  | 'circuit_open'

export type Chosen =
  | { choice: ModelChoice; because: PolicyCase; explain: string }
  | { refused: { code: 'policy_refused' | 'price_unknown' | 'limit_reached'; message: string }; because: PolicyCase }

const MOCK: ModelChoice = {
  provider: 'mock',
  model: 'mock-1',
  connection: null,
  effort: null,
  maxTokens: 1_024,
  rates: { inputMicros: 100_000n, outputMicros: 400_000n, cachedInputMicros: 10_000n },
}

/** Which model a call gets, or why it gets none. Reads only; the same answer while nothing changes. */
export async function chooseModel(_on: Reader, { asked }: ModelWanted): Promise<Chosen> {
  const maxTokens = Math.min(asked.maxTokens ?? MOCK.maxTokens, 8_192)
  const explain = 'No provider is connected, so the mock answers.'
  return { choice: { ...MOCK, maxTokens }, because: 'no_connection', explain }
}
