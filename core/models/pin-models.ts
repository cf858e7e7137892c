import type { Reader } from '#db/db.ts'
import { agentIn } from '../agents/agent.ts'
import type { ContextKey } from '../context.ts'
import { AppError } from '../errors.ts'
import type { JobDefinition, StepDefinition } from '../jobs/definition.ts'
import type { JsonObject } from '../json.ts'
import { chooseModel } from '../policy/choose.ts'
import type { Settings } from '../settings.ts'
import { boundsOf } from './bounds.ts'
import { type KnownInputs, knownOf, OPEN, valuesOf } from './known-inputs.ts'
import { EFFORTS, type Effort } from './model.ts'
import { isModelTool } from './model-tools.ts'
import { type ModelPins, modelKey } from './pins.ts'

export interface PinningModels {
  on: Reader
  settings: Settings
  context: ContextKey
  /** Who spends, and the job that the run is of: whose budgets count. */
  accountId: string
  ofJobId: string
  nowMs: number
  /** Inputs saved for each tool. */
  defaults: Record<string, JsonObject>
}

const AGENT_TOOL = 'agent.run'

/** Whether a step asks a model itself. */
export const asksModel = (step: StepDefinition): step is Extract<StepDefinition, { toolId: string }> =>
  'toolId' in step && (isModelTool(step.toolId) || step.toolId === AGENT_TOOL)

/**
 * Chooses a model for each step of a definition that asks one, from as much as is known before its run begins: `inputs` are
 * those of the run, and what it hands down to a nested one. Refused with what policy says (`policy_refused`, `price_unknown`,
 * `limit_reached`).
 */
export async function pinModels(
  at: PinningModels,
  job: JobDefinition,
  inputs: Pick<KnownInputs, 'get'>,
): Promise<ModelPins> {
  const pins: ModelPins = {}
  for (const step of job.steps) {
    if (!asksModel(step)) continue
    const known = knownOf(step, inputs)
    const given = { ...at.defaults[step.toolId], ...valuesOf(known) }
    // A saved name is none of whom the run will name.
    const name = known.get('agent') === OPEN ? undefined : given.agent
    const agent = typeof name === 'string' ? await agentIn(at.on, at.context, name) : undefined
    const asked = askedIn(given, agent?.profile.model ?? undefined)
    const chosen = await chooseModel(at.on, {
      context: at.context,
      jobId: job.jobId,
      agentId: agent?.id ?? null,
      toolId: step.toolId,
      asked,
      nowMs: at.nowMs,
      settings: at.settings,
      accountId: at.accountId,
      ofJobId: at.ofJobId,
    })
    if ('refused' in chosen) throw new AppError(chosen.refused.code, chosen.refused.message)
    const { choice, explain, standing = 'fine' } = chosen
    pins[modelKey(job.jobId, step.stepId)] = {
      choice,
      asked: asked.model ?? null,
      explain,
      agentId: agent?.id ?? null,
      standing,
      ...boundsOf(step.toolId, given, choice),
    }
  }
  return pins
}

function askedIn(
  { model, effort, maxTokens }: JsonObject,
  ofAgent: string | undefined,
): { model?: string; effort?: Effort; maxTokens?: number } {
  const name = typeof model === 'string' && model !== '' ? model : ofAgent
  const known = EFFORTS.find((one) => one === effort)
  return {
    ...(name === undefined ? {} : { model: name }),
    ...(known === undefined ? {} : { effort: known }),
    ...(typeof maxTokens === 'number' ? { maxTokens } : {}),
  }
}
