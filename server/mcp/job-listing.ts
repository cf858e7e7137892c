import type { Core } from '#core/core.ts'
import { cut } from '#core/cut.ts'
import type { JobDefinition } from '#core/jobs/definition.ts'
import type { JobView } from '#core/jobs/read.ts'
import { outputsOf } from '#core/jobs/types.ts'
import { RUN_MOVES } from '#core/runs/states.ts'
import type { JsonSchema } from '#core/schema.ts'
import type { Place } from './contexts.ts'
import type { ToolListing } from './tool.ts'
import { WAIT_MOST_S } from './tools/runs.ts'

/** What a call of a job takes beside the job's own inputs. */
export type Control = 'idempotencyKey' | 'confirmUpToUsd' | 'waitSeconds' | 'context'

/** So long a call waits for the end of its run, unless it says otherwise. */
export const WAIT_USUAL_S = 20

const CONTROLS: Record<Control, object> = {
  idempotencyKey: {
    type: 'string',
    description:
      'The same key with the same inputs starts one run, however often it comes. Give one to try again safely.',
  },
  confirmUpToUsd: {
    type: 'string',
    description: 'The most that a person has agreed to pay, in dollars as text ("0.50"). Needed for what is expensive.',
  },
  waitSeconds: {
    type: 'integer',
    minimum: 0,
    maximum: WAIT_MOST_S,
    description: `How long to wait for the end of the run; ${WAIT_USUAL_S} when left out. After that the run goes on, and runs.get follows it.`,
  },
  context: {
    type: 'string',
    description: 'Who pays: personal, team/<id> or user/<id>; see contexts.list.',
  },
}

/** What each is called: its own name, with `_` before it as long as the job has an input of that name. */
export function controlNames({ properties = {} }: JsonSchema): Record<Control, string> {
  const free = (name: string): string => (Object.hasOwn(properties, name) ? free(`_${name}`) : name)
  return Object.fromEntries(Object.keys(CONTROLS).map((name) => [name, free(name)])) as Record<Control, string>
}

/**
 * A job as a tool. Its inputs are those of the job as they stand; what its author wrote is told as their words, after
 * ours. `hasContext` where the call may say who pays.
 */
export function jobListing(
  core: Pick<Core, 'tools'>,
  { jobId, displayName, description, definition }: JobView,
  { name = jobId, place, hasContext }: { name?: string; place: Place; hasContext: boolean },
): ToolListing {
  const names = controlNames(definition.inputSchema)
  const controls = Object.entries(CONTROLS).filter(([control]) => hasContext || control !== 'context')
  const properties = Object.fromEntries(controls.map(([control, schema]) => [names[control as Control], schema]))
  const title = hasContext ? displayName : `${displayName} (${place.label})`
  return {
    name,
    title: shown(title, TITLE_MAX),
    description: `Runs the job ${jobId}; ${hasContext ? 'who it is run for' : place.label} pays. Its author says of it: “${shown(description, DESCRIPTION_MAX)}”`,
    inputSchema: {
      ...definition.inputSchema,
      type: 'object',
      properties: { ...definition.inputSchema.properties, ...properties },
    },
    outputSchema: outputSchemaOf(core, definition),
    annotations: { ...hintsOf(core, definition), readOnlyHint: false, idempotentHint: false },
  }
}

const TITLE_MAX = 100
const DESCRIPTION_MAX = 1_000

/** Words of others on one line, without what hides or turns text round. */
const shown = (text: string, unitsMax: number): string =>
  cut(text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim(), unitsMax)

/** What is not known to be harmless is not: a nested job, a tool of somebody's own. */
function hintsOf({ tools }: Pick<Core, 'tools'>, { steps }: JobDefinition) {
  const effects = steps.map((step) => {
    if ('toolId' in step) return tools.find(step.toolId)?.sideEffect ?? 'write'
    return 'jobId' in step ? 'write' : 'none'
  })
  return {
    destructiveHint: effects.some((effect) => effect === 'write' || effect === 'spend'),
    openWorldHint: effects.some((effect) => effect !== 'none'),
  }
}

/** Of what a call answers with; see run-answer.ts. An output that grew too large stands as a file. */
function outputSchemaOf(
  { tools }: Pick<Core, 'tools'>,
  definition: JobDefinition,
): NonNullable<ToolListing['outputSchema']> {
  const world = { tool: (toolId: string) => tools.find(toolId), job: () => undefined }
  const outputs = Object.entries(outputsOf(definition, world)).map(([name, schema]) => [
    name,
    { anyOf: [schema, FILE, { type: 'null' }] },
  ])
  return {
    type: 'object',
    required: ['id', 'status', 'outputs', 'costUsd', 'maxUsd', 'paidBy', 'next', 'idempotencyKey'],
    properties: {
      id: { type: 'string', description: 'Of the run, for runs.get.' },
      status: { enum: Object.keys(RUN_MOVES) },
      outputs: { type: ['object', 'null'], properties: Object.fromEntries(outputs) },
      costUsd: { type: 'string' },
      maxUsd: { type: 'string', description: 'Held until the run has ended.' },
      paidBy: { type: 'string' },
      next: { type: ['string', 'null'], description: 'What to do to see how it ends; null when it has ended.' },
      idempotencyKey: { type: 'string', description: 'With this the same call again answers with the same run.' },
    },
  }
}

const FILE = {
  type: 'object',
  required: ['artifactId'],
  properties: { artifactId: { type: 'string' } },
}
