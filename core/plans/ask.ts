import type { PlanRow } from '#db/plans.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { estimateTokens } from '../models/tokens.ts'
import { prepareRun } from '../runs/prepare.ts'
import type { JsonSchema } from '../schema.ts'
import { ADVICE_SCHEMA } from './advice.ts'
import { cycleKey } from './cycle-key.ts'
import { startOfDay } from './knowledge.ts'
import { loosened } from './loosened.ts'
import { PLAN_SCHEMA } from './plan.ts'
import { SYSTEM } from './prompt.ts'
import type { PlanSettings } from './settings.ts'
import type { Stage, StageRun } from './stage.ts'

const EXTRACT = 'llm.extract'

const QUESTIONS: Record<Exclude<Stage, 'run'>, { schema: JsonSchema; maxTokens: number }> = {
  plan: { schema: loosened(PLAN_SCHEMA), maxTokens: 2_000 },
  repair: { schema: loosened(PLAN_SCHEMA), maxTokens: 2_000 },
  next: { schema: loosened(ADVICE_SCHEMA), maxTokens: 800 },
}

export interface Question {
  cycleId: string
  stage: Exclude<Stage, 'run'>
  prompt: string
  settings: PlanSettings
  plan: Pick<PlanRow, 'model_rests_until_ms'>
  /** Used by this cycle, and by all of today. */
  used: { cycle: number; today: number }
}

/**
 * A question to a model as a run that could be submitted; or why none is asked: it rests after failures, its tokens are used
 * up, or a run of it would be refused.
 */
export async function prepareQuestion(
  core: Pick<Core, 'db' | 'clock' | 'tools' | 'settings'>,
  actor: Actor,
  question: Question,
): Promise<{ run: StageRun } | { whyNot: string }> {
  const { cycleId, stage, prompt, settings } = question
  const whyNot = whyNoModel(question, core.clock.nowMs())
  if (whyNot !== undefined) return { whyNot }
  if (!core.tools.find(EXTRACT)) return { whyNot: 'There is no model here to ask.' }
  const { schema, maxTokens } = QUESTIONS[stage]
  const inputs: JsonObject = { prompt, system: SYSTEM, schema: schema as unknown as Json, maxTokens }
  if (settings.model !== null) inputs.model = settings.model
  try {
    const how = { follower: cycleKey(cycleId) }
    return { run: { stage, prepared: await prepareRun(core, actor, { target: { tool: EXTRACT }, inputs, how }) } }
  } catch (error) {
    if (error instanceof AppError) return { whyNot: `No model could be asked: ${error.message}` }
    throw error
  }
}

function whyNoModel({ stage, prompt, settings, plan, used }: Question, nowMs: number): string | undefined {
  if (plan.model_rests_until_ms > nowMs) {
    return `No model was asked: it failed lately and is left alone until ${new Date(plan.model_rests_until_ms).toISOString()}.`
  }
  const { schema, maxTokens } = QUESTIONS[stage]
  const needed = estimateTokens(SYSTEM) + estimateTokens(prompt) + estimateTokens(JSON.stringify(schema)) + maxTokens
  const { tokensPerCycle, tokensPerDay } = settings
  if (tokensPerCycle !== null && used.cycle + needed > tokensPerCycle) {
    return `No model was asked: this may take ${needed} tokens, and of the ${tokensPerCycle} of a cycle ${used.cycle} are used.`
  }
  if (tokensPerDay === null || used.today + needed <= tokensPerDay) return undefined
  const again = new Date(startOfDay(nowMs) + 86_400_000).toISOString()
  return `No model was asked: this may take ${needed} tokens, and of the ${tokensPerDay} of a day ${used.today} are used. That begins anew at ${again}.`
}

/** What a run of a question has brought. */
export interface Answered {
  /** Undefined where no answer came. */
  value: Json | undefined
  why: string
  tokens: number
  isMock: boolean
}

export function answerOf(run: {
  status: string
  inputs_json: string
  outputs_json: string | null
  error_json: string | null
}): Answered {
  const outputs = JSON.parse(run.outputs_json ?? '{}') as JsonObject
  const isMock = outputs.mock === true
  if (run.status === 'succeeded' && outputs.value !== undefined) {
    return { value: outputs.value, why: '', tokens: tokensOf(outputs.usage) ?? guessOf(run), isMock }
  }
  const error = JSON.parse(run.error_json ?? 'null') as { message?: string } | null
  // It may have been asked, and nobody says what that took.
  return {
    value: undefined,
    why: error?.message ?? `its run ended as ${run.status}`,
    tokens: tokensOf(outputs.usage) ?? guessOf(run),
    isMock,
  }
}

function tokensOf(usage: Json | undefined): number | undefined {
  if (!isJsonObject(usage)) return undefined
  const { inputTokens, outputTokens } = usage
  if (typeof inputTokens !== 'number' || typeof outputTokens !== 'number') return undefined
  const sum = inputTokens + outputTokens
  return Number.isFinite(sum) && sum >= 0 ? Math.ceil(sum) : undefined
}

const guessOf = ({ inputs_json }: { inputs_json: string }): number => estimateTokens(inputs_json)
