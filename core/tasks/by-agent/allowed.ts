import type { Actor } from '../../actor.ts'
import { type Agent, agentIn } from '../../agents/agent.ts'
import { effectOfCall } from '../../agents/run/effect.ts'
import { definitionHashOf } from '../../agents/run/hashes.ts'
import type { Offers } from '../../agents/run/offer.ts'
import { offersFor } from '../../agents/run/offers.ts'
import { type SavedInputs, savedFor } from '../../agents/run/saved.ts'
import { contextKey } from '../../context.ts'
import { AGENT_TOOL } from '../../jobs/price-key.ts'
import { MEMORY_TOOL } from '../../sending/order.ts'
import { savedDefaults } from '../../tools/defaults.ts'
import type { Effect } from './effects.ts'
import { type AgentTask, giverOf, type Needs } from './world.ts'

type Needed = Pick<Needs, 'db' | 'tools'>
type Verdict = Pick<Effect, 'reason' | 'definitionHash' | 'saved'>

/**
 * The side effects with what is to be said of each at this moment: why it is not to be done, or what its tool is and what is
 * saved for it. What is done stays as it is.
 */
export async function judgedEffects(core: Needed, task: AgentTask, effects: readonly Effect[]): Promise<Effect[]> {
  if (effects.every(({ status }) => status === 'done')) return [...effects]
  const payer = await giverOf(core, task, '')
  const saved = await savedDefaults(core.db, contextKey(payer.context), payer.accountId)
  const judge = await judgeFor(core, task, payer)
  const judged: Effect[] = []
  for (const effect of effects) {
    if (effect.status === 'done') judged.push(effect)
    else {
      const verdict = await judge(effect, saved)
      judged.push({ ...effect, ...verdict, status: verdict.reason === null ? 'open' : 'refused' })
    }
  }
  return judged
}

/** Why something that was approved is not done after all; undefined when it is still what was approved. */
export async function whyNotNow(core: Needed, task: AgentTask, effect: Effect): Promise<string | undefined> {
  const { reason, definitionHash } = await (await judgeFor(core, task, await giverOf(core, task, '')))(
    effect,
    effect.saved ?? {},
  )
  if (reason !== null) return reason
  return definitionHash === effect.definitionHash ? undefined : `${effect.toolId} was changed since this was approved.`
}

async function judgeFor(
  core: Needed,
  task: AgentTask,
  payer: Actor,
): Promise<(effect: Effect, saved: SavedInputs) => Promise<Verdict>> {
  const agent = await agentIn(core.db, task.row.context, task.work.agent_id)
  if (!agent) return async () => refused('Its agent is not there any more.')
  const offers = await offersFor(core, payer, agent.profile)
  return async ({ toolId, input }, saved) => {
    const complete = { ...saved[toolId], ...input }
    const why = whyNot(core, { agent, offers }, toolId, complete)
    const offer = offers.list.find((one) => one.toolId === toolId)
    if (why !== null || !offer) return refused(why ?? 'There is no such tool here.')
    const context = contextKey(payer.context)
    const definitionHash = await definitionHashOf(core.db, context, offer, complete, offers)
    return { reason: null, definitionHash, saved: savedFor(offer, saved, input) }
  }
}

const refused = (reason: string): Verdict => ({ reason, definitionHash: null })

function whyNot(
  { tools }: Pick<Needed, 'tools'>,
  { agent: { name, profile }, offers }: { agent: Agent; offers: Offers },
  toolId: string,
  input: Effect['input'],
): string | null {
  const offer = offers.list.find((one) => one.toolId === toolId)
  if (toolId === AGENT_TOOL) return 'What another agent would do cannot be approved beforehand.'
  if (toolId === MEMORY_TOOL) return 'What is remembered is kept while it works, and not afterwards.'
  if (!offer) return tools.find(toolId) ? `${name} may not use this tool.` : 'There is no such tool here.'
  const effect = effectOfCall(offer, input, offers.endpoints)
  const isNever = effect !== 'none' && profile.permissions[effect] === 'never'
  return isNever ? `${name} may never use tools that ${effect}.` : null
}
