import type { JobDefinition } from '../jobs/definition.ts'
import type { PinnedWorld } from '../jobs/pin.ts'
import type { JobQuote } from '../jobs/quote.ts'
import type { JsonObject } from '../json.ts'

export interface RunRequest {
  /** A job by name, or one tool by itself. */
  target: { job: string } | { tool: string }
  /** What the name of the job means in this run alone; kept with it. For what the program itself asks of people. */
  definition?: JobDefinition
  inputs: JsonObject
  /** Saved inputs by tool, in place of those that are saved by now: somebody has approved these. */
  saved?: Record<string, JsonObject>
  how?: HowToRun
  /** Where the card and the result go; none for a run that only the API looks at. */
  conversation?: string
}

/** What is not usual about a run; the usual is left out. */
export interface HowToRun {
  /** This version of the job instead of its newest. */
  version?: number
  /** From 2: so often, under one quote and one hold. */
  variants?: number
  /** The run that this is one more variant of. */
  variantOf?: string
  /** The key of work (of kind `run`) that is put into the queue in the transaction in which the run ends. */
  follower?: string
}

/** A run that could be submitted as it stands: inputs complete and checked, price known, use of each tool allowed. */
export interface PreparedRun {
  jobKey: string
  jobId: string | null
  jobVersion: number
  definition: JobDefinition
  inputs: JsonObject
  saved?: Record<string, JsonObject>
  quote: JobQuote
  pinned: PinnedWorld
  how: HowToRun
  /** Of what was asked for, as it was asked: the same however the job and its defaults change later. Empty without a key. */
  requestHash: string
}
