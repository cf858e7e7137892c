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
  /** Who spends, and the job that the whole run is of: whose budgets count it. Left out: nobody's, and the job itself. */
  accountId?: string
  ofJobId?: string
}

export type PolicyCase =
  | 'team_default'
  | 'job_override'
  | 'override_refused'
  | 'no_connection'
  | 'budget'
  | 'circuit_open'

export type Chosen =
  | {
      choice: ModelChoice
      because: PolicyCase
      /** One sentence that names what decided. */
      explain: string
      /** What the policy lets be asked. */
      allowed?: readonly string[]
      /** How the budgets stood that it was chosen by: the hold in which they stand otherwise is for another choice. */
      standing?: 'fine' | 'low'
    }
  | { refused: { code: 'policy_refused' | 'price_unknown' | 'limit_reached'; message: string }; because: PolicyCase }
