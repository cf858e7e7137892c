import type { Tx } from '#db/db.ts'
import { findTaskWork, putTaskWork } from '#db/task-work.ts'
import { nextTask, type TaskRow } from '#db/tasks.ts'
import type { Actor } from '../../actor.ts'
import { agentIn } from '../../agents/agent.ts'
import type { ChannelName } from '../../chat/message.ts'
import { contextKey, contextOf } from '../../context.ts'
import type { Core } from '../../core.ts'
import { AppError, notFound } from '../../errors.ts'
import { appendEvents } from '../../events/append.ts'
import { once } from '../../once.ts'
import { requireContext } from '../../teams/standing.ts'
import { saveTask, taskEvent, taskToChange } from '../change.ts'
import { statusWords } from '../moves.ts'
import { type TaskView, taskView } from '../task.ts'
import { isAgentId, wakeTask } from './key.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'queue'>

interface Place {
  channel: ChannelName
  /** Where its card is shown; null for what only the API looks at. */
  conversation: string | null
}

/**
 * Gives a task to an agent, which takes it up in the name of the actor, who pays in its context. Given to the same agent
 * again nothing changes. Refused: `forbidden` for who may not spend there, `conflict` for a task that somebody else has in hand.
 */
export async function giveTask(
  core: Needs,
  actor: Actor,
  { id, agent: idOrName, conversation }: { id: string; agent: string; conversation?: string | undefined },
): Promise<TaskView> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function giveTask(tx) {
    const row = await taskToChange(tx, actor, id)
    return once(tx, { actor, operation: 'task.give', input: { id, agent: idOrName }, nowMs }, async () => {
      const agent = await agentIn(tx, row.context, idOrName)
      if (!agent) throw notFound('such agent')
      const given = { id, agentId: agent.id, channel: actor.channel, conversation: conversation ?? null }
      return taskView(await giveToAgent(core, tx, actor, given))
    })
  })
}

/** The most urgent task that can be begun, for an agent that has nothing to do. `not_found` when there is none. */
export async function claimForAgent(
  core: Needs,
  actor: Actor,
  { agent: idOrName, conversation }: { agent: string; conversation?: string | undefined },
): Promise<TaskView> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function claimForAgent(tx) {
    await requireContext(tx, actor, actor.context, 'work')
    return once(tx, { actor, operation: 'task.claim_for', input: { agent: idOrName }, nowMs }, async () => {
      const context = contextKey(actor.context)
      const agent = await agentIn(tx, context, idOrName)
      if (!agent) throw notFound('such agent')
      const row = await nextTask(tx, { context, assignee: agent.id, nowMs })
      if (!row) throw new AppError('not_found', 'Nothing on this board can be begun.')
      const given = { id: row.id, agentId: agent.id, channel: actor.channel, conversation: conversation ?? null }
      return taskView(await giveToAgent(core, tx, actor, given))
    })
  })
}

/** The step of it. `had` is who had the task, where its row names the agent already. */
export async function giveToAgent(
  core: Pick<Core, 'queue' | 'clock'>,
  tx: Tx,
  actor: Pick<Actor, 'accountId'>,
  { id, agentId, channel, conversation, had }: { id: string; agentId: string; had?: string | null } & Place,
): Promise<TaskRow> {
  const nowMs = core.clock.nowMs()
  const row = await taskToChange(tx, actor as Actor, id)
  await requireContext(tx, actor, contextOf(row.context), 'run')
  const agent = await agentIn(tx, row.context, agentId)
  if (!agent) throw notFound('such agent')
  if (agent.status === 'retired') throw new AppError('conflict', `${agent.name} is retired. Resume it first.`)
  if (!mayHandOver(row, actor) && !mayTake(row, agentId)) throw inHand(row)
  const before = await findTaskWork.first(tx, { taskId: id })
  const isSame = before?.agent_id === agentId && (had === undefined ? row.assignee : had) === agentId
  if (isSame && before.conversation === conversation) return row
  await putTaskWork.run(tx, {
    task_id: id,
    agent_id: agentId,
    account_id: actor.accountId,
    channel,
    conversation,
    phase: 'work',
    round: before?.round ?? 0,
    run_id: null,
    comment: before?.comment ?? null,
    verdicts_json: '[]',
    effects_json: before?.effects_json ?? '[]',
    cost_micros: before?.cost_micros ?? 0n,
    error: null,
  })
  const saved = await saveTask(tx, { ...row, assignee: agentId, updated_at_ms: nowMs })
  await appendEvents(tx, nowMs, [taskEvent(saved, 'given', actor.accountId, { agent: agentId, name: agent.name })])
  await wakeTask(core, tx, saved, nowMs)
  return saved
}

const GIVEABLE: readonly TaskRow['status'][] = ['queued', 'changes_requested', 'blocked', 'failed']

const mayTake = ({ status, assignee }: TaskRow, agentId: string): boolean =>
  GIVEABLE.includes(status) && (status === 'queued' || assignee === agentId || assignee === null)

/** What somebody has in hand is theirs to hand over. */
export const mayHandOver = (
  { status, assignee }: Pick<TaskRow, 'status' | 'assignee'>,
  { accountId }: Pick<Actor, 'accountId'>,
): boolean => assignee === accountId && (GIVEABLE.includes(status) || status === 'claimed' || status === 'in_progress')

const inHand = ({ status }: TaskRow): AppError =>
  new AppError('conflict', `This task is ${statusWords(status)}; it cannot be given to another now.`)

/**
 * What follows when a task has got another assignee, or none: an agent takes it up, and the one that had it before leaves it.
 * Gives the row as it is then.
 */
export async function passOn(
  core: Pick<Core, 'queue' | 'clock'>,
  tx: Tx,
  actor: Actor,
  row: TaskRow,
  { before, conversation }: { before?: TaskRow; conversation?: string | undefined } = {},
): Promise<TaskRow> {
  if (before && isAgentId(before.assignee)) await wakeTask(core, tx, row, core.clock.nowMs())
  const { id, assignee: agentId } = row
  if (!isAgentId(agentId) || before?.assignee === agentId) return row
  return giveToAgent(core, tx, actor, {
    id,
    agentId,
    channel: actor.channel,
    conversation: conversation ?? null,
    had: before?.assignee ?? null,
  })
}
