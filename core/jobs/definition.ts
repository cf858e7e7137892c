import type { Json, JsonObject } from '#core/json.ts'
import type { JsonSchema } from '#core/schema.ts'

/** Where one input of a step gets its value. Exactly one source, and a default for when the source gives nothing. */
export type Mapping = (
  | { input: string }
  /** `path` goes into the output: `items.0.title`. */
  | { step: string; output: string; path?: string }
  | { value: Json }
  /** Liquid over `input`, `steps.<stepId>.<output>` and, in a forEach step, `item` and `index`. */
  | { template: string }
  /** The element of the forEach list this copy of the step works on, or something inside it. */
  | { item: true; path?: string }
) & { default?: Json }

export type FailureRule = 'halt' | 'skip' | 'continue'

export interface StepCommon {
  stepId: string
  displayName?: string
  /** Steps that must have ended before this one starts. */
  dependencies?: string[]
  inputMappings?: Record<string, Mapping>
  /** A Liquid condition over `input` and `steps`, without tags: `steps.lint.ok == false`. False skips the step. */
  condition?: string
  /** One copy of the step for each element; its output becomes `{ items: [output of each copy] }`. */
  forEach?: { step: string; output: string; concurrency?: number } | { input: string; concurrency?: number }
  retry?: { maxAttempts?: number; backoffMs?: number }
  timeoutMs?: number
  onFailure?: FailureRule
  /** With `onFailure: continue`: what later steps see as this step's output. */
  default?: JsonObject
}

export interface ReviewDefinition {
  kind: 'decide' | 'choose' | 'form'
  prompt?: string
  /** People by handle or account id; roles admit those above them too. Nobody named: whoever may decide in the team. */
  approvers?: {
    people?: string[]
    accounts?: string[]
    roles?: ('owner' | 'admin' | 'member')[]
    /** How many different people must say the same; 1 when left out. */
    count?: number
  }
  /** False: whoever started the run does not decide. */
  selfApproval?: boolean
  /** A run that may cost more than this needs two different people. */
  twoPersonAboveUsd?: string
  /** Of a form. */
  schema?: JsonSchema
  /** Lengths of time are written as text (`2h`) or in milliseconds. */
  remindAfter?: string
  remindAfterMs?: number
  standIn?: { account: string } & After
  timeout?: { outcome: 'approve' | 'reject' | 'fail' } & After
  /** Asking for changes ends it with that answer, for whoever follows the run: nothing in the run itself is done again. Ours alone. */
  takesChanges?: boolean
  /** Nobody is reminded from one time of day to the other, in each reader's own zone unless one is named. */
  quietHours?: QuietHours
}

export type After = { after: string; afterMs?: never } | { afterMs: number; after?: never }

export interface QuietHours {
  /** `22:00` */
  from: string
  to: string
  /** An IANA name. */
  timeZone?: string
}

export type StepDefinition = StepCommon &
  ({ toolId: string } | { jobId: string } | { review: ReviewDefinition } | { wait: { ms: number } | { until: string } })

export interface JobLimits {
  maxCostUsd?: string
  concurrency?: number
}

export type TeamTemplateRole = 'marketing' | 'support' | 'analyst' | 'content' | 'operations' | 'custom'

export interface JobDefinition {
  /** `[a-z][a-z0-9-]{0,30}`; the command is the same with `_` for `-`. */
  jobId: string
  displayName: string
  description: string
  inputSchema: JsonSchema
  /** Which input free text, a reply or an attachment fills; when left out the first required string, else the only one. */
  primaryInput?: string
  steps: StepDefinition[]
  outputs: Record<string, { step: string; output: string; path?: string }>
  review?: ReviewDefinition
  limits?: JobLimits
  roles?: TeamTemplateRole[]
  /** What a person would need for the same by hand. */
  baselineMinutes?: number
}

/** Whether people are asked anything; then steps may be done again, and `review.comment` is what was said. */
export const hasReviews = ({ review, steps }: Pick<JobDefinition, 'review' | 'steps'>): boolean =>
  review !== undefined || steps.some((step) => 'review' in step)

/** Whether an agent works in it, which may ask people about a call. */
export const hasAgents = ({ steps }: Pick<JobDefinition, 'steps'>): boolean =>
  steps.some((step) => 'toolId' in step && step.toolId === 'agent.run')

export const isAgentStep = ({ steps }: Pick<JobDefinition, 'steps'>, stepId: string): boolean =>
  steps.some((step) => step.stepId === stepId && 'toolId' in step && step.toolId === 'agent.run')

/** Whether a step calls a tool; the review of the result calls nothing. */
export const isToolStep = ({ steps }: Pick<JobDefinition, 'steps'>, stepId: string): boolean =>
  steps.some((step) => step.stepId === stepId && 'toolId' in step)

/** The command a job answers to: `release-notes` → `release_notes`. */
export const commandOf = (jobId: string): string => jobId.replaceAll('-', '_')
