import type { Reader } from '#db/db.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import type { JobDefinition } from '../jobs/definition.ts'
import { usableJob } from '../jobs/find.ts'
import { type PinnedWorld, pinWorld } from '../jobs/pin.ts'
import { priceKey } from '../jobs/price-key.ts'
import { canonicalJson, type Json, type JsonObject } from '../json.ts'
import { applyDefaults, checkInputs } from '../schema-check.ts'
import { singleToolJob } from './single-tool.ts'
import { type StoredRun, storedDefinition } from './stored.ts'

/** What a run goes on with after a retry: as it was pinned, or as its job and the prices are now. */
export interface Renewed {
  definition: JobDefinition
  jobVersion: number
  inputs: JsonObject
  pinned: PinnedWorld
  /** Steps that are defined differently now. */
  changed: ReadonlySet<string>
}

/** Everything as it was when the run was submitted. */
export async function asPinned(on: Reader, { definition, row, state, pins }: StoredRun): Promise<Renewed> {
  const nested = new Map<string, JobDefinition>()
  for (const [jobId, { id, version }] of Object.entries(pins.jobs)) {
    nested.set(jobId, await storedDefinition(on, id, version))
  }
  const steps = [definition, ...nested.values()].flatMap((job) => job.steps)
  const toolIds = new Set(steps.flatMap((step) => ('toolId' in step ? [step.toolId, priceKey(step.toolId)] : [])))
  const pinned = { pins, nested, toolIds }
  return { definition, jobVersion: row.job_version, inputs: state.inputs, pinned, changed: new Set() }
}

/**
 * The job as it is now. Refused (`conflict`) when it has other steps, because what was done has no place among them, and
 * (`bad_input`) when the inputs do not fit any more.
 */
export async function asNewest(
  core: Pick<Core, 'tools' | 'clock' | 'settings'>,
  on: Reader,
  actor: Actor,
  run: StoredRun,
): Promise<Renewed> {
  const { definition, version, toolOrJob } = await newestOf(core, on, actor, run)
  requireSameSteps(run, definition)
  const problems = checkInputs(definition.inputSchema, run.state.inputs)
  if (problems.length > 0) {
    const list = problems.map(({ path, message }) => `${path} ${message}`).join('; ')
    throw new AppError('bad_input', `The newest ${toolOrJob} does not take these inputs: ${list}.`, { problems })
  }
  const changed = definition.steps.filter((step, place) => isDifferent(step, run.definition.steps[place]))
  return {
    definition,
    jobVersion: version,
    inputs: applyDefaults(definition.inputSchema, run.state.inputs),
    pinned: await pinWorld(on, actor, definition, {
      nowMs: core.clock.nowMs(),
      settings: core.settings,
      inputs: run.state.inputs,
    }),
    changed: new Set(changed.map(({ stepId }) => stepId)),
  }
}

async function newestOf(
  core: Pick<Core, 'tools'>,
  on: Reader,
  actor: Actor,
  { row, definition }: StoredRun,
): Promise<{ definition: JobDefinition; version: number; toolOrJob: string }> {
  const [step] = definition.steps
  if (row.job_id === null && step && 'toolId' in step) {
    return { definition: singleToolJob(core.tools, step.toolId), version: row.job_version, toolOrJob: step.toolId }
  }
  const found = await usableJob(on, actor, row.job_key)
  if (found.row.id !== row.job_id) {
    throw new AppError('conflict', `${row.job_key} is another job now. Start it anew with /run ${row.job_key}.`)
  }
  return { definition: found.definition, version: found.row.version, toolOrJob: `version of ${row.job_key}` }
}

function requireSameSteps({ definition: before, row }: StoredRun, after: JobDefinition): void {
  const isSame =
    before.steps.length === after.steps.length &&
    before.steps.every(({ stepId, forEach }, place) => {
      const step = after.steps[place]
      return step?.stepId === stepId && (step.forEach === undefined) === (forEach === undefined)
    })
  if (isSame) return
  const message = `The newest version of ${row.job_key} has other steps, so what was done does not fit into it. Retry it from the start.`
  throw new AppError('conflict', message)
}

const isDifferent = (one: object, other: object | undefined): boolean =>
  other === undefined || canonicalJson(withoutName(one)) !== canonicalJson(withoutName(other))

// Another name on the card is no other step.
const withoutName = (step: object): Json => ({ ...step, displayName: null }) as Json
