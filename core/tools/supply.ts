import type { JsonObject } from '../json.ts'
import type { ToolContext, ToolResult } from './tool.ts'

/** What a tool is handed for one call, because it never looks into the database itself. */
export interface Supply {
  input: JsonObject
  context: Pick<ToolContext, 'outbound'> & Partial<ToolContext>
  /** To be told how the call ended. May know better than the error what came of it. */
  ended?(error?: unknown): Promise<ToolResult | undefined>
}
