import type { Claim } from '#db/queue/queue.ts'
import type { Core } from '../core.ts'
import type { JsonObject } from '../json.ts'
import type { StepWork } from '../runs/decide.ts'
import type { StoredRun } from '../runs/stored.ts'
import type { Supply } from '../tools/supply.ts'
import { ToolError } from '../tools/tool.ts'
import { modelKey } from './pins.ts'
import { boundOfStep } from './step-bound.ts'
import { stepModels } from './step-models.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'settings' | 'outbound' | 'models'>

/** For a tool that asks a model: the model that was chosen for the step, within what is held for it. */
export async function supplyModels(
  core: Needs,
  run: StoredRun,
  work: StepWork & { kind: 'tool' },
  input: JsonObject,
  claim: Claim,
): Promise<Supply> {
  const pin = run.pins.models?.[modelKey(run.definition.jobId, work.stepId)]
  const models = stepModels(core, run, work, { claim, leftMicros: boundOfStep(run, work) })
  if (!pin || !models) throw new ToolError('refused', 'No model was chosen for this step when its run was submitted.')
  const { model } = input
  // What could not be known then was not chosen, priced and allowed.
  if (typeof model === 'string' && model !== '' && model !== pin.asked && model !== pin.choice.model) {
    throw new ToolError('refused', `Which model is asked must be known when a run is submitted, and ${model} was not.`)
  }
  return { input, context: { outbound: core.outbound, models } }
}
