import type { ModelAnswer, ModelRequest } from '../../models/model.ts'

export type Asked = Omit<ModelRequest, 'choice'>

/** The way to the model of one agent's step: which model it is, whose credential, and the record of it are settled there. */
export interface AgentModels {
  /** The most that this answer can cost. */
  worstMicros(request: Asked): Promise<bigint>
  /** Rejects with a ModelError, or a ToolError where policy has no model for it. */
  ask(request: Asked): Promise<{ answer: ModelAnswer; costMicros: bigint }>
}
