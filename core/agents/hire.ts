import { countAgents, findAgent, insertAgent } from '#db/agents.ts'
import type { Tx } from '#db/db.ts'
import type { Actor } from '../actor.ts'
import type { ChannelName } from '../chat/message.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { Json } from '../json.ts'
import { once } from '../once.ts'
import { giveToAgent } from '../tasks/by-agent/give.ts'
import { putTask } from '../tasks/create.ts'
import { requireContext } from '../teams/standing.ts'
import { type AgentRole, agentOf } from './agent.ts'
import { changedProfile, type ProfileChange } from './profile.ts'
import { profileOf, ROLES } from './roles.ts'
import { type AgentView, agentView } from './view.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

/** Above any plan; what keeps a mistake small. */
const AGENTS_MOST = 100
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,39}$/u

export interface Hiring {
  role: AgentRole
  /** Without one it is called after its role. */
  name?: string | undefined
  profile?: ProfileChange | undefined
  /** Where the card of its welcome task is shown. */
  conversation?: string | undefined
}

/**
 * Hires an agent into the actor's context and gives it a task to begin with, all at once or not at all. The same request key
 * again gives the same agent. Refused: `forbidden` for who may not hire there, `conflict` for a name that is taken,
 * `bad_input` for a profile that cannot be.
 */
export async function hireAgent(core: Needs, actor: Actor, hiring: Hiring): Promise<AgentView> {
  const nowMs = core.clock.nowMs()
  const { role, name, profile = {}, conversation } = hiring
  if (name !== undefined) requireName(name)
  const input = JSON.parse(JSON.stringify({ role, name: name ?? null, profile })) as Json
  return core.db.write(async function hireAgent(tx) {
    await requireContext(tx, actor, actor.context, 'hire')
    return once(tx, { actor, operation: 'agent.hire', input, nowMs }, async () => {
      const context = contextKey(actor.context)
      const count = Number((await countAgents.first(tx, { context }))?.count ?? 0)
      if (count >= AGENTS_MOST) throw new AppError('conflict', `${AGENTS_MOST} agents is the most. Retire one first.`)
      const row = {
        id: core.ids.newId('agent'),
        context,
        name: name?.trim() ?? (await freeName(tx, context, ROLES[role].title.split(' ')[0] ?? role)),
        role,
        status: 'active',
        profile_json: JSON.stringify(changedProfile(profileOf(role), profile)),
        version: 1,
        hired_by: actor.accountId,
        hired_at_ms: nowMs,
        seen_at_ms: null,
      } as const
      if ((await insertAgent.run(tx, row)) === 0) throw taken(row.name)
      const agent = agentOf(row)
      await appendEvents(tx, nowMs, [
        { type: 'agent.hired', actor: actor.accountId, context, subject: row.id, details: { name: row.name, role } },
      ])
      const task = await putTask(core, tx, actor, { title: ROLES[role].welcome, labels: ['welcome'] }, nowMs)
      await giveToAgent(core, tx, actor, { id: task.id, agentId: row.id, ...place(actor, conversation) })
      return agentView(agent)
    })
  })
}

export const place = ({ channel }: Actor, conversation: string | undefined) => ({
  channel: channel as ChannelName,
  conversation: conversation ?? null,
})

/** Agents are spoken of by name: it must not look like an id, nor like a command. */
export function requireName(name: string): void {
  if (NAME.test(name.trim()) && !name.startsWith('agent_')) return
  const message = 'begins with a letter or digit and has 40 letters, digits, spaces, dots, hyphens at most'
  throw new AppError('bad_input', `The name of an agent ${message}.`, { problems: [{ path: 'name', message }] })
}

export const taken = (name: string): AppError =>
  new AppError('conflict', `There is an agent called ${name} here already. Give this one another name.`)

async function freeName(tx: Tx, context: string, wish: string): Promise<string> {
  for (let number = 1; number <= AGENTS_MOST; number++) {
    const name = number === 1 ? wish : `${wish} ${number}`
    if (!(await findAgent.first(tx, { context, id: name }))) return name
  }
  throw taken(wish)
}
