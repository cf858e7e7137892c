import { listAgents } from '#db/agents.ts'
import type { Tx } from '#db/db.ts'
import type { TaskRow } from '#db/tasks.ts'
import type { Actor } from '../../actor.ts'
import { type Agent, agentOf } from '../../agents/agent.ts'
import { contextOf } from '../../context.ts'
import type { Core } from '../../core.ts'
import { AppError } from '../../errors.ts'
import { appendEvents } from '../../events/append.ts'
import { sha256 } from '../../ids.ts'
import { isModelThere } from '../../models/is-there.ts'
import { EXTRACT_TOOL } from '../../models/model-tools.ts'
import { once } from '../../once.ts'
import { prepareRun } from '../../runs/prepare.ts'
import { submitPrepared } from '../../runs/submit.ts'
import { giveToAgent } from '../by-agent/give.ts'
import { taskEvent, taskToChange } from '../change.ts'
import { statusWords } from '../moves.ts'
import { getTask } from '../read.ts'
import { type TaskView, taskView } from '../task.ts'
import { matchKey, matchRequest } from './key.ts'
import { ANSWER_TOKENS_MAX, matchQuestion } from './question.ts'
import { type Match, matchOf } from './rules.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'log' | 'settings' | 'outbound' | 'models'>

/** Whom a task was given to, how sure that is, why, and who says so. */
export type Matched = Match & { agentId: string; name: string; by: 'rules' | 'model' }

export type MatchAnswer = {
  task: TaskView
  /** Null while a model is asked; its run says what comes of it. */
  match: Matched | null
  runId: string | null
}

/** Rules are sure from here on, with that much before the next one. */
const SURE = 0.75
const LEAD = 0.25

/**
 * Gives a task to the agent that fits it best. Where the rules are sure, at once; where they are not, a model is asked, in a run
 * that the actor's context pays, and what comes of it is told to the actor. Refused: `conflict` for a task that somebody has,
 * where there are no agents, and where nothing says who fits and there is no model to ask.
 */
export async function matchTask(
  core: Needs,
  actor: Actor,
  { id, conversation = null }: { id: string; conversation?: string | null },
): Promise<MatchAnswer> {
  const nowMs = core.clock.nowMs()
  const task = await getTask(core, actor, id)
  const asked = { ...actor, context: task.context }
  const agents = await activeAgents(core, task)
  const sure = surest(agents, task)
  const question = sure ? undefined : await ask(core, asked, task, agents, conversation)
  return core.db.write(async function matchTask(tx) {
    const row = await taskToChange(tx, actor, id)
    return once(tx, { actor, operation: 'task.match', input: { id }, nowMs }, async (): Promise<MatchAnswer> => {
      requireFree(row)
      if (agents.length === 0) throw new AppError('conflict', 'There are no agents here. /hire hires one.')
      if (sure)
        return { task: taskView(await giveMatched(core, tx, actor, row, sure, conversation)), match: sure, runId: null }
      if (!question) throw nobodyKnows()
      const { follower } = question.prepared.how
      const { runId, replayed } = await submitPrepared(core, tx, question.actor, question.prepared, undefined, 'refuse')
      // Its answer is told anew, if it is there already.
      if (replayed && follower) await wakeMatch(core, tx, follower, row, nowMs)
      await appendEvents(tx, nowMs, [taskEvent(row, 'match_asked', actor.accountId, { runId })])
      return { task: taskView(row), match: null, runId }
    })
  })
}

/** The step of it: on record who fits and why, and given. */
export async function giveMatched(
  core: Pick<Core, 'queue' | 'clock'>,
  tx: Tx,
  actor: Pick<Actor, 'accountId' | 'channel'>,
  row: TaskRow,
  match: Matched,
  conversation: string | null,
): Promise<TaskRow> {
  const { agentId } = match
  const given = await giveToAgent(core, tx, actor, { id: row.id, agentId, channel: actor.channel, conversation })
  await appendEvents(tx, core.clock.nowMs(), [taskEvent(given, 'matched', actor.accountId, { ...match })])
  return given
}

export const isFree = ({ status, assignee, executor_tool }: TaskRow): boolean =>
  status === 'queued' && assignee === null && executor_tool === null

function requireFree(row: TaskRow): void {
  if (isFree(row)) return
  const why = row.status === 'queued' ? 'somebody has it already' : `it is ${statusWords(row.status)}`
  throw new AppError('conflict', `Nobody is looked for to do this task: ${why}.`)
}

const nobodyKnows = (): AppError =>
  new AppError(
    'conflict',
    'Nothing says which agent fits this task, and there is no model to ask. Give it to one by hand.',
  )

async function activeAgents({ db }: Pick<Core, 'db'>, { context }: TaskView): Promise<Agent[]> {
  const rows = await listAgents.all(db, { context: `${context.type}:${context.id}` })
  return rows.map(agentOf).filter(({ status }) => status === 'active')
}

function surest(agents: readonly Agent[], task: TaskView): Matched | undefined {
  const [best, next] = agents
    .map((agent) => ({ agent, match: matchOf(agent, task) }))
    .toSorted((one, other) => (other.match?.confidence ?? 0) - (one.match?.confidence ?? 0))
  if (!best?.match || best.match.confidence < SURE) return undefined
  if (best.match.confidence - (next?.match?.confidence ?? 0) < LEAD) return undefined
  return { ...best.match, agentId: best.agent.id, name: best.agent.name, by: 'rules' }
}

async function ask(core: Needs, actor: Actor, task: TaskView, agents: readonly Agent[], conversation: string | null) {
  if (agents.length === 0 || !(await isModelThere(core, actor, ANSWER_TOKENS_MAX))) return undefined
  const context = contextOf(`${task.context.type}:${task.context.id}`)
  const among = sha256(JSON.stringify(agents.map(({ id, version }) => [id, version]))).slice(0, 12)
  const requestKey = matchRequest(task.id, `${task.version}-${among}`)
  const follower = matchKey({ runKey: `${actor.accountId}/${requestKey}`, conversation })
  const asking = { ...actor, context, requestKey }
  // The mark in it is another each time; what is asked is the same.
  const inputs = matchQuestion(task, agents, core.ids.newSecret())
  const request = { target: { tool: EXTRACT_TOOL }, inputs, how: { follower } }
  return { actor: asking, prepared: await prepareRun(core, asking, request, sha256(requestKey)) }
}

const wakeMatch = ({ queue }: Pick<Core, 'queue'>, tx: Tx, key: string, { context }: TaskRow, nowMs: number) =>
  queue.enqueue(tx, { kind: 'run', key, runAtMs: nowMs, fairGroup: context })
