import { findAgent, updateAgent } from '#db/agents.ts'
import type { Tx } from '#db/db.ts'
import { listWorkOfAgent } from '#db/task-work.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError, notFound } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { Json } from '../json.ts'
import { once } from '../once.ts'
import { wakeTask } from '../tasks/by-agent/key.ts'
import { namesEtag } from '../tasks/task.ts'
import { requireContext } from '../teams/standing.ts'
import { type Agent, agentIn, agentOf } from './agent.ts'
import { requireName, taken } from './hire.ts'
import { changedProfile, type ProfileChange } from './profile.ts'
import { type AgentView, agentView } from './view.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'queue'>

/**
 * Changes what is said of an agent; what is left out stays. Work that runs already goes on as it began. Refused:
 * `precondition_required` without an ETag, `precondition_failed` when somebody was faster, `conflict` for a name that is taken.
 */
export function changeAgent(
  core: Needs,
  actor: Actor,
  {
    id,
    ifMatch,
    name,
    profile,
  }: { id: string; ifMatch: string | undefined; name?: string | undefined; profile?: ProfileChange | undefined },
): Promise<AgentView> {
  if (name !== undefined) requireName(name)
  return change(
    core,
    actor,
    {
      id,
      what: 'changed',
      input: { name: name ?? null, profile: profile ?? null, ifMatch: ifMatch ?? null } as unknown as Json,
    },
    (agent) => {
      if (ifMatch === undefined)
        throw new AppError('precondition_required', 'Say in If-Match which version you have read: its ETag.')
      const { etag } = agentView(agent)
      if (!namesEtag(ifMatch, etag)) throw stale(etag)
      return { ...agent, name: name?.trim() ?? agent.name, profile: changedProfile(agent.profile, profile ?? {}) }
    },
  )
}

/** Takes nothing up until it is resumed; what it is at goes on. A second time nothing changes. */
export const pauseAgent = (core: Needs, actor: Actor, id: string): Promise<AgentView> =>
  setStatus(core, actor, id, 'paused')

/** Takes up what waits for it. A retired one comes back so. */
export const resumeAgent = (core: Needs, actor: Actor, id: string): Promise<AgentView> =>
  setStatus(core, actor, id, 'active')

/** Takes nothing up any more. What it did, and its name, stay on record. */
export const retireAgent = (core: Needs, actor: Actor, id: string): Promise<AgentView> =>
  setStatus(core, actor, id, 'retired')

const setStatus = (core: Needs, actor: Actor, id: string, status: Agent['status']): Promise<AgentView> =>
  change(core, actor, { id, what: status === 'active' ? 'resumed' : status, input: {} }, (agent) => ({
    ...agent,
    status,
  }))

async function change(
  core: Needs,
  actor: Actor,
  { id, what, input }: { id: string; what: string; input: Json },
  make: (agent: Agent) => Agent,
): Promise<AgentView> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function changeAgent(tx) {
    await requireContext(tx, actor, actor.context, 'hire')
    const agent = await agentIn(tx, contextKey(actor.context), id)
    if (!agent) throw notFound('such agent')
    return once(tx, { actor, operation: `agent.${what}`, input: { id, input }, nowMs }, async () => {
      const next = make(agent)
      if (JSON.stringify(next) === JSON.stringify(agent)) return agentView(agent)
      if (next.name !== agent.name) await requireFree(tx, next)
      const { version, name, status } = next
      const written = await updateAgent.run(tx, {
        id: agent.id,
        version,
        name,
        status,
        profileJson: JSON.stringify(next.profile),
      })
      if (written === 0) throw stale(agentView(agent).etag)
      await appendEvents(tx, nowMs, [
        { type: `agent.${what}`, actor: actor.accountId, context: agent.context, subject: agent.id, details: { name } },
      ])
      await wakeItsTasks(core, tx, agent, nowMs)
      return agentView({ ...next, version: version + 1 })
    })
  })
}

async function requireFree(tx: Tx, { context, name, id }: Agent): Promise<void> {
  const other = await findAgent.first(tx, { context, id: name })
  if (other && agentOf(other).id !== id) throw taken(name)
}

/** It may take up now what it could not before, or must leave what it could. */
async function wakeItsTasks(core: Needs, tx: Tx, { id, context }: Agent, nowMs: number): Promise<void> {
  for (const { id: taskId, status } of await listWorkOfAgent.all(tx, { agentId: id, limit: 500 })) {
    if (status === 'done' || status === 'abandoned') continue
    await wakeTask(core, tx, { id: taskId, context }, nowMs)
  }
}

const stale = (etag: string): AppError =>
  new AppError('precondition_failed', 'Somebody changed this agent since you read it. Read it again first.', {
    facts: { etag },
  })
