import type { JsonObject } from '../../json.ts'
import type { ToolResult } from '../../tools/tool.ts'

/** An agent in one step of a run, as its tool is handed it. */
export interface AgentAtWork {
  /** Goes on from where it was, until it is done, has to wait, or may not go on. Rejects with a ToolError. `onText` hears what it writes. */
  work(input: JsonObject, signal: AbortSignal, onText?: (piece: string) => void): Promise<ToolResult>
}

/** The event of an agent that is set to work: what it is about is the agent. */
export const AGENT_BEGAN = 'agent.began'
