import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { chooseModel } from '../policy/choose.ts'
import { EXTRACT_TOOL } from './model-tools.ts'

/**
 * Whether there is a model that the actor's context may ask for an answer of a given shape. The mock understands nobody: it
 * counts only where the operator of a test says so.
 */
export async function isModelThere(
  { db, tools, settings, clock }: Pick<Core, 'db' | 'tools' | 'settings' | 'clock'>,
  actor: Pick<Actor, 'context'>,
  maxTokens: number,
): Promise<boolean> {
  if (!tools.find(EXTRACT_TOOL)) return false
  const chosen = await chooseModel(db, {
    context: contextKey(actor.context),
    jobId: null,
    agentId: null,
    toolId: EXTRACT_TOOL,
    asked: { maxTokens },
    nowMs: clock.nowMs(),
    settings,
  })
  return 'choice' in chosen && (chosen.choice.provider !== 'mock' || settings.isMockAskedForWords)
}
