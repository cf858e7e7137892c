import { type Agent, agentIn } from '../../agents/agent.ts'
import { effectOfCall } from '../../agents/run/effect.ts'
import { definitionHashOf } from '../../agents/run/hashes.ts'
import { type Offers, offersFor } from '../../agents/run/offers.ts'
import { contextKey } from '../../context.ts'
import { AGENT_TOOL } from '../../jobs/price-key.ts'
import { MEMORY_TOOL } from '../../sending/order.ts'
import type { Effect } from './effects.ts'
import { type AgentTask, giverOf, type Needs } from './world.ts'

type Needed = Pick<Needs, 'db' | 'tools'>
type Verdict = Pick<Effect, 'reason' | 'definitionHash'>

/**
 * The side effects with what is to be said of each at this moment: why it is not to be done, or what its tool is. What is done
 * stays as it is.
 */
export async function judgedEffects(core: Needed, task: AgentTask, effects: readonly Effect[]): Promise<Effect[]> {
  if (effects.every(({ status }) => status === 'done')) return [...effects]
  const judge = await judgeFor(core, task)
  const judged: Effect[] = []
  for (const effect of effects) {
    if (effect.status === 'done') judged.push(effect)
    else {
      const verdict = await judge(effect)
      judged.push({ ...effect, ...verdict, status: verdict.reason === null ? 'open' : 'refused' })
    }
  }
  return judged
}

/** Why something that was approved is not done after all; undefined when it is still what was approved. */
export async function whyNotNow(core: Needed, task: AgentTask, effect: Effect): Promise<string | undefined> {
  const { reason, definitionHash } = await (await judgeFor(core, task))(effect)
  if (reason !== null) return reason
  return definitionHash === effect.definitionHash ? undefined : `${effect.toolId} was changed since this was approved.`
}

async function judgeFor(core: Needed, task: AgentTask): Promise<(effect: Effect) => Promise<Verdict>> {
  const payer = await giverOf(core, task, '')
  const agent = await agentIn(core.db, task.row.context, task.work.agent_id)
  if (!agent) return async () => refused('Its agent is not there any more.')
  const offers = await offersFor(core, payer, agent.profile)
  return async ({ toolId, input }) => {
    const why = whyNot(core, { agent, offers }, toolId, input)
    const offer = offers.list.find((one) => one.toolId === toolId)
    if (why !== null || !offer) return refused(why ?? 'There is no such tool here.')
    const context = contextKey(payer.context)
    return { reason: null, definitionHash: await definitionHashOf(core.db, context, offer, input, offers) }
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
