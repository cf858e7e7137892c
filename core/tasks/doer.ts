import type { Reader } from '#db/db.ts'
import { may } from '../access.ts'
import { accountByHandle, accountById } from '../accounts/account.ts'
import type { Actor } from '../actor.ts'
import { agentIn } from '../agents/agent.ts'
import { type ContextKey, contextKey, contextOf } from '../context.ts'
import { notFound } from '../errors.ts'
import { requireReader } from '../runs/reader.ts'
import { standingIn } from '../teams/standing.ts'
import { isAgentId } from './by-agent/key.ts'

/** Whether somebody can have a task of that board: who works there, or an agent that is not retired. */
export async function isWorker(on: Reader, key: ContextKey, id: string): Promise<boolean> {
  if (isAgentId(id)) {
    const agent = await agentIn(on, key, id)
    return agent !== undefined && agent.status !== 'retired'
  }
  const context = contextOf(key)
  const account = await accountById(on, id)
  if (!account || account.isDisabled) return false
  if (context.type === 'user') return context.id === id
  const standing = await standingIn(on, id, context.id)
  return standing !== undefined && may(standing, 'work')
}

/** Who is meant by the name of an agent or the handle of a person on the actor's board; `not_found` for all others alike. */
export async function doerMeant(on: Reader, actor: Actor, name: string): Promise<string> {
  await requireReader(on, actor, actor.context, 'such context')
  const key = contextKey(actor.context)
  const word = name.trim()
  const agent = word.startsWith('@') ? undefined : await agentIn(on, key, word)
  if (agent) return agent.id
  const person = await accountByHandle(on, word)
  if (person && (await isWorker(on, key, person.id))) return person.id
  throw notFound(`agent or person called ${word}`)
}
