import type { ToolInfo } from '#core/tools/tool.ts'
import type { JobDefinition } from './definition.ts'

/** What one run of a tool costs: as far as is known before, and at most. Equal for a fixed price. */
export interface ToolPrice {
  maxMicros: bigint
  estimateMicros: bigint
}

/** What a definition is held against: the tools and jobs its context may use, and the prices in force there. */
export interface JobWorld {
  tool(toolId: string): ToolInfo | undefined
  toolIds(): string[]
  /** By the name in price-key.ts. Undefined when nobody has set one; such a tool cannot run. */
  price(key: string): ToolPrice | undefined
  /** Of a step whose price is that of the model it asks, once one was chosen for it. */
  modelPrice?(jobId: string, stepId: string): ToolPrice | undefined
  job(jobId: string): { definition: JobDefinition; version: number } | undefined
  jobIds(): string[]
  /** Who has this command already; a job's own earlier version does not count. */
  commandTaken(command: string): 'builtin' | 'job' | undefined
}
